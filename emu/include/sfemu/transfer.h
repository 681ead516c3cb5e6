/* SPDX-License-Identifier: MIT */
/*
 * The time of one message over TCP through an idle network, computed: why it differs from the
 * closed form.
 *
 * In the closed form each link stores the whole message, then forwards it: the sum of 8 b / C over
 * the links, b the payload's bytes. A packet network adds to that or takes from it:
 * - propagation: the links' delays, once for the message; one more round trip if a connection is
 *   made first; once from the receiver to the sender if the receiver asks for the message.
 * - pipelining (negative over several links): packets follow each other over the links. n packets
 *   of p bytes, the last of q, cross links of capacities C_i: link i finishes the k-th packet at
 *   max(end of the k-th at link i-1, end of the (k-1)-th at link i) + 8 p / C_i. The component is
 *   this time for payload alone, less the closed form's.
 * - headers: the same with frames (Ethernet, IP, TCP) and the message's head, less the time for
 *   payload alone; the request that asks for the message; and, if the narrowest link is a shared
 *   medium, the acknowledgements that return through it (one per two segments).
 *   On a medium for which stations contend each frame has a MAC header more. If it is the narrowest
 *   link, a message of n packets is a = ceil((n - 1) / frames) + 1 aggregates, and the
 *   acknowledgements of each are an aggregate of their own; all of these have a preamble, and but
 *   for the message's last an acknowledgement, DIFS and the mean backoff after them. Those of the
 *   message and of its acknowledgements collide as those of two saturated stations do, in the mean:
 *   2 (a - 1) collisions times the time of a full aggregate.
 * - TCP's start: the three small packets of a handshake, and slow start. A window of w segments, at
 *   first the initial window, takes w s / C at the narrowest link (s: bits of a frame). Its first
 *   acknowledgement arrives a round trip R after its start (R: a full frame forward and an
 *   acknowledgement back, with propagation). Until the windows cover the message, each window waits
 *   max(0, R - w s / C) for it and is doubled (Kurose and Ross, Computer Networking, "modelling
 *   latency: dynamic congestion window").
 *
 * Not included: losses, delayed acknowledgements, limits of socket buffers, other traffic (see
 * sharing.h), and acknowledgements that queue behind the data of their own message on a half-duplex
 * medium beside the receiver. Those lengthen the round trip; at 4 ms more, cubic's HyStart ends
 * slow start with a window that does not fill the path: 2.5 MB to a node behind a 300 Mb/s cell
 * over 14 ms take 70 ms more than computed here.
 */
#ifndef SFEMU_TRANSFER_H
#define SFEMU_TRANSFER_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Of a medium for which stations contend (sfemu/dcf.h). */
struct sfe_hop_contention {
	uint32_t frames;    /* full ones of an aggregate; 0: nobody contends */
	uint32_t mac_bytes; /* more of each frame */
	double preamble_s;  /* of an aggregate */
	double after_s;     /* acknowledgement, DIFS and the mean backoff after it */
	double collisions;  /* of an aggregate, if two stations contend: their mean number */
};

struct sfe_hop { /* a link of the path, in the path's direction */
	double rate_bps, delay_s;
	bool shared; /* one queue for both directions */
	struct sfe_hop_contention contention;
};

struct sfe_transfer_path {
	uint32_t n;
	const struct sfe_hop *hops;
};

struct sfe_tcp {
	uint32_t mtu, initial_window; /* bytes of an IP packet; segments */
	bool timestamps, slow_start_after_idle;
};

struct sfe_message {
	uint64_t payload_bytes;
	uint32_t head_bytes;
	uint32_t request_bytes; /* of the receiver's request for the message; 0: no request */
	bool connects;          /* a connection is made for the message */
	double window;          /* segments that the sender may have in flight at the start */
};

struct sfe_transfer_time {
	double model_s; /* the closed form */
	double propagation_s, pipelining_s, headers_s, tcp_start_s;
	/* Of these, what TCP and the links show when the message is sent: */
	double slow_start_s; /* waiting for acknowledgements */
	double opening_s;    /* from the first SYN until the connection is there */
	double in_the_way_s; /* acknowledgements before or between the packets; contention */
};

/* forward: from sender to receiver; back: the opposite direction. A path without links takes no
 * time. */
struct sfe_transfer_time sfe_transfer_time(struct sfe_transfer_path forward,
	struct sfe_transfer_path back, const struct sfe_tcp *tcp, const struct sfe_message *m);

/* All of it. */
static inline double sfe_transfer_whole_s(const struct sfe_transfer_time *t)
{
	return t->model_s + t->propagation_s + t->pipelining_s + t->headers_s + t->tcp_start_s;
}

/* The heads of a request for states and of its answer, each: what predictions assume. */
#define SFE_FETCH_HEAD_BYTES 250u

/*
 * warm=on. The segments in flight that keep the path's narrowest link busy for a round trip: with
 * such a window no message waits for acknowledgements, so that TCP's start is nothing. At most what
 * SFE_WARM_UP_MOST_BYTES are, at least the initial window, which is also given where there is no
 * path, or a link without a rate.
 */
#define SFE_WARM_UP_MOST_BYTES (16u << 20)
double sfe_transfer_full_window(
	struct sfe_transfer_path forward, struct sfe_transfer_path back, const struct sfe_tcp *tcp);
/* The payload of so many segments. */
uint64_t sfe_transfer_window_bytes(double segments, const struct sfe_tcp *tcp);

/* The bits of all frames of the message. */
double sfe_transfer_wire_bits(const struct sfe_tcp *tcp, const struct sfe_message *m);
/* The window after the message: it grows by each acknowledged segment, to at most twice what was
 * in flight. */
double sfe_transfer_window_after(const struct sfe_tcp *tcp, const struct sfe_message *m);
/* The window after idle_s without sending: halved per retransmission timeout (Linux's minimum of
 * 200 ms, plus the round trip) down to the initial window (RFC 2861), if TCP is configured so. */
double sfe_transfer_window_idle(
	const struct sfe_tcp *tcp, double window, double idle_s, double round_trip_s);

#ifdef __cplusplus
}
#endif

#endif

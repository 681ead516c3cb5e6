/* SPDX-License-Identifier: MIT */
/*
 * One message over TCP through an idle network, on paper: why it does not take the time that the
 * closed form gives it.
 *
 * The closed form lets each link store the whole message and then forward it: the sum of 8 b / C
 * over the links, b the payload's bytes. What a network of packets adds to that or takes from it:
 *
 * - propagation: the links' delays, once for the message; once more there and back where a
 *   connection is made first; once from the receiver to the sender where the message is asked for.
 * - pipelining (negative where links are several): packets follow each other over the links. n
 *   packets of p bytes, the last of q, through links of capacities C_i: link i ends with the k-th
 *   packet at max(end of the k-th at link i-1, end of the (k-1)-th at link i) + 8 p / C_i. The time
 *   of that for payload alone, less the closed form's.
 * - headers: the same with frames (Ethernet, IP, TCP) and the head of the message, less that; the
 *   request that asks for the message; and where the narrowest link is a shared medium, the
 *   acknowledgements that go back through it (one for each two segments).
 * - TCP's start: the three small packets of a handshake, and slow start. A window of w segments, at
 *   first the initial window, takes w s / C at the narrowest link (s the frame's bits); the first
 * of its acknowledgements comes a round trip R after it began (R: a full frame there and an
 *   acknowledgement back, with propagation). Until the windows cover the message, each window
 *   waits max(0, R - w s / C) for it and is doubled (Kurose and Ross, Computer Networking,
 *   "modelling latency: dynamic congestion window").
 *
 * Left out: losses, delayed acknowledgements, limits of socket buffers, everybody else's traffic
 * (see sharing.h), and acknowledgements that wait behind the data of their own message on a
 * half-duplex medium beside the receiver. The round trip is longer by that, and when it is 4 ms
 * longer cubic's HyStart ends slow start with a window that does not fill the path: 2.5 MB to a
 * node behind a 300 Mb/s cell over 14 ms take 70 ms more than is explained here.
 */
#ifndef SFEMU_TRANSFER_H
#define SFEMU_TRANSFER_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct sfe_hop { /* a link on the path, in the direction of the path */
	double rate_bps, delay_s;
	bool shared; /* one queue for both directions */
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
	uint32_t request_bytes; /* of the request that the receiver asks with; 0: it does not ask */
	bool connects;          /* the connection is made for it */
	double window;          /* segments that the sender may have in flight when it begins */
};

struct sfe_transfer_time {
	double model_s; /* the closed form */
	double propagation_s, pipelining_s, headers_s, tcp_start_s;
};

/* there: from sender to receiver; back: the other way. Paths without links take no time. */
struct sfe_transfer_time sfe_transfer_time(struct sfe_transfer_path there,
	struct sfe_transfer_path back, const struct sfe_tcp *tcp, const struct sfe_message *m);

/* The bits of the message's frames, all of them. */
double sfe_transfer_wire_bits(const struct sfe_tcp *tcp, const struct sfe_message *m);
/* The window after the message: it grows by each segment acknowledged, to at most twice what was
 * in flight. */
double sfe_transfer_window_after(const struct sfe_tcp *tcp, const struct sfe_message *m);
/* The window after idle_s without sending: halved for each retransmission timeout (Linux's least,
 * 200 ms, and the round trip) down to the initial window (RFC 2861), where TCP is set so. */
double sfe_transfer_window_idle(
	const struct sfe_tcp *tcp, double window, double idle_s, double round_trip_s);

#ifdef __cplusplus
}
#endif

#endif

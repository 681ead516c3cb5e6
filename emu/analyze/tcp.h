/* SPDX-License-Identifier: MIT */
/*
 * One direction of a TCP connection as one capture point saw it. Reassembles the stream of bytes,
 * and measures round-trip times. What each segment is, tcp_class.h says.
 *
 * The capture may show an acknowledgement before the bytes that it acknowledges. So a hole in the
 * stream is not given up when it is acknowledged: it is, as bytes that were never captured, once
 * SFE_TCP_LATE_NS have passed and SFE_TCP_LATE_PACKETS have come since. Who needs all bytes, and
 * not their times, can be patient: holes stay open to the end then. A full buffer ends a hole, too.
 */
#ifndef SFE_ANALYZE_TCP_H
#define SFE_ANALYZE_TCP_H

#include "emu/analyze/tcp_class.h"

#define SFE_TCP_MAX_PENDING 32768u              /* segments behind a hole */
#define SFE_TCP_MAX_PENDING_BYTES (64ull << 20) /* of their content, for one direction */
#define SFE_TCP_OUTSTANDING 1024u               /* segments that wait for a round-trip sample */
#define SFE_TCP_LATE_NS 1000000000u
#define SFE_TCP_LATE_PACKETS 100u /* of the connection */

struct sfe_tcp_counts {
	uint64_t packets, wire_bytes, header_bytes;
	uint64_t payload_bytes;                        /* of all segments */
	uint64_t unique_bytes;                         /* of the stream, each once */
	uint64_t classes[SFE_TCP_CLASSES];             /* segments, by the class's bit number */
	uint64_t retransmissions, retransmitted_bytes; /* of all three kinds */
	uint64_t missing_bytes;                        /* acknowledged and never captured */
	uint64_t first_ns, last_ns; /* the earliest and the latest of its packets */
	/* From a segment at this point to its acknowledgement at this point. */
	uint64_t rtt_n, rtt_min_ns, rtt_max_ns;
	double rtt_sum_ns;
};

/* The receiver of the stream. */
struct sfe_tcp_sink {
	/*
	 * The next n bytes. data is NULL if there is no content: the packet was captured short, the
	 * content is not needed (skips), or the bytes were never captured (missing).
	 */
	void (*bytes)(void *arg, const uint8_t *data, uint64_t n, bool missing, uint64_t time_ns);
	/* How many of the next bytes need no content. */
	uint64_t (*skips)(void *arg);
	void *arg;
};

struct sfe_tcp_pending; /* segments behind a hole, ascending, without overlap */
struct sfe_tcp_sent {
	uint64_t end, time_ns;
};

struct sfe_tcp_direction {
	struct sfe_tcp_counts counts;
	struct sfe_tcp_sink sink;
	bool started, patient;
	uint32_t next_seq; /* the sequence number of the byte at `next` */
	/* Offset of the next byte in order. 0 is the first byte of the stream, or of the capture.
	 */
	uint64_t next;
	uint64_t begin;   /* of the first byte after the SYN */
	uint64_t highest; /* one past the highest byte seen */
	struct sfe_tcp_pending *pending;
	uint32_t pending_first, pending_end, pending_room;
	uint64_t pending_bytes;
	struct sfe_tcp_sent *sent; /* a ring that grows to SFE_TCP_OUTSTANDING */
	uint32_t sent_first, sent_n, sent_room;
	uint64_t karn;         /* no round-trip samples from bytes below, which were sent twice */
	uint64_t acked;        /* the receiver has acknowledged what is below */
	uint64_t late_next;    /* where an acknowledged hole begins that waits for its bytes */
	uint64_t late_ns;      /* since when it waits */
	uint32_t late_packets; /* that came since; 0: no such hole */
	bool failed;           /* memory ran out: the counts are not complete */
};

/*
 * Adds one segment of direction d, whose classes are known. `back` is the other direction of the
 * connection. *offset is where the payload begins in the stream.
 */
void sfe_tcp_take(struct sfe_tcp_direction *d, struct sfe_tcp_direction *back,
	const struct sfe_segment *s, uint64_t time_ns, uint16_t class, uint64_t *offset);
/* How many segments are of a class. */
uint64_t sfe_tcp_count(const struct sfe_tcp_counts *c, enum sfe_tcp_class class);
/* Passes on what is buffered behind holes, when no more segments come. */
void sfe_tcp_finish(struct sfe_tcp_direction *d);
/* Frees the buffers; the counts stay. */
void sfe_tcp_free(struct sfe_tcp_direction *d);

#endif

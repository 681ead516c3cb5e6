/* SPDX-License-Identifier: MIT */
/*
 * One direction of a TCP connection as one capture point saw it. Reassembles the stream of bytes,
 * and counts retransmissions, segments out of order, duplicate acknowledgements and round-trip
 * times.
 *
 * A segment with bytes below the highest ones seen is a retransmission if all its bytes were seen
 * before, or if the hole that it fills is older than the connection's first round-trip time (3 ms
 * if that is not known): then its bytes were lost before this point. Otherwise it is out of order.
 * tshark decides in the same way, by the age of the hole.
 *
 * A segment of at most one byte before the highest sequence number is a keep-alive, and neither it
 * nor its answer is counted as anything else.
 *
 * A capture may show an acknowledgement before the segment that it acknowledges. So bytes that were
 * acknowledged and not seen are missing only when they have not come after SFE_TCP_OWED_NS or
 * SFE_TCP_OWED_SEGMENTS segments of the connection.
 */
#ifndef SFE_ANALYZE_TCP_H
#define SFE_ANALYZE_TCP_H

#include "emu/analyze/segment.h"

#define SFE_TCP_MAX_PENDING 65536u              /* segments behind a hole */
#define SFE_TCP_MAX_PENDING_BYTES (64ull << 20) /* of their content, for one direction */
#define SFE_TCP_OWED_NS 20000000u
#define SFE_TCP_OWED_SEGMENTS 64u
#define SFE_TCP_OUTSTANDING 1024u /* segments that wait for a round-trip sample */

struct sfe_tcp_counts {
	uint64_t packets, wire_bytes, header_bytes;
	uint64_t payload_bytes; /* of all segments */
	uint64_t unique_bytes;  /* of the stream, each once */
	uint64_t retransmissions, retransmitted_bytes, out_of_order, duplicate_acks;
	uint64_t keep_alives;
	uint64_t missing_bytes;     /* acknowledged and never captured */
	uint64_t first_ns, last_ns; /* of its packets */
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
	bool started, from_syn, fin, rst;
	uint32_t next_seq; /* the sequence number of the byte at `next` */
	/* Offset of the next byte in order. 0 is the first byte of the stream, or of the capture.
	 */
	uint64_t next;
	uint64_t highest; /* one past the highest byte seen */
	struct sfe_tcp_pending *pending;
	uint32_t pending_first, pending_end, pending_room;
	uint64_t pending_bytes;
	struct sfe_tcp_sent *sent; /* a ring that grows to SFE_TCP_OUTSTANDING */
	uint32_t sent_first, sent_n, sent_room;
	uint64_t karn; /* no round-trip samples from bytes below, which were sent twice */
	/* Bytes up to this offset were acknowledged; those not seen since owed_ns and so many
	 * segments may still come, or are missing in the capture. */
	uint64_t owed, owed_ns;
	uint32_t owed_segments;
	uint32_t top_seq; /* the highest sequence number that follows a segment, with SYN and FIN */
	uint32_t last_ack, last_seq_end;
	uint16_t last_window;
	bool acked, any, kept_alive; /* kept_alive: the last segment was a keep-alive */
	bool failed;                 /* memory ran out: the counts are not complete */
};

/* What a segment is. */
enum sfe_tcp_verdict {
	SFE_TCP_NEW,
	SFE_TCP_RETRANSMISSION,
	SFE_TCP_OUT_OF_ORDER,
	SFE_TCP_KEEP_ALIVE
};

/*
 * Adds one segment of direction d. `back` is the other direction of the connection, first_rtt_ns
 * the connection's first round-trip time or 0. *offset is where the payload begins in the stream.
 */
enum sfe_tcp_verdict sfe_tcp_take(struct sfe_tcp_direction *d, struct sfe_tcp_direction *back,
	const struct sfe_segment *s, uint64_t time_ns, uint64_t first_rtt_ns, uint64_t *offset);
/* Passes on what is buffered behind holes, when no more segments come. */
void sfe_tcp_finish(struct sfe_tcp_direction *d);
/* Frees the buffers; the counts stay. */
void sfe_tcp_free(struct sfe_tcp_direction *d);

#endif

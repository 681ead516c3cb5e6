/* SPDX-License-Identifier: MIT */
/*
 * What each segment of a TCP connection is: a retransmission, out of order, a keep-alive, a
 * duplicate acknowledgement and so on. The words and the rules are tshark's (tcp.analysis of
 * Wireshark 4.0), so that both say the same of each segment. docs/running.md lists them.
 *
 * The rules look at what a capture shows, in the order of the capture: the highest sequence number
 * of a direction and when it was seen, the last acknowledgement and window of each direction, and
 * the first round-trip time. They hold no list of segments, so that a connection takes a fixed
 * amount of memory.
 */
#ifndef SFE_ANALYZE_TCP_CLASS_H
#define SFE_ANALYZE_TCP_CLASS_H

#include "emu/analyze/segment.h"

/* Bits: a segment may be of several classes. The order is that of tshark's output. */
enum sfe_tcp_class {
	SFE_CLASS_RETRANSMISSION = 1 << 0,
	SFE_CLASS_FAST_RETRANSMISSION = 1 << 1,
	SFE_CLASS_SPURIOUS_RETRANSMISSION = 1 << 2,
	SFE_CLASS_OUT_OF_ORDER = 1 << 3,
	SFE_CLASS_REUSED_PORTS = 1 << 4,
	SFE_CLASS_LOST_SEGMENT = 1 << 5, /* bytes before it were not captured so far */
	SFE_CLASS_ACK_LOST_SEGMENT = 1 << 6,
	SFE_CLASS_WINDOW_UPDATE = 1 << 7,
	SFE_CLASS_WINDOW_FULL = 1 << 8,
	SFE_CLASS_KEEP_ALIVE = 1 << 9,
	SFE_CLASS_KEEP_ALIVE_ACK = 1 << 10,
	SFE_CLASS_DUPLICATE_ACK = 1 << 11,
	SFE_CLASS_ZERO_WINDOW_PROBE = 1 << 12,
	SFE_CLASS_ZERO_WINDOW = 1 << 13,
	SFE_CLASS_ZERO_WINDOW_PROBE_ACK = 1 << 14,
};
#define SFE_TCP_CLASSES 15u
/* At most one of these: the bytes, or the SYN or FIN, were sent before. */
#define SFE_CLASS_ANY_RETRANSMISSION                                                               \
	(SFE_CLASS_RETRANSMISSION | SFE_CLASS_FAST_RETRANSMISSION |                                \
		SFE_CLASS_SPURIOUS_RETRANSMISSION)

struct sfe_class_direction {
	uint64_t next_ns;  /* when `next` was reached */
	uint64_t last_ns;  /* of the last segment */
	uint32_t first;    /* sequence number of the SYN, or one below the first byte seen */
	uint32_t next;     /* one past the highest sequence number seen; 0: not known */
	uint32_t in_order; /* up to there without a hole; 0: not known */
	uint32_t last_ack, window;
	uint32_t duplicates; /* acknowledgements; UINT32_MAX after one of bytes never captured */
	uint16_t last_class;
	int8_t scale;               /* of the window; see the constants in tcp_class.c */
	bool first_known, syn_last; /* syn_last: no acknowledgement since the SYN */
};

struct sfe_class_state {
	struct sfe_class_direction direction[2];
	uint64_t syn_ns;       /* of the last SYN; 0: not seen */
	uint64_t first_rtt_ns; /* from it to the first acknowledgement; 0: not known */
	bool reused;           /* the next segment begins a connection on ports that had one */
};

/* reused: the capture showed another connection with these addresses and ports. */
void sfe_class_begin(struct sfe_class_state *c, bool reused);
/* Whether the segment is a SYN of another connection than the state's. */
bool sfe_class_begins_another(
	const struct sfe_class_state *c, unsigned direction, const struct sfe_segment *s);
/* Adds a segment and returns its classes, enum sfe_tcp_class. */
uint16_t sfe_class_take(struct sfe_class_state *c, unsigned direction, const struct sfe_segment *s,
	uint64_t time_ns);
/* The name of the class with that bit number, which is also tshark's. */
const char *sfe_class_name(unsigned bit);

#endif

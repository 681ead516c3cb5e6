/* SPDX-License-Identifier: MIT */
/* The data of an analysis: captures, connections, messages, and what was counted of them. */
#ifndef SFE_ANALYZE_ANALYSIS_DATA_H
#define SFE_ANALYZE_ANALYSIS_DATA_H

#include "emu/analyze/capture.h"
#include "emu/analyze/intervals.h"
#include "emu/analyze/messages.h"
#include "emu/analyze/tcp.h"

/* Of all captures together; a connection counts once for each capture that shows it. One without
 * payload takes less than 400 bytes, one with messages 4 kB.
 */
#define SFE_ANALYZE_MAX_CONNECTIONS 4000000u
/* Early segments of a flow: opening and closing a connection without payload takes so many. */
#define SFE_ANALYZE_EARLY 6u
/* Messages of a direction that are remembered, since late packets may belong to them. */
#define SFE_ANALYZE_PAST 16u

struct sfe_cost { /* packets and their bytes */
	uint64_t packets, wire_bytes, header_bytes;
	uint64_t payload_bytes; /* of TCP: HTTP heads and bodies */
	uint64_t retransmissions, retransmitted_bytes, out_of_order;
};

#define SFE_ANALYZE_MAX_STRATEGIES 64u
#define SFE_NO_STRATEGY UINT32_MAX
struct sfe_message_id {    /* the strategy, job, step and edge that a message belongs to */
	uint32_t strategy; /* index; SFE_NO_STRATEGY: of no job */
	uint32_t job, step;
	uint32_t kind;  /* enum sfe_message_kind */
	uint32_t after; /* as in struct sfe_message */
};

/* All messages of one kind of one step, or edge, of a job under one strategy, as one capture saw
 * them. */
struct sfe_tally {
	uint32_t capture; /* index */
	struct sfe_message_id id;
	struct sfe_cost cost;
	/* Of complete messages, as their heads say. */
	uint64_t messages, head_bytes, body_bytes;
	uint64_t distinct_body_bytes; /* of messages that no other capture has shown before */
	uint64_t missing_bytes;
	uint64_t first_ns, last_ns;
	uint64_t transfer_ns; /* from first to last byte, summed over messages */
};

struct sfe_connection { /* a TCP connection, in all captures that show it */
	struct sfe_socket end[2];
	struct sfe_connection *same_hash;
	struct sfe_connection_messages *messages; /* NULL until a message was seen */
};

struct sfe_connection_messages { /* the messages of a connection */
	bool any;
	struct sfe_message_id first, last; /* in the order of time */
	struct sfe_sender {                /* per sending end */
		struct {
			uint32_t begin, length; /* sequence numbers */
			struct sfe_message_id id;
		} past[SFE_ANALYZE_PAST];
		uint32_t n_past;
	} from[2];
};

struct sfe_flow_direction {
	struct sfe_tcp_direction tcp;
	struct sfe_message_reader reader;
	struct sfe_flow *flow;
	struct sfe_tally *now; /* of the current message of the stream, or else the last one */
	uint64_t now_begin;
	struct {
		uint64_t begin;
		struct sfe_tally *tally;
	} past[SFE_ANALYZE_PAST];
	uint32_t n_past;
	struct sfe_cost waiting; /* not attributed yet: the head is not complete */
	uint64_t messages;
};

struct sfe_flow_state {
	struct sfe_flow_direction direction[2]; /* direction[0]: from the end that sent first */
	struct sfe_class_state class;
	uint64_t syn_ns; /* of the first one; 0: not seen */
};

/*
 * A segment of a flow that has carried no payload. A port scan, or a server that refuses, makes
 * hundreds of thousands of such connections; these few bytes are all that is stored of them.
 */
struct sfe_early_segment {
	uint64_t time_ns;
	uint32_t seq, ack, wire_bytes;
	uint16_t window, header_bytes;
	uint8_t flags, direction;
	int8_t window_scale;
} __attribute__((packed, aligned(4)));

struct sfe_flow { /* a TCP connection as one capture saw it */
	struct sfe_analysis *analysis;
	struct sfe_connection *connection;
	struct sfe_flow *same_hash;
	/* NULL while there are early segments only; they are freed when the state is made. */
	struct sfe_flow_state *state;
	struct sfe_early_segment *early;
	uint32_t capture, number; /* number: in the capture, from 1 */
	uint8_t n_early;
	bool reversed; /* the first captured packet is from the connection's end[1] */
	bool ended;    /* a new connection uses the same addresses and ports */
	bool reused;   /* the capture showed another connection with them before */
};

struct sfe_window { /* a span of time, ends included, and the packets in it */
	uint64_t begin_ns, end_ns;
	uint64_t packets, wire_bytes;
};

struct sfe_capture_counts {
	char *file;
	uint64_t packets, wire_bytes, tcp_packets, other_packets, other_wire_bytes;
	uint64_t cut_packets;    /* captured shorter than on the wire */
	uint64_t unread_packets; /* too short or malformed, and lone fragments */
	uint64_t lone_fragments; /* the rest of their datagrams is not in the capture */
	uint64_t opaque_packets; /* of kinds that are not looked into, though they may carry TCP */
	int opaque_link_type;    /* of the first of them, if its link layer is not known; or -1 */
	uint64_t backwards;      /* packets with a time before that of the packet before them */
	uint64_t first_ns, last_ns;
	uint32_t n_flows;
	char damage[128]; /* why the file could not be read to its end; empty if it could */
	struct sfe_intervals intervals; /* unique payload bytes, from first_ns on */
	struct sfe_window *windows;     /* a copy of the options' windows with counts, or NULL */
};

struct sfe_message_event { /* one message, complete in one capture */
	const struct sfe_flow *flow;
	unsigned direction;
	const struct sfe_message *message;
	/* Of an answer: the time since the last byte of its request. Of the first message of a
	 * connection: the time since the SYN. */
	uint64_t wait_ns;
	bool has_wait, distinct;
};

struct sfe_segment_event { /* one segment of a flow */
	const struct sfe_flow *flow;
	unsigned direction;
	const struct sfe_segment *segment;
	uint64_t number; /* of its packet in the capture, from 1; of the last one, if it was
			    fragmented */
	uint64_t time_ns;
	uint16_t class; /* enum sfe_tcp_class */
};

struct sfe_analysis_options {
	uint64_t start_ns;        /* time 0 of the views; 0: the first packet of all captures */
	uint64_t interval_ns;     /* of the goodput over time; 0: none */
	uint32_t max_connections; /* 0: SFE_ANALYZE_MAX_CONNECTIONS */
	const struct sfe_window *windows; /* ascending, without overlap */
	uint32_t n_windows;
	const struct sfe_capture_folder *folder; /* that contains all files; NULL: anywhere */
	void (*message)(void *arg, const struct sfe_message_event *event);
	/* The bytes of one direction of a connection in order (data NULL: not captured). All its
	 * payload behind a hole is buffered, not only what the messages need. */
	void (*bytes)(void *arg, const uint8_t *data, uint64_t n);
	uint32_t follow; /* for bytes: number of the connection in its capture */
	unsigned follow_direction;
	/* Each segment, in the order in which it was captured. */
	void (*segment)(void *arg, const struct sfe_segment_event *event);
	/* Bytes read of all files so far, and their total size (0: not known). */
	void (*progress)(void *arg, uint64_t at, uint64_t size);
	void *arg;
};

struct sfe_analysis {
	struct sfe_analysis_options options;
	struct sfe_capture_counts *captures;
	uint32_t n_captures;
	struct sfe_fragments *fragments;
	struct sfe_flow **flows;
	uint32_t n_flows, flows_room, flow_buckets;
	struct sfe_flow **flow_hash;
	struct sfe_connection **connections;
	uint32_t n_connections, connections_room, connection_buckets;
	struct sfe_connection **connection_hash;
	struct sfe_tally **tallies;
	uint32_t n_tallies, tallies_room, tally_slots;
	struct sfe_tally **tally_hash; /* open addressing */
	char (*strategies)[SFE_STRATEGY_BYTES];
	uint32_t n_strategies;
	uint64_t *seen; /* hashes of messages, open addressing */
	uint64_t n_seen, seen_slots;
	uint64_t hash_seed; /* keeps others from choosing what collides */
	bool no_memory;
};

#endif

/* SPDX-License-Identifier: MIT */
/*
 * What captures tell: per capture file, per connection, and per message of each job. Memory grows
 * with connections and jobs, never with packets; connections have a limit.
 *
 * All captures are read together, in the order of time: what one of them shows of a connection
 * explains packets that another shows without it, such as acknowledgements on a downlink of what
 * went over the uplink.
 *
 * Every packet is attributed once: to a message of a job, or to none. The payload of a segment
 * belongs to the message that it is a part of, which the heads of the protocol say; a pure
 * acknowledgement to the message that it acknowledges; a connection's handshake to its first
 * message. So the sums over all messages and the rest are the capture's own.
 */
#ifndef SFE_ANALYZE_ANALYSIS_H
#define SFE_ANALYZE_ANALYSIS_H

#include "emu/analyze/messages.h"
#include "emu/analyze/tcp.h"

#define SFE_ANALYZE_MAX_BINS 1000000u /* of the goodput over time, a capture */
/*
 * Of all captures together; a connection counts at each that shows it. One that carried nothing
 * takes less than 400 bytes, one with messages 4 kB.
 */
#define SFE_ANALYZE_MAX_CONNECTIONS 4000000u
#define SFE_ANALYZE_EARLY 6u /* segments of a connection that carried nothing: opened and closed   \
			      */
#define SFE_ANALYZE_PAST 16u /* messages of a direction that late packets may belong to */

struct sfe_cost { /* packets, and what is in them */
	uint64_t packets, wire_bytes, header_bytes;
	uint64_t payload_bytes; /* TCP's: heads and bodies */
	uint64_t retransmissions, retransmitted_bytes, out_of_order;
};

#define SFE_NO_STRATEGY UINT32_MAX
struct sfe_message_id {    /* whose a message is */
	uint32_t strategy; /* index; SFE_NO_STRATEGY: of no job */
	uint32_t job, step;
	uint32_t kind; /* enum sfe_message_kind */
};

/* All messages of one kind of one step of a job under one strategy, as one capture saw them. */
struct sfe_tally {
	uint32_t capture; /* index */
	struct sfe_message_id id;
	struct sfe_cost cost;
	/* Of messages that came whole, as their heads say. */
	uint64_t messages, head_bytes, body_bytes;
	uint64_t distinct_body_bytes; /* of those that no other capture had shown before */
	uint64_t missing_bytes;
	uint64_t first_ns, last_ns;
	uint64_t transfer_ns; /* from first to last byte, summed over messages */
};

struct sfe_connection { /* a TCP connection, whichever captures saw it */
	struct sfe_socket end[2];
	struct sfe_connection *same_hash;
	struct sfe_said *said; /* NULL until one of its messages was seen */
};

struct sfe_said { /* the messages of a connection */
	bool any;
	struct sfe_message_id first, last; /* in the order of time */
	struct sfe_sender {                /* by the sending end */
		struct {
			uint32_t begin, length; /* sequence numbers */
			struct sfe_message_id id;
		} past[SFE_ANALYZE_PAST];
		uint32_t n_past;
	} from[2];
};

struct sfe_flow_way {
	struct sfe_tcp_direction tcp;
	struct sfe_message_reader reader;
	struct sfe_flow *flow;
	struct sfe_tally *now; /* of the message that the stream is in, or was in last */
	uint64_t now_begin;
	struct {
		uint64_t begin;
		struct sfe_tally *tally;
	} past[SFE_ANALYZE_PAST];
	uint32_t n_past;
	struct sfe_cost waiting; /* not attributed yet: the head is not whole */
	uint64_t messages;
};

struct sfe_flow_state {
	struct sfe_flow_way way[2];    /* way[0]: from the end that sent first */
	uint64_t syn_ns, first_rtt_ns; /* 0: not seen */
};

/*
 * A segment that is kept as it came. A port scan or a server that refuses makes connections by the
 * hundred thousand that carry nothing: these few bytes are all that is held of them.
 */
struct sfe_early_segment {
	uint64_t time_ns;
	uint32_t seq, ack, wire_bytes;
	uint16_t window, header_bytes;
	uint8_t flags, way;
} __attribute__((packed, aligned(4)));

struct sfe_flow { /* a TCP connection as one capture saw it */
	struct sfe_analysis *analysis;
	struct sfe_connection *connection;
	struct sfe_flow *same_hash;
	/* NULL while nothing but the early segments has come; these are given up then. */
	struct sfe_flow_state *state;
	struct sfe_early_segment *early;
	uint32_t capture, number; /* number: in the capture, from 1 */
	uint8_t n_early;
	bool turned; /* the connection's end[1] sent the first packet that was captured */
	bool over;   /* another connection has taken its addresses */
};

struct sfe_window { /* a span of time with its borders, and what came in it */
	uint64_t begin_ns, end_ns;
	uint64_t packets, wire_bytes;
};

struct sfe_capture_counts {
	char *file;
	uint64_t packets, wire_bytes, tcp_packets, other_packets, other_wire_bytes;
	uint64_t cut_packets;    /* captured shorter than they were */
	uint64_t unread_packets; /* too short or broken to be read */
	uint64_t backwards;      /* packets whose time is before the one ahead of them */
	uint64_t first_ns, last_ns;
	uint32_t n_flows;
	char damage[128]; /* why the file could not be read to its end; empty if it could */
	uint64_t *bins;   /* unique payload bytes per interval, from first_ns on */
	uint32_t n_bins, bins_room;
	struct sfe_window *windows; /* those of the options, counted; NULL without */
};

struct sfe_message_event { /* one message, seen whole in one capture */
	const struct sfe_flow *flow;
	unsigned way;
	const struct sfe_message *message;
	/* Of an answer: since the last byte of its request; of a connection's first: since its SYN.
	 */
	uint64_t wait_ns;
	bool has_wait, distinct;
};

struct sfe_analysis_options {
	uint64_t start_ns;        /* what views count from; 0: the first packet of all captures */
	uint64_t interval_ns;     /* of the bins; 0: none */
	uint32_t max_connections; /* 0: SFE_ANALYZE_MAX_CONNECTIONS */
	const struct sfe_window *windows; /* ascending, without overlap */
	uint32_t n_windows;
	void (*message)(void *arg, const struct sfe_message_event *event);
	/* The bytes of a connection in order (data NULL: not captured). All content is kept for it
	 * while a hole is open. */
	void (*bytes)(void *arg, const struct sfe_flow *flow, unsigned way, const uint8_t *data,
		uint64_t n);
	/* Bytes of all files that have been read, and their size (0: not known). */
	void (*progress)(void *arg, uint64_t at, uint64_t size);
	void *arg;
};

struct sfe_analysis {
	struct sfe_analysis_options options;
	struct sfe_capture_counts *captures;
	uint32_t n_captures;
	struct sfe_flow **flows;
	uint32_t n_flows, flows_room, flow_buckets;
	struct sfe_flow **flow_hash;
	struct sfe_connection **connections;
	uint32_t n_connections, connections_room, connection_buckets;
	struct sfe_connection **connection_hash;
	struct sfe_tally **tallies;
	uint32_t n_tallies, tallies_room, tally_slots;
	struct sfe_tally **tally_hash; /* open addressing */
	char (*strategies)[32];
	uint32_t n_strategies;
	uint64_t *seen; /* hashes of messages, open addressing */
	uint64_t n_seen, seen_slots;
	bool no_memory;
};

int sfe_analysis_new(const struct sfe_analysis_options *options, struct sfe_analysis **out,
	struct sfe_error *err);
/*
 * Reads captures to their end, once for an analysis, and sorts the tallies (capture, strategy, job,
 * step, kind). A file that is damaged on the way is no error: captures[].damage says it. So it does
 * of all files that are not at their end when a packet comes that would be of one connection too
 * many: what is told is what there was until then.
 */
int sfe_analysis_read(
	struct sfe_analysis *a, char *const *files, uint32_t n, struct sfe_error *err);
void sfe_analysis_free(struct sfe_analysis *a);

/* What one capture's packet is to the analysis (flow.c). False when memory ran out. */
bool sfe_flow_take(struct sfe_analysis *a, uint32_t capture, const struct sfe_packet *p,
	const struct sfe_segment *s);
/* Whether the packet's connection is known, or there is room for it. */
bool sfe_flow_has_room(struct sfe_analysis *a, uint32_t capture, const struct sfe_segment *s);
/* No more packets come: what is left in the buffers, and what waits for its owner. */
void sfe_flow_end_all(struct sfe_analysis *a);
void sfe_flow_free(struct sfe_flow *f);

/* end 0 sent the first packet that was captured; way 0 is from there. */
const struct sfe_socket *sfe_flow_end(const struct sfe_flow *f, unsigned end);
struct sfe_tcp_counts sfe_flow_counts(const struct sfe_flow *f, unsigned way);
uint64_t sfe_flow_messages(const struct sfe_flow *f, unsigned way);

#endif

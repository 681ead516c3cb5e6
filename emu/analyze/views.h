/* SPDX-License-Identifier: MIT */
/* The tables of an analysis: each view has a row type and a builder. Times are seconds from the
 * options' start_ns, or from the first packet of all captures. */
#ifndef SFE_ANALYZE_VIEWS_H
#define SFE_ANALYZE_VIEWS_H

#include "emu/analyze/analysis.h"
#include "emu/analyze/view_rows.h"

struct sfe_capture_row {
	char capture[SFE_FILE_BYTES];
	uint64_t packets, wire_bytes, tcp_packets, other_packets, cut_packets, unread_packets;
	uint32_t connections;
	uint64_t retransmissions, out_of_order, missing_bytes;
	double first_s, last_s;
	uint64_t lone_fragments, opaque_packets;
};

struct sfe_flow_row { /* a direction of a connection */
	char capture[SFE_FILE_BYTES];
	uint32_t connection;
	char from[SFE_SOCKET_BYTES], to[SFE_SOCKET_BYTES];
	uint64_t messages, packets, wire_bytes, header_bytes, payload_bytes, unique_bytes;
	uint64_t retransmissions, retransmitted_bytes, out_of_order, duplicate_acks, missing_bytes;
	double rtt_min_s, rtt_mean_s, rtt_max_s, first_s, last_s, goodput_bps;
	uint64_t fast_retransmissions, spurious_retransmissions, keep_alives, keep_alive_acks,
		zero_windows, zero_window_probes, zero_window_probe_acks, window_updates,
		window_full, lost_segments, ack_lost_segments;
};

/* The messages of a strategy, job, step or kind. The fields that a view sums over are empty. */
struct sfe_tally_row {
	char capture[SFE_FILE_BYTES], strategy[SFE_STRATEGY_BYTES];
	double job_index, step; /* NaN: summed over */
	char kind[8];
	double after; /* NaN: no edge of a graph */
	uint64_t messages, body_bytes, distinct_body_bytes, head_bytes, header_bytes;
	uint64_t packets, wire_bytes, retransmissions, retransmitted_bytes, out_of_order,
		missing_bytes;
	double first_s, last_s, transfer_s;
};

struct sfe_part_row { /* an argument or state of a message, as one capture saw it */
	char capture[SFE_FILE_BYTES];
	uint32_t connection;
	char from[SFE_SOCKET_BYTES], to[SFE_SOCKET_BYTES], strategy[SFE_STRATEGY_BYTES];
	double job_index, step;
	double after; /* the step that calls, in a graph; NaN: no edge */
	char kind[8], part[16];
	uint64_t bytes;
	double begin_s, end_s, transfer_s, wait_s;
};

extern const struct sfe_table sfe_capture_view, sfe_flow_view, sfe_part_view;
extern const struct sfe_table sfe_strategy_view, sfe_job_view,
	sfe_step_view; /* of struct sfe_tally_row */

/* Make the rows of a view: an array of n rows, which the caller frees. 0 or -ENOMEM. */
int sfe_view_captures(const struct sfe_analysis *a, void **rows, size_t *n);
/* Tallies summed over all captures: by strategy; by strategy and job; by all. */
int sfe_view_strategies(const struct sfe_analysis *a, void **rows, size_t *n);
int sfe_view_jobs(const struct sfe_analysis *a, void **rows, size_t *n);
int sfe_view_steps(const struct sfe_analysis *a, void **rows, size_t *n);
/* sfe_step_view; without its column `after` if no message belongs to an edge of a graph. */
struct sfe_table sfe_view_steps_table(const struct sfe_analysis *a);
/* Makes the rows of sfe_flow_view one by one, 2 * n_flows of them; arg is a struct sfe_flow_rows.
 */
struct sfe_flow_rows {
	const struct sfe_analysis *analysis;
	struct sfe_flow_row row;
};
sfe_table_row_fn sfe_view_flow;
/* Makes the rows of a message's parts from part `first` on, at most SFE_VIEW_MAX_PARTS at a time.
 * Returns how many there are. */
#define SFE_VIEW_MAX_PARTS 16u
unsigned sfe_view_parts(const struct sfe_message_event *e, uint64_t start_ns, unsigned first,
	struct sfe_part_row rows[SFE_VIEW_MAX_PARTS]);

#endif

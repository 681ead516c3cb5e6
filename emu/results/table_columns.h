/* SPDX-License-Identifier: MIT */
/* The rows of the CSV files of a results folder. table_columns.c describes each column. */
#ifndef SFE_RESULTS_TABLE_COLUMNS_H
#define SFE_RESULTS_TABLE_COLUMNS_H

#include "emu/measure/fidelity.h"
#include "emu/model/strategies/by_edge.h"
#include "emu/results/table.h"
#include "nodes/base/call_key.h"
#include "sfemu/strategy.h"
#include "sfemu/topology.h"

struct sfe_job_row {
	char strategy[SFE_STRATEGY_BYTES];
	uint32_t job;
	char client[SFE_NAME_BYTES];
	uint32_t steps;
	char status[16], reason[160];
	uint64_t attempts, states_lost, wasted_bytes;
	double overlap_s;
	double arrival_s, start_s, response_s, processing_s, net_delay_s;
	uint64_t payload_bytes, payload_bytes_hops, state_bytes, digest;
	double predicted_net_delay_s, predicted_processing_s;
	uint64_t predicted_payload_bytes_hops;
	double other_paths_s, propagation_s, pipelining_s, queueing_s, tcp_start_s, headers_s,
		retries_s, link_changes_s, retransmissions_s, window_s, queue_waits_s,
		unexplained_s;
	char workflow[SFE_MAX_NAME + 1];
	double dynamic_s;
	uint64_t dynamic_bytes, dynamic_bytes_hops;
	double vain_s;
	double starting_s;
	uint64_t cache_hits;
};

struct sfe_invocation_row {
	char strategy[SFE_STRATEGY_BYTES];
	uint32_t job, step, task;
	uint64_t attempt;
	char function[64], node[SFE_NAME_BYTES];
	double request_s, ready_s, finish_s, processing_s;
	uint64_t operations, argument_bytes, output_bytes, used_state_bytes, cache_hits;
	char workflow[SFE_MAX_NAME + 1], step_name[SFE_MAX_NAME + 1];
};

struct sfe_transfer_row {
	char strategy[SFE_STRATEGY_BYTES];
	uint32_t job, step;
	char kind[16], from[SFE_NAME_BYTES], to[SFE_NAME_BYTES];
	uint64_t payload_bytes;
	uint32_t head_bytes, hops, new_connection;
	double start_s, head_s, done_s, predicted_s;
	double propagation_s, pipelining_s, queueing_s, tcp_start_s, headers_s;
	double retries_s, link_changes_s, retransmissions_s, window_s, queue_waits_s, unexplained_s;
	char step_name[SFE_MAX_NAME + 1];
};

struct sfe_link_row {
	char strategy[SFE_STRATEGY_BYTES], link[SFE_NAME_BYTES], kind[16];
	char from[SFE_NAME_BYTES], to[SFE_NAME_BYTES];
	uint64_t rate_bps;
	double delay_s;
	uint64_t wire_bytes, packets, drops, losses, other_bytes, other_packets;
};

struct sfe_event_row {
	char strategy[SFE_STRATEGY_BYTES];
	double due_s, done_s;
	char link[SFE_NAME_BYTES], direction[8], node[SFE_NAME_BYTES], what[256];
};

struct sfe_warm_up_row {
	char strategy[SFE_STRATEGY_BYTES], from[SFE_NAME_BYTES], to[SFE_NAME_BYTES];
	uint32_t port;
	uint64_t payload_bytes, window, answer_window;
	double end_s;
};

struct sfe_attempt_row {
	char strategy[SFE_STRATEGY_BYTES];
	uint32_t job, step;
	char kind[16], from[SFE_NAME_BYTES], to[SFE_NAME_BYTES];
	uint32_t number, last;
	char error[64];
	double begin_s, end_s;
	char step_name[SFE_MAX_NAME + 1];
};

struct sfe_start_row {
	char strategy[SFE_STRATEGY_BYTES];
	uint32_t job, step;
	uint64_t attempt;
	char node[SFE_NAME_BYTES], function[64];
	double request_s, queued_s, cold_start_s;
};

struct sfe_choice_row {
	char strategy[SFE_STRATEGY_BYTES];
	uint32_t job;
	char candidate[SFE_STRATEGY_BYTES];
	double predicted_s;
	uint32_t followed;
	char along[SFE_BY_EDGE_TEXT];
};

struct sfe_regret_row {
	char strategy[SFE_STRATEGY_BYTES];
	uint32_t job;
	double response_s, least_s;
	char least_under[SFE_STRATEGY_BYTES];
	double regret_s;
};

struct sfe_state_row {
	char strategy[SFE_STRATEGY_BYTES];
	uint32_t job;
	char what[8], state[SFE_MAX_NAME + 1], node[SFE_NAME_BYTES], condition[8];
	uint64_t version, size_bytes, digest;
	char file[12 * SFE_MAX_NAME + 64];
	char instance[SFE_NAME_BYTES], workflow[SFE_MAX_NAME + 1];
	uint64_t epoch;
};

struct sfe_fidelity_row {
	char strategy[SFE_STRATEGY_BYTES], verdict[SFE_VERDICT_BYTES];
	double watched_s, timer_late_p99_s, timer_late_max_s, cpu_idle_share, cpu_stolen_share,
		softirq_squeezes, backlog_drops, reordered, run_delay_s, cpu_pressure_share;
	char not_measured[SFE_VERDICT_BYTES];
};

struct sfe_capture_file_row {
	char file[SFE_NAME_BYTES + 32], what[8], name[SFE_NAME_BYTES];
	char host[SFE_NAME_BYTES], interface[16], direction[8], filter[128];
	uint64_t packets, dropped_packets;
};

struct sfe_command_row {
	char option[8], strategy[SFE_STRATEGY_BYTES], node[SFE_NAME_BYTES], command[4096],
		ended_by[16], output[96];
	uint32_t number;
	double begin_s, end_s;
	uint64_t status, output_bytes;
};

struct sfe_traffic_row {
	char strategy[SFE_STRATEGY_BYTES];
	uint32_t flow, packet_bytes, port;
	char from[SFE_NAME_BYTES], to[SFE_NAME_BYTES], law[16];
	uint64_t rate_bps, sent_packets, sent_bytes, received_packets, received_bytes, lost_packets,
		duplicates, reordered;
	double delay_mean_s, delay_p95_s;
};

struct sfe_dynamic_call_row {
	char strategy[SFE_STRATEGY_BYTES];
	uint32_t job, step;
	uint64_t attempt;
	char call[CALL_PATH_TEXT], kind[8], function[64], from[SFE_NAME_BYTES], to[SFE_NAME_BYTES],
		status[16], reason[160];
	double begin_s, request_s, ready_s, finish_s, end_s, processing_s, cold_start_s, queued_s;
	uint64_t operations, argument_bytes, output_bytes, requests;
};

struct sfe_shared_row {
	char strategy[SFE_STRATEGY_BYTES];
	double time_s;
	char state[SFE_MAX_NAME + 1], scope[16], instance[SFE_NAME_BYTES], home[SFE_NAME_BYTES];
	uint32_t job, step;
	uint64_t attempt;
	char access[8], outcome[16];
	uint64_t version_read, version_made, epoch, unseen, kept, state_bytes, digest;
	uint64_t vain_operations, vain_bytes;
	double vain_processing_s, vain_ready_s, vain_finish_s;
	char workflow[SFE_MAX_NAME + 1], step_name[SFE_MAX_NAME + 1];
	char call[24];
	uint64_t change;
};

extern const struct sfe_table sfe_jobs_csv, sfe_invocations_csv, sfe_transfers_csv, sfe_links_csv,
	sfe_attempts_csv, sfe_summary_csv;
/* Names of payload kinds, by enum sfe_transfer_kind. */
extern const char *const sfe_transfer_kind_names[];
extern const struct sfe_table sfe_events_csv;   /* only in runs with a schedule or manual changes */
extern const struct sfe_table sfe_warm_up_csv;  /* only in runs with warm=on */
extern const struct sfe_table sfe_fidelity_csv; /* only in runs on the real clock */
extern const struct sfe_table sfe_commands_csv; /* only in runs with commands */
extern const struct sfe_table sfe_starts_csv;   /* only in runs with `nodes` */
/* Only in runs with a strategy that chooses one for each job. */
extern const struct sfe_table sfe_choices_csv, sfe_regret_csv;
extern const struct sfe_table sfe_states_csv;  /* only in runs with `keep: states` */
extern const struct sfe_table sfe_traffic_csv; /* only in runs with traffic */
/* At the end of the optional ones: of dynamic operations, then of states that outlive jobs, then of
 * `nodes`. */
#define SFE_JOBS_DYNAMIC_COLUMNS 3u
#define SFE_JOBS_SHARED_COLUMNS 1u
#define SFE_JOBS_NODES_COLUMNS 1u
#define SFE_SUMMARY_DYNAMIC_COLUMNS 5u
#define SFE_SHARED_DYNAMIC_COLUMNS 2u
#define SFE_SUMMARY_SHARED_COLUMNS 10u
extern const struct sfe_table sfe_dynamic_calls_csv; /* only where functions called others */
extern const struct sfe_table sfe_shared_csv;   /* only in runs with states that outlive jobs */
extern const struct sfe_table sfe_captures_csv; /* only in runs with captures */

/* The i-th table of a results folder; NULL past the last. */
const struct sfe_table *sfe_results_table(unsigned i);
/* Writes the data dictionary, docs/results.md. */
void sfe_results_describe(FILE *out);

#endif

/* SPDX-License-Identifier: MIT */
/* What a strategy came to in an experiment: a row of summary.csv. */
#ifndef SFEMU_SUMMARY_H
#define SFEMU_SUMMARY_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct sfe_summary {
	char strategy[32];
	uint32_t jobs, done;
	uint64_t failed, timed_out; /* of the jobs */
	uint64_t failed_attempts;   /* requests between nodes that were not answered */
	uint64_t states_lost, crashes;
	char reasons[512]; /* of jobs that were not done, the most frequent first */
	double response_mean_s, response_p50_s, response_p95_s,
		response_p99_s; /* of the jobs done; NaN if none */
	double net_delay_mean_s, processing_mean_s;
	double payload_bytes_hops, wire_bytes, drops;
	/* The closed form, and what the difference is made of (explain.h): means of the jobs done.
	 */
	double predicted_net_delay_mean_s, predicted_processing_mean_s;
	double predicted_payload_bytes_hops;
	double other_paths_s, propagation_s, pipelining_s, queueing_s, tcp_start_s, headers_s,
		unexplained_s;
	uint64_t start_unix_ns;              /* time 0 of the replay, by the clock of captures */
	uint64_t begin_unix_ns, end_unix_ns; /* of the links' counting, by the clock of captures */
	char fidelity[320];                  /* "virtual", "ok", "degraded: why", "unknown: why" */
};

#ifdef __cplusplus
}
#endif

#endif

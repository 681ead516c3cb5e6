/* SPDX-License-Identifier: MIT */
/* The results of one strategy in an experiment: a row of summary.csv. */
#ifndef SFEMU_SUMMARY_H
#define SFEMU_SUMMARY_H

#include <stdint.h>

#include "sfemu/strategy.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sfe_summary {
	char strategy[SFE_STRATEGY_BYTES];
	uint32_t jobs, done;
	uint64_t failed, timed_out; /* of the jobs */
	uint64_t failed_attempts;   /* requests between nodes without an answer */
	uint64_t states_lost, crashes;
	uint64_t cache_hits;   /* uses of states that caches of nodes served */
	uint64_t wasted_bytes; /* moved ahead of calls and not used */
	double overlap_s;      /* a mean; what the components of the difference have too much */
	char reasons[512];     /* why jobs failed or timed out, most frequent first */
	double response_mean_s, response_p50_s, response_p95_s,
		response_p99_s; /* of the jobs done; NaN: none */
	double net_delay_mean_s, processing_mean_s;
	double payload_bytes_hops, wire_bytes, drops;
	/* The closed form, and the components of the difference (delay_explanation.h): means
	 * over the jobs done. */
	double predicted_net_delay_mean_s, predicted_processing_mean_s;
	double predicted_payload_bytes_hops;
	double other_paths_s, propagation_s, pipelining_s, queueing_s, tcp_start_s, headers_s,
		retries_s, link_changes_s, retransmissions_s, window_s, queue_waits_s,
		unexplained_s;
	uint64_t start_unix_ns; /* time 0 of the replay, CLOCK_REALTIME as in captures */
	uint64_t begin_unix_ns,
		end_unix_ns; /* interval over which links were counted, CLOCK_REALTIME */
	double other_bytes;  /* on the wire, of other traffic; NaN: not counted apart */
	/* Of calls of functions at run time; NaN: no function can make one. */
	double dynamic_mean_s, dynamic_bytes_hops;
	uint64_t dynamic_calls, dynamic_casts, dynamic_failed;
	/* Of states that outlive jobs; NaN: there are none. */
	double vain_s; /* likewise a mean, and a component of the difference */
	uint64_t shared_changes, shared_conflicts, shared_overwritten, shared_begun_anew,
		shared_lost, shared_restored;
	uint64_t runs_in_vain, vain_operations, vain_bytes;
	char fidelity[320]; /* "virtual", "ok", "degraded: why", "unknown: why" */
};

#ifdef __cplusplus
}
#endif

#endif

/* SPDX-License-Identifier: MIT */
/*
 * The timeline of a job: what arrived where and when, from the captures; what computed, from the
 * run's records; and the parts of its response time.
 */
#ifndef SFE_ANALYZE_TIMELINE_H
#define SFE_ANALYZE_TIMELINE_H

#include "emu/analyze/reconcile.h"
#include "emu/analyze/views.h"

struct sfe_timeline_row {
	double begin_s, end_s, took_s; /* from the start of the job */
	char what[48], from[132], to[132];
	uint64_t bytes;
};

struct sfe_job_time_row { /* the parts of a response time */
	char strategy[SFE_STRATEGY_BYTES];
	uint32_t job;
	double response_s, processing_s, arriving_s, under_way_s;
	double predicted_net_delay_s, propagation_s, pipelining_s, queueing_s, tcp_start_s,
		headers_s, retries_s, link_changes_s, unexplained_s;
};

extern const struct sfe_table sfe_timeline_view, sfe_job_time_view;

/*
 * Makes the timeline of the job with that index under a strategy. parts: the job's rows of
 * sfe_view_parts in all captures, whose times count from view_start_ns. The caller frees *rows.
 * Returns -ENOENT without an error if the strategy has no such job.
 */
int sfe_timeline(const struct sfe_records *r, const char *strategy, uint32_t job_index,
	const struct sfe_part_row *parts, size_t n_parts, uint64_t view_start_ns,
	struct sfe_timeline_row **rows, size_t *n, struct sfe_job_time_row *time,
	struct sfe_error *err);

#endif

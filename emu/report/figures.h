/* SPDX-License-Identifier: MIT */
/* What the figures of the report show, worked out of a run's files: one function and one table
 * each. */
#ifndef SFE_REPORT_FIGURES_H
#define SFE_REPORT_FIGURES_H

#include "emu/report/run.h"

#define SFE_REPORT_MAX_STRATEGIES 32u

/* The strategies of a run, in the order in which they ran. */
struct sfe_report_strategies {
	unsigned n;
	char name[SFE_REPORT_MAX_STRATEGIES][32];
};
void sfe_report_strategies_of(const struct sfe_report_run *run, struct sfe_report_strategies *out);
/* The number of one; s->n: it is none of them. */
unsigned sfe_report_strategy(const struct sfe_report_strategies *s, const char *name);

/* The invocations sorted by node, then strategy, then in the order of the file; the caller's, NULL:
 * out of memory. */
const struct sfe_invocation_row **sfe_report_by_node(const struct sfe_report_run *run);

/* A strategy beside the one with the shortest mean response time over the jobs that every strategy
 * has done. */
struct sfe_report_strategy_row {
	char strategy[32];
	uint32_t jobs, done;
	double response_mean_s, response_confidence_s, response_p50_s, response_p95_s,
		response_p99_s;
	double net_delay_mean_s, processing_mean_s;
	double payload_bytes_hops, wire_bytes, drops;
	uint32_t compared_jobs;
	double later_mean_s, later_confidence_s, compared_mean_s, compared_bytes_hops;
	/* What the mean response of the compared jobs is made of. */
	double sending_s, propagation_s, queueing_s, tcp_start_s, headers_s, processing_s,
		unexplained_s;
	char fidelity[320];
};

/* All fill rows (whose table they set); -ENOMEM is their only error. */
int sfe_report_compare(const struct sfe_report_run *run, struct sfe_rows *rows);
int sfe_report_groups(const struct sfe_report_run *run, struct sfe_rows *rows);
int sfe_report_load(const struct sfe_report_run *run, struct sfe_rows *rows);
int sfe_report_nodes(const struct sfe_report_run *run, struct sfe_rows *rows);
int sfe_report_vertices(const struct sfe_report_run *run, struct sfe_rows *rows);
int sfe_report_cables(const struct sfe_report_run *run, struct sfe_rows *rows);
int sfe_report_timelines(const struct sfe_report_run *run, struct sfe_rows *rows);

/* In words, as HTML: which strategy won, by how much, and why. rows are those of
 * sfe_report_compare. */
void sfe_report_headline(const struct sfe_report_run *run, const struct sfe_rows *rows, FILE *out);

/* A text with HTML's own characters escaped. */
void sfe_html_text(const char *s, FILE *out);

#endif

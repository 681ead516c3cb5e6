/* SPDX-License-Identifier: MIT */
/* The data of the report's figures, computed from a run's files: a function and a table for each.
 */
#ifndef SFE_REPORT_FIGURES_H
#define SFE_REPORT_FIGURES_H

#include "emu/report/page_frame.h"
#include "emu/report/run.h"
#include "emu/report/strategies.h"

/* The invocations sorted by node, then by strategy, then by their order in the file. The caller
 * frees the array; NULL: out of memory. */
const struct sfe_invocation_row **sfe_report_by_node(const struct sfe_report_run *run);

/* A strategy, compared with the one that has the shortest mean response time over the jobs that
 * each strategy has done. */
struct sfe_report_strategy_row {
	char strategy[SFE_STRATEGY_BYTES];
	uint32_t jobs, done;
	double response_mean_s, response_confidence_s, response_p50_s, response_p95_s,
		response_p99_s;
	double net_delay_mean_s, processing_mean_s;
	double payload_bytes_hops, wire_bytes, drops;
	uint32_t compared_jobs;
	double later_mean_s, later_confidence_s, compared_mean_s, compared_bytes_hops;
	double compared_confidence_s, compared_p50_s, compared_p95_s, compared_p99_s;
	/* The parts of the mean response time of the compared jobs. */
	double sending_s, propagation_s, queueing_s, tcp_start_s, headers_s, starting_s,
		processing_s, unexplained_s, overlap_s, vain_s;
	double retries_s, link_changes_s, retransmissions_s, window_s, queue_waits_s;
	char fidelity[320];
};

/* Each fills rows and sets their table. The only error is -ENOMEM. */
int sfe_report_compare(const struct sfe_report_run *run, struct sfe_rows *rows);
int sfe_report_groups(const struct sfe_report_run *run, struct sfe_rows *rows);
int sfe_report_load(const struct sfe_report_run *run, struct sfe_rows *rows);
int sfe_report_nodes(const struct sfe_report_run *run, struct sfe_rows *rows);
int sfe_report_vertices(const struct sfe_report_run *run, struct sfe_rows *rows);
int sfe_report_cables(const struct sfe_report_run *run, struct sfe_rows *rows);
/* Accesses to states that outlive jobs, summed up by state and strategy. */
int sfe_report_shared(const struct sfe_report_run *run, struct sfe_rows *rows);
int sfe_report_timelines(const struct sfe_report_run *run, struct sfe_rows *rows);

/* Which rows of jobs.csv are of jobs that every strategy has done: response times are of these.
 * of_row: as many as rows, all false. 0 or -ENOMEM. */
int sfe_report_compared(const struct sfe_report_run *run, bool *of_row);

/* The numbers of the jobs that have timelines: those with the longest response times under any
 * strategy, slowest first, at least 3 and as many as have about 8000 rows. The caller frees
 * *number. 0 or -ENOMEM. */
int sfe_report_timeline_jobs(const struct sfe_report_run *run, uint32_t **number, unsigned *n);
/* Writes what differs between the scenarios of the runs, key by key, as HTML. 0 or -ENOMEM. */
int sfe_report_differences(const struct sfe_report_run *run, unsigned n, FILE *out);

/* Writes the headline as HTML: which strategy is fastest, by how much, and why. rows are those of
 * sfe_report_compare. */
void sfe_report_headline(const struct sfe_report_run *run, const struct sfe_rows *rows, FILE *out);

#endif

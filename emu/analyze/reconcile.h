/* SPDX-License-Identifier: MIT */
/*
 * What captures show, held against what the run recorded: payload against jobs.csv, bytes on the
 * wire against the interfaces' counters in links.csv. Zero differences are the norm; every other
 * one is shown.
 */
#ifndef SFE_ANALYZE_RECONCILE_H
#define SFE_ANALYZE_RECONCILE_H

#include "emu/analyze/analysis.h"
#include "emu/results/table_columns.h"
#include "sfemu/summary.h"

struct sfe_reconcile_row {
	char what[32], strategy[32], where[132];
	uint64_t captured, recorded;
	double difference; /* captured less recorded */
	char note[96];
};
extern const struct sfe_table sfe_reconcile_view;

struct sfe_host_name {
	char address[16], name[132];
};

struct sfe_records { /* what a results folder says */
	struct sfe_job_row *jobs;
	struct sfe_invocation_row *invocations;
	struct sfe_link_row *links;
	struct sfe_summary *strategies;
	struct sfe_capture_file_row *files;
	struct sfe_host_name *hosts; /* by address */
	unsigned n_jobs, n_invocations, n_links, n_strategies, n_files, n_hosts;
	struct sfe_window *windows; /* one a strategy: when its links were counted */
};

/* Reads the folder of that descriptor, whoever made it; folder is what it is called. *out is the
 * caller's. Its windows go into the options of the analysis. */
int sfe_records_read(int dir, const char *folder, struct sfe_records **out, struct sfe_error *err);
/* The name of an address, NULL where it has none. */
const char *sfe_records_host(const struct sfe_records *r, const char *address);
void sfe_records_free(struct sfe_records *r);
/* *rows is the caller's; *differ: how many of them do. */
int sfe_reconcile(const struct sfe_records *r, const struct sfe_analysis *a,
	struct sfe_reconcile_row **rows, size_t *n, size_t *differ, struct sfe_error *err);

#endif

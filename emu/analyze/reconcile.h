/* SPDX-License-Identifier: MIT */
/*
 * Compares captures with the run's records: payload with jobs.csv, and bytes on the wire with the
 * interfaces' counters in links.csv. Normally there is no difference; each difference is reported.
 */
#ifndef SFE_ANALYZE_RECONCILE_H
#define SFE_ANALYZE_RECONCILE_H

#include "emu/analyze/analysis.h"
#include "emu/results/table_columns.h"
#include "sfemu/summary.h"

struct sfe_reconcile_row {
	char what[32], strategy[SFE_STRATEGY_BYTES], where[132];
	uint64_t captured, recorded;
	double difference; /* captured minus recorded */
	char note[96];
};
extern const struct sfe_table sfe_reconcile_view;

struct sfe_host_name {
	char address[16], name[132];
};

struct sfe_records { /* the tables of a results folder */
	struct sfe_job_row *jobs;
	struct sfe_invocation_row *invocations;
	struct sfe_link_row *links;
	struct sfe_summary *strategies;
	struct sfe_capture_file_row *files;
	struct sfe_host_name *hosts; /* by address */
	unsigned n_jobs, n_invocations, n_links, n_strategies, n_files, n_hosts;
	struct sfe_window *windows; /* per strategy: the time in which its links were counted */
};

/* Reads the results folder of a descriptor, which another user may have written; folder is its
 * name. The caller frees *out with sfe_records_free. Its windows are for the analysis' options. */
int sfe_records_read(int dir, const char *folder, struct sfe_records **out, struct sfe_error *err);
/* The host name of an address, or NULL. */
const char *sfe_records_host(const struct sfe_records *r, const char *address);
void sfe_records_free(struct sfe_records *r);
/* Compares all of them. The caller frees *rows. *differ: how many rows have a difference that is
 * not explained. */
int sfe_reconcile(const struct sfe_records *r, const struct sfe_analysis *a,
	struct sfe_reconcile_row **rows, size_t *n, size_t *differ, struct sfe_error *err);

#endif

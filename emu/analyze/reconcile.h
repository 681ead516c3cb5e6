/* SPDX-License-Identifier: MIT */
/*
 * What captures show, held against what the run recorded: payload against jobs.csv, bytes on the
 * wire against the interfaces' counters in links.csv. Zero differences are the norm; every other
 * one is shown.
 */
#ifndef SFE_ANALYZE_RECONCILE_H
#define SFE_ANALYZE_RECONCILE_H

#include "emu/analyze/analysis.h"
#include "emu/run/table.h"

struct sfe_reconcile_row {
	char what[32], strategy[32], where[132];
	uint64_t captured, recorded;
	double difference; /* captured less recorded */
	char note[96];
};
extern const struct sfe_table sfe_reconcile_view;

struct sfe_records; /* what a results folder says */

/* Reads the folder: *out is the caller's. Its windows go into the options of the analysis. */
int sfe_records_read(const char *folder, struct sfe_records **out, struct sfe_error *err);
void sfe_records_free(struct sfe_records *r);
/* The time of each strategy's replay, by the clock of the captures. */
const struct sfe_window *sfe_records_windows(const struct sfe_records *r, uint32_t *n);

/* *rows is the caller's; *differ: how many of them do. */
int sfe_reconcile(const struct sfe_records *r, const struct sfe_analysis *a,
	struct sfe_reconcile_row **rows, size_t *n, size_t *differ, struct sfe_error *err);

#endif

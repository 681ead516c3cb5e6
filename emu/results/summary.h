/* SPDX-License-Identifier: MIT */
/* One line a strategy: a row of summary.csv (tables.c describes it) and of the comparison table. */
#ifndef SFE_RESULTS_SUMMARY_H
#define SFE_RESULTS_SUMMARY_H

#include <stdio.h>

#include "emu/results/explain.h"
#include "sfemu/summary.h"

int sfe_summary_of(
	const struct sfe_replay *r, const struct sfe_explanation *x, struct sfe_summary *s);

/* Reads summary.csv of a results folder: *rows is the caller's. */
int sfe_summary_read(int dir, struct sfe_summary **rows, unsigned *n, struct sfe_error *err);
/*
 * Both print the columns that fit into lines of that width, 0: all. They return how many they left
 * out.
 */
/* The comparison, with ratios to PureFaaS (or to the first row where PureFaaS was not run). */
unsigned sfe_summary_table(const struct sfe_summary *rows, unsigned n, unsigned width, FILE *out);
/* The closed form beside it, and what the difference is made of. */
unsigned sfe_summary_model_table(
	const struct sfe_summary *rows, unsigned n, unsigned width, FILE *out);

#endif

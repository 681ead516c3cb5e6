/* SPDX-License-Identifier: MIT */
/* The summary of a strategy: a row of summary.csv (table_columns.c has its columns) and of the
 * comparison table. */
#ifndef SFE_RESULTS_SUMMARY_H
#define SFE_RESULTS_SUMMARY_H

#include <stdio.h>

#include "emu/results/delay_explanation.h"
#include "sfemu/summary.h"

int sfe_summary_of(
	const struct sfe_replay *r, const struct sfe_explanation *x, struct sfe_summary *s);

/* Reads summary.csv of a results folder; *rows is the caller's. */
int sfe_summary_read(int dir, struct sfe_summary **rows, unsigned *n, struct sfe_error *err);
/*
 * Both print the columns that fit into `width` characters (0: all), and return the number of
 * omitted columns.
 */
/* The comparison, with ratios to PureFaaS (or to the first row if PureFaaS was not run). */
unsigned sfe_summary_table(const struct sfe_summary *rows, unsigned n, unsigned width, FILE *out);
/* The closed form beside the measurements, and the components of the difference. */
unsigned sfe_summary_model_table(
	const struct sfe_summary *rows, unsigned n, unsigned width, FILE *out);

#endif

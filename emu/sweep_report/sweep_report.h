/* SPDX-License-Identifier: MIT */
/* The report of a sweep: a page that loads no other file, the same as JSON, and a table. */
#ifndef SFE_SWEEP_REPORT_SWEEP_REPORT_H
#define SFE_SWEEP_REPORT_SWEEP_REPORT_H

#include <stdio.h>

#include "emu/sweep_report/swept_figures.h"

/* Whether a folder is a sweep's: it has cells.csv and is no results folder. */
bool sfe_is_sweep(int dir);

/* Writes report.html into the sweep's folder, or `file` if it is not NULL. */
int sfe_sweep_page(const struct sfe_swept_figures *f, const char *file, struct sfe_error *err);
/* All tables of the page as one JSON object; rows are objects. */
void sfe_sweep_json(const struct sfe_swept_figures *f, FILE *out);
/*
 * The figures of each combination and strategy, and what can be said of numbers of steps, for a
 * terminal of that width (0: no limit). Returns how many columns it left out.
 */
unsigned sfe_sweep_text(const struct sfe_swept_figures *f, unsigned width, FILE *out);

#endif

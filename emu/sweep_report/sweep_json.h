/* SPDX-License-Identifier: MIT */
/* The figures of a sweep as JSON: the part that the page has too. */
#ifndef SFE_SWEEP_REPORT_SWEEP_JSON_H
#define SFE_SWEEP_REPORT_SWEEP_JSON_H

#include <stdio.h>

#include "emu/sweep_report/swept_figures.h"

/* Axes, strategies, seeds and how many cells are done, as members of an object. */
void sfe_sweep_json_head(const struct sfe_swept_figures *f, FILE *out);

#endif

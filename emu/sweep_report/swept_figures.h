/* SPDX-License-Identifier: MIT */
/* All figures of a sweep, computed from its folder: the tables of its report. */
#ifndef SFE_SWEEP_REPORT_SWEPT_FIGURES_H
#define SFE_SWEEP_REPORT_SWEPT_FIGURES_H

#include <json-c/json.h>

#include "emu/report/rows.h"
#include "emu/sweep_report/swept_answers.h"

/* Rows of a page: more would make it too large for a browser. */
#define SFE_SWEPT_MAX_GROUP_ROWS 30000u /* by number of steps and by size of states */
#define SFE_SWEPT_MAX_PAIRS 100000u
#define SFE_SWEPT_MAX_ANSWERS 2000u

struct sfe_point_row {
	uint32_t combination;
	char by[16], strategy[SFE_STRATEGY_BYTES];
	double from, below;
	struct sfe_point p;
};

struct sfe_pair_row {
	uint32_t combination;
	char by[16], baseline[SFE_STRATEGY_BYTES], strategy[SFE_STRATEGY_BYTES];
	double from, below;
	struct sfe_comparison p;
};

struct sfe_swept_note {
	char text[300];
};

struct sfe_swept_figures {
	struct sfe_swept sweep;
	struct sfe_swept_reading reading;
	struct sfe_rows points, pairs, answers, notes;
	struct json_object *manifest; /* of the first cell that is done; NULL: there is none */
	uint32_t baseline;            /* the strategy that others are compared with at first */
};

/*
 * Reads the folder of a sweep, which may be anybody's: only regular files beneath it. -ENOENT: it
 * has no cells.csv. The caller calls sfe_swept_figures_free, also after an error.
 */
int sfe_swept_figures_read(int dir, struct sfe_swept_figures *f, struct sfe_error *err);
void sfe_swept_figures_free(struct sfe_swept_figures *f);

#endif

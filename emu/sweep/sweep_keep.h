/* SPDX-License-Identifier: MIT */
/*
 * Keeps sweep.csv and cells.csv up to date while cells run, so that both say what is done however
 * the sweep ends. Each is replaced as a whole. In a large sweep writing takes long, so it takes at
 * most a tenth of the time: the files may then lag behind by ten times what writing takes.
 */
#ifndef SFE_SWEEP_SWEEP_KEEP_H
#define SFE_SWEEP_SWEEP_KEEP_H

#include "emu/sweep/sweep_engine.h"

struct sfe_sweep_keep {         /* zeros at first */
	double ended_s, took_s; /* the last writing, on the clock of the sweep's progress */
	uint32_t settled;       /* cells that were done or had failed then */
	bool begun, said;
};

/* Writes both tables if a cell was done, or has failed, since they were written, unless that was
 * just now. An error is said once on the standard error: the sweep goes on. */
void sfe_sweep_keep(struct sfe_sweep_run *run, struct sfe_sweep_keep *keep);

#endif

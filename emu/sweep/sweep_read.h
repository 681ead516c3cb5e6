/* SPDX-License-Identifier: MIT */
/* Reads a sweep and checks all of its cells. */
#ifndef SFE_SWEEP_SWEEP_READ_H
#define SFE_SWEEP_SWEEP_READ_H

#include "emu/sweep/sweep.h"

/*
 * Reads the sweep and the scenario of each cell, so that no cell starts if another one cannot run.
 * sets: "key=value" for all cells. Errors are -EINVAL with file:line. The caller frees *out with
 * sfe_sweep_free.
 */
int sfe_sweep_read(const char *file, const char *const *sets, uint32_t n_sets,
	struct sfe_sweep **out, struct sfe_error *err);

#endif

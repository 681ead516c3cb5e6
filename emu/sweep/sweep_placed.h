/* SPDX-License-Identifier: MIT */
/* `placement: {frozen: true}`: all cells of a sweep have the nodes that its base has. */
#ifndef SFE_SWEEP_SWEEP_PLACED_H
#define SFE_SWEEP_SWEEP_PLACED_H

#include "emu/sweep/sweep.h"

/*
 * Places the sweep's base, as if it were run, and writes the two tables that `placement.from` reads
 * into the folder `placed` of dir, whose path is `folder`. *from is the absolute path of that
 * folder, the caller's. Tables that are there with the same content are left alone.
 */
int sfe_sweep_place_base(
	const struct sfe_sweep *s, int dir, const char *folder, char **from, struct sfe_error *err);

#endif

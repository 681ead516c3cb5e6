/* SPDX-License-Identifier: MIT */
/* Runs one cell of a sweep in a process of its own, and records that it is done. */
#ifndef SFE_SWEEP_SWEEP_CELL_H
#define SFE_SWEEP_SWEEP_CELL_H

#include "emu/sweep/sweep_store.h"

/* Whether a cell is done: its folder is complete and unchanged, and was made from the same
 * scenario, inputs, guest kernel and sfemu. */
int sfe_sweep_cell_done(
	struct sfe_sweep_store *store, uint32_t cell, bool *done, struct sfe_error *err);
/* Starts the run of a cell, on a core if cpu is not negative. Process *pid ends with the caller. */
int sfe_sweep_cell_start(
	struct sfe_sweep_store *store, uint32_t cell, int cpu, pid_t *pid, struct sfe_error *err);
/* Finishes a cell whose process has ended with that status (of waitpid). 0: the cell is done;
 * otherwise err says why it is not. */
int sfe_sweep_cell_finish(
	struct sfe_sweep_store *store, uint32_t cell, int status, struct sfe_error *err);

#endif

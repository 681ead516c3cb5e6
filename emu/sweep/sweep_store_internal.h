/* SPDX-License-Identifier: MIT */
/* Between sweep_store.c and sweep_cell.c. */
#ifndef SFE_SWEEP_SWEEP_STORE_INTERNAL_H
#define SFE_SWEEP_SWEEP_STORE_INTERNAL_H

#include <sys/stat.h>

#include "emu/sweep/sweep_store.h"

/* The cell's scenario as resolved (the caller's), and what it will run on. */
int sfe_sweep_cell_text(struct sfe_sweep_store *store, uint32_t cell, char **text, size_t *len,
	const struct sfe_sweep_substrate **substrate, struct sfe_error *err);
#endif

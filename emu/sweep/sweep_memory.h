/* SPDX-License-Identifier: MIT */
/* The memory of a cell's guest. */
#ifndef SFE_SWEEP_SWEEP_MEMORY_H
#define SFE_SWEEP_SWEEP_MEMORY_H

#include "emu/sweep/sweep_store.h"

/* In MB (emu/run/guest_memory.h). 0: the cell runs natively, or its scenario cannot be read, which
 * its start will say. */
uint64_t sfe_sweep_cell_memory_mb(struct sfe_sweep_store *store, uint32_t cell);

#endif

/* SPDX-License-Identifier: MIT */
#include "emu/sweep/sweep_memory.h"

#include "emu/experiment/experiment_new.h"
#include "emu/run/guest_memory.h"

uint64_t sfe_sweep_cell_memory_mb(struct sfe_sweep_store *store, uint32_t cell)
{
	const struct sfe_sweep_substrate *x;
	struct sfe_scenario *s;
	struct sfe_experiment *e;
	struct sfe_error none = {0};

	if (sfe_sweep_cell_substrate(store, cell, &x, &none) ||
		x->choice.substrate != SFE_SUBSTRATE_VM ||
		sfe_sweep_scenario(store->sweep, cell, &s, &none) ||
		sfe_experiment_new(s, &e, &none))
		return 0;
	uint64_t mb = sfe_guest_memory_mb(e, NULL);
	sfe_experiment_free(e);
	return mb;
}

/* SPDX-License-Identifier: MIT */
/* Paths of an experiment's network, for inline=auto. */
#ifndef SFE_EXPERIMENT_INLINE_PATHS_H
#define SFE_EXPERIMENT_INLINE_PATHS_H

#include "emu/experiment/explained_paths.h"
#include "emu/model/strategies/inline_states.h"

/* Finds paths in struct sfe_explained_paths: of struct sfe_inline_paths. */
int sfe_inline_path_find(
	void *explained_paths, uint32_t from, uint32_t to, struct sfe_inline_path *out);

#endif

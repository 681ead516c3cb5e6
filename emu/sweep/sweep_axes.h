/* SPDX-License-Identifier: MIT */
/* The axes of a sweep: what varies, and what is set for all cells. */
#ifndef SFE_SWEEP_SWEEP_AXES_H
#define SFE_SWEEP_SWEEP_AXES_H

#include "emu/model/base/yaml_tree.h"
#include "emu/sweep/sweep.h"

/* Adds a "key=value" of the command line to what is set for all cells. */
int sfe_sweep_add_common(struct sfe_sweep *s, const char *set, struct sfe_error *err);
/* Read the sections `set` and `grid` of the file; t is NULL if there is none. group: the path of
 * the keys above, "" at first. */
int sfe_sweep_read_common(struct sfe_sweep *s, const struct sfe_tree *t, struct sfe_error *err);
int sfe_sweep_read_grid(
	struct sfe_sweep *s, const struct sfe_tree *t, const char *group, struct sfe_error *err);
/* Read strategies and seeds, or take those of the base scenario if the file has none. */
int sfe_sweep_read_strategies(struct sfe_sweep *s, const struct sfe_tree *root,
	const struct sfe_scenario *base, struct sfe_error *err);
int sfe_sweep_read_seeds(struct sfe_sweep *s, const struct sfe_tree *root,
	const struct sfe_scenario *base, struct sfe_error *err);
/* Counts the cells. Too many cells, or a key that is set in two places, are errors. */
int sfe_sweep_check_axes(struct sfe_sweep *s, struct sfe_error *err);

#endif

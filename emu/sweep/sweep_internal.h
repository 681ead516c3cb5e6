/* SPDX-License-Identifier: MIT */
/* Between the files that make a sweep: sweep.c (its cells), sweep_read.c (its file), sweep_axes.c.
 */
#ifndef SFE_SWEEP_SWEEP_INTERNAL_H
#define SFE_SWEEP_SWEEP_INTERNAL_H

#include "emu/model/base/yaml_tree.h"
#include "emu/sweep/sweep.h"

/* Reads s->file into the rest of s. */
int sfe_sweep_parse(struct sfe_sweep *s, struct sfe_error *err);

/* Adds one "key=value" of the command line to what holds for every cell. */
int sfe_sweep_add_common(struct sfe_sweep *s, const char *set, struct sfe_error *err);
/* The parts of the file; t is NULL where it is not there. */
int sfe_sweep_read_common(struct sfe_sweep *s, const struct sfe_tree *t, struct sfe_error *err);
int sfe_sweep_read_grid(
	struct sfe_sweep *s, const struct sfe_tree *t, const char *group, struct sfe_error *err);
/* Where the file does not name them, those of the base scenario. */
int sfe_sweep_read_strategies(struct sfe_sweep *s, const struct sfe_tree *root,
	const struct sfe_scenario *base, struct sfe_error *err);
int sfe_sweep_read_seeds(struct sfe_sweep *s, const struct sfe_tree *root,
	const struct sfe_scenario *base, struct sfe_error *err);
/* Counts the cells; refuses too many, and a key that is set in two places. */
int sfe_sweep_check_axes(struct sfe_sweep *s, struct sfe_error *err);

#endif

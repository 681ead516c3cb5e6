/* SPDX-License-Identifier: MIT */
/*
 * Builds a topology by composition: cells within cells, with counts that may be drawn, from the
 * tree of a scenario's topology.compose (docs/scenario.md lists its keys). Ether's scenarios are
 * compositions too.
 */
#ifndef SFE_GENERATE_COMPOSE_H
#define SFE_GENERATE_COMPOSE_H

#include "emu/model/base/yaml_tree.h"
#include "sfemu/topology.h"

/* file: the place for errors, with the line of the tree. Equal seeds give equal topologies. */
int sfe_compose(const struct sfe_tree *tree, const char *file, uint64_t seed,
	struct sfe_topology **out, struct sfe_error *err);
/* The same with a lower limit than SFE_MAX_VERTICES. */
int sfe_compose_within(const struct sfe_tree *tree, const char *file, uint64_t seed,
	uint32_t max_vertices, struct sfe_topology **out, struct sfe_error *err);

#endif

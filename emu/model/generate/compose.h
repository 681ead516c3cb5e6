/* SPDX-License-Identifier: MIT */
/*
 * A topology by composition: cells within cells, with counts that may be drawn, as a scenario's
 * topology.compose says it (docs/scenario.md has the words). Ether's scenarios are compositions
 * too.
 */
#ifndef SFE_GENERATE_COMPOSE_H
#define SFE_GENERATE_COMPOSE_H

#include "emu/model/base/yaml_tree.h"
#include "sfemu/topology.h"

/* file: the place for errors, as is each line of the tree. Equal seeds give equal topologies. */
int sfe_compose(const struct sfe_tree *tree, const char *file, uint64_t seed,
	struct sfe_topology **out, struct sfe_error *err);
/* The same with fewer vertices at most than SFE_MAX_VERTICES. */
int sfe_compose_within(const struct sfe_tree *tree, const char *file, uint64_t seed,
	uint32_t max_vertices, struct sfe_topology **out, struct sfe_error *err);

#endif

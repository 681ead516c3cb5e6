/* SPDX-License-Identifier: MIT */
/* The section `nodes`: what nodes give to invocations. */
#ifndef SFE_SCENARIO_SCENARIO_NODES_H
#define SFE_SCENARIO_SCENARIO_NODES_H

#include "emu/model/base/yaml_tree.h"
#include "sfemu/scenario.h"

int sfe_section_nodes_read(const struct sfe_tree *tree, const char *file, const char *folder,
	struct sfe_scenario *s, struct sfe_error *err);
bool sfe_section_nodes_are_set(const struct sfe_scenario *s);
void sfe_section_nodes_print(const struct sfe_scenario *s, FILE *out);
void sfe_section_nodes_clear(struct sfe_scenario *s);

/*
 * The limits of each node of a topology, an array of t->n_nodes that is the caller's; NULL: the
 * scenario has none. -EINVAL if an element matches no node.
 */
int sfe_scenario_node_limits(const struct sfe_scenario *s, const struct sfe_topology *t,
	struct sfe_node_limits **out, struct sfe_error *err);

#endif

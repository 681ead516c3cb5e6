/* SPDX-License-Identifier: MIT */
/* The nodes on which the scenario lets functions run, by their `affinity`. */
#ifndef SFE_PLACEMENT_AFFINITIES_H
#define SFE_PLACEMENT_AFFINITIES_H

#include <stdbool.h>

#include "sfemu/placement.h"

struct sfe_affinities {
	uint32_t n_functions;
	/* allowed[function][node]; NULL for a function without an affinity of the scenario. */
	bool **allowed;
	const struct sfe_function_spec **of; /* of each function, or NULL */
};

/*
 * A node matches a pattern with its model, or with the word CPU or GPU. *out is NULL if no function
 * of the workload has an affinity, else the caller's. Errors: a pattern that matches no node;
 * -ENOMEM.
 */
int sfe_affinities_new(const struct sfe_placement_rules *rules, const struct sfe_topology *t,
	const struct sfe_workload *w, struct sfe_affinities **out, struct sfe_error *err);
void sfe_affinities_free(struct sfe_affinities *a);

/* What the scenario says of a function's affinity; NULL: nothing. a may be NULL. */
const struct sfe_function_spec *sfe_affinities_of(
	const struct sfe_affinities *a, uint32_t function);
/* a may be NULL: any function may run anywhere. */
bool sfe_affinities_allow(const struct sfe_affinities *a, uint32_t function, uint32_t node);

#endif

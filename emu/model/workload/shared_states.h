/* SPDX-License-Identifier: MIT */
/*
 * The instances of states that outlive jobs: one for each client, for each function, or one for
 * all. Each has a home, the node that holds it and decides the order of its versions. Workers and
 * the closed form ask here, so that they cannot disagree.
 */
#ifndef SFE_MODEL_SHARED_STATES_H
#define SFE_MODEL_SHARED_STATES_H

#include "sfemu/strategy.h"
#include "sfemu/workflow.h"

struct sfe_shared_instance {
	uint32_t state;  /* index into the workflows' shared states */
	uint32_t owner;  /* client: the node; function: its index; global: SFE_NONE */
	uint32_t client; /* of the first job that uses it */
	uint32_t first;  /* node of the first step that uses it, in the order of jobs */
	bool sizes_vary; /* a function of the user's changes it: it may get any size */
	bool in_advance; /* no step declares a use of it (shared_names.h) */
	bool by_name;    /* C code may use it by its name, and so change it */
};

struct sfe_shared_instances { /* all zero: there are none */
	const struct sfe_shared_state *states;
	uint32_t n, room;
	struct sfe_shared_instance *of;
	uint32_t n_slots; /* of a hash table, a power of two; each the number of an instance + 1 */
	uint32_t *slot;
	uint32_t first_code; /* see shared_names.h */
};

/* Whether nothing can change it: what was read of it once holds for ever. */
static inline bool sfe_shared_is_constant(const struct sfe_shared_instances *all, uint32_t instance)
{
	const struct sfe_shared_instance *one = &all->of[instance];

	return !all->states[one->state].changes && !one->by_name;
}

/* Adds those that a job uses. Called for each job, in their order. 0 or -ENOMEM. */
int sfe_shared_add(struct sfe_shared_instances *all, const struct sfe_workflows *workflows,
	const struct sfe_placed_job *job, bool sizes_vary);
/* The instance of that state and owner; if it is not there, it is added as the first use says.
 * NULL: out of memory. */
struct sfe_shared_instance *sfe_shared_have(
	struct sfe_shared_instances *all, const struct sfe_shared_instance *first_use);
/* Its number; SFE_NONE: there is none. */
uint32_t sfe_shared_find(const struct sfe_shared_instances *all, uint32_t state, uint32_t owner);
void sfe_shared_free(struct sfe_shared_instances *all);

/* The instance of the step's i-th use. */
uint32_t sfe_shared_instance(const struct sfe_shared_instances *all,
	const struct sfe_placed_job *job, uint32_t step, uint32_t i);

/*
 * Its home. store: the node of the strategy's store, if it has one; cloud: the node of the cloud.
 * Where states travel with messages, a client's instance is on the client. Strategies that have no
 * other place keep wider ones in the cloud.
 */
uint32_t sfe_shared_home(const struct sfe_shared_instances *all, uint32_t instance,
	const struct sfe_strategy_info *strategy, uint32_t store, uint32_t cloud);
/* Whether the strategy needs the cloud for such states. */
bool sfe_shared_needs_cloud(
	const struct sfe_workflows *workflows, const struct sfe_strategy_info *strategy);

#endif

/* SPDX-License-Identifier: MIT */
#include "emu/model/workload/shared_states.h"

#include <errno.h>
#include <stdlib.h>

static uint32_t owner_of(const struct sfe_shared_instances *all, const struct sfe_placed_job *job,
	uint32_t step, uint32_t state)
{
	switch (all->states[state].scope) {
	case SFE_SCOPE_CLIENT:
		return job->client;
	case SFE_SCOPE_FUNCTION:
		return job->job->steps[step].function;
	case SFE_SCOPE_JOB:
	case SFE_SCOPE_GLOBAL:
		break;
	}
	return SFE_NONE;
}

/* The slot of an instance, or the free one where it belongs. */
static uint32_t find_slot(const struct sfe_shared_instances *all, uint32_t state, uint32_t owner)
{
	uint64_t key = ((uint64_t)state << 32 | owner) * 0x9e3779b97f4a7c15ull;
	uint32_t at = (uint32_t)(key >> 32) & (all->n_slots - 1);

	while (all->slot[at] && (all->of[all->slot[at] - 1].state != state ||
					all->of[all->slot[at] - 1].owner != owner))
		at = (at + 1) & (all->n_slots - 1);
	return at;
}

/* Room for one more: at least half of the slots stay free. */
static int grow(struct sfe_shared_instances *all)
{
	if (all->n == all->room) {
		uint32_t room = all->room ? 2 * all->room : 8;
		void *more = reallocarray(all->of, room, sizeof(*all->of));
		if (!more)
			return -ENOMEM;
		all->of = more;
		all->room = room;
	}
	if (2 * (all->n + 1) <= all->n_slots)
		return 0;
	uint32_t n_slots = all->n_slots ? 2 * all->n_slots : 16;
	uint32_t *slot = calloc(n_slots, sizeof(*slot));
	if (!slot)
		return -ENOMEM;
	free(all->slot);
	all->slot = slot;
	all->n_slots = n_slots;
	for (uint32_t i = 0; i < all->n; i++)
		slot[find_slot(all, all->of[i].state, all->of[i].owner)] = i + 1;
	return 0;
}

struct sfe_shared_instance *sfe_shared_have(
	struct sfe_shared_instances *all, const struct sfe_shared_instance *first_use)
{
	if (grow(all))
		return NULL;
	uint32_t at = find_slot(all, first_use->state, first_use->owner);
	if (!all->slot[at]) {
		all->of[all->n++] = *first_use;
		all->slot[at] = all->n;
	}
	return &all->of[all->slot[at] - 1];
}

uint32_t sfe_shared_find(const struct sfe_shared_instances *all, uint32_t state, uint32_t owner)
{
	/* The number of a free slot is 0: SFE_NONE. */
	return all->n ? all->slot[find_slot(all, state, owner)] - 1 : SFE_NONE;
}

static int add(struct sfe_shared_instances *all, const struct sfe_placed_job *job, uint32_t step,
	const struct sfe_shared_use *use, bool sizes_vary)
{
	struct sfe_shared_instance *one =
		sfe_shared_have(all, &(struct sfe_shared_instance){.state = use->state,
					     .owner = owner_of(all, job, step, use->state),
					     .client = job->client,
					     .first = job->node[step]});

	if (!one)
		return -ENOMEM;
	one->sizes_vary |= sizes_vary;
	return 0;
}

int sfe_shared_add(struct sfe_shared_instances *all, const struct sfe_workflows *workflows,
	const struct sfe_placed_job *job, bool sizes_vary)
{
	int r = 0;

	if (workflows)
		all->states = workflows->shared;
	for (uint32_t s = 0; job->job->shared && s < job->job->n_steps && !r; s++)
		for (uint32_t i = 0; i < job->job->shared[s].n && !r; i++)
			r = add(all, job, s, &job->job->shared[s].of[i], sizes_vary);
	return r;
}

void sfe_shared_free(struct sfe_shared_instances *all)
{
	free(all->of);
	free(all->slot);
	*all = (struct sfe_shared_instances){0};
}

uint32_t sfe_shared_instance(const struct sfe_shared_instances *all,
	const struct sfe_placed_job *job, uint32_t step, uint32_t i)
{
	uint32_t state = job->job->shared[step].of[i].state;

	return all->slot[find_slot(all, state, owner_of(all, job, step, state))] - 1;
}

/* Whether states have no node of their own: they travel with messages, or are in the cloud. */
static bool in_cloud(const struct sfe_strategy_info *strategy)
{
	return strategy->store == SFE_STORE_CLOUD ||
	       (strategy->store == SFE_STORE_NONE && strategy->carries);
}

uint32_t sfe_shared_home(const struct sfe_shared_instances *all, uint32_t instance,
	const struct sfe_strategy_info *strategy, uint32_t store, uint32_t cloud)
{
	const struct sfe_shared_instance *one = &all->of[instance];

	if (strategy->store != SFE_STORE_NONE)
		return store;
	if (!in_cloud(strategy))
		return one->first;
	return all->states[one->state].scope == SFE_SCOPE_CLIENT ? one->owner : cloud;
}

bool sfe_shared_needs_cloud(
	const struct sfe_workflows *workflows, const struct sfe_strategy_info *strategy)
{
	for (uint32_t i = 0; i < workflows->n_shared; i++)
		if (workflows->shared[i].scope != SFE_SCOPE_CLIENT && in_cloud(strategy))
			return true;
	return false;
}

/* SPDX-License-Identifier: MIT */
#include "nodes/recovery/accepted.h"

#include <stdlib.h>

static struct accepted_call **chain_of(struct accepted_calls *all, uint32_t job, uint32_t step)
{
	/* There are many jobs, and few steps of each on one node. */
	return &all->chains[(job * 31u + step) % ACCEPTED_CHAINS];
}

struct accepted_call *accepted_find(struct accepted_calls *all, uint32_t job, uint32_t step)
{
	struct accepted_call *call = *chain_of(all, job, step), *found = NULL;

	for (; call; call = call->next) {
		if (call->job == job && call->step == step &&
			(!found || call->attempt > found->attempt))
			found = call;
	}
	return found;
}

struct accepted_call *accepted_add(
	struct accepted_calls *all, uint32_t job, uint32_t step, uint32_t attempt)
{
	struct accepted_call **chain = chain_of(all, job, step), *call = calloc(1, sizeof(*call));

	if (!call)
		return NULL;
	*call = (struct accepted_call){
		.job = job, .step = step, .attempt = attempt, .next = *chain};
	*chain = call;
	return call;
}

void accepted_init(struct accepted_calls *all)
{
	*all = (struct accepted_calls){0};
	TAILQ_INIT(&all->with_result);
}

static void drop_result(struct accepted_calls *all, struct accepted_call *call)
{
	if (!call->result.states)
		return;
	TAILQ_REMOVE(&all->with_result, call, by_age);
	package_drop(&call->result);
}

void accepted_remove(struct accepted_calls *all, struct accepted_call *call)
{
	struct accepted_call **at = chain_of(all, call->job, call->step);

	while (*at != call)
		at = &(*at)->next;
	*at = call->next;
	drop_result(all, call);
	join_free(call->join);
	free(call);
}

void accepted_keep_result(struct accepted_calls *all, struct accepted_call *call,
	struct package *result, uint64_t until_ns, uint64_t now_ns)
{
	struct accepted_call *oldest;

	while ((oldest = TAILQ_FIRST(&all->with_result)) && oldest->until_ns < now_ns)
		drop_result(all, oldest);
	call->result = package_move(result);
	call->until_ns = until_ns;
	TAILQ_INSERT_TAIL(&all->with_result, call, by_age);
}

void accepted_clear(struct accepted_calls *all)
{
	for (unsigned i = 0; i < ACCEPTED_CHAINS; i++) {
		while (all->chains[i])
			accepted_remove(all, all->chains[i]);
	}
}

/* SPDX-License-Identifier: MIT */
#include "nodes/recovery/accepted.h"

#include <errno.h>
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
	TAILQ_INIT(&all->with_join);
	TAILQ_INIT(&all->with_result);
}

/* Most often it is the last one: they come by age, unless jobs differ in how long they may take. */
static void insert_by_age(struct accepted_by_age *list, struct accepted_call *call)
{
	struct accepted_call *before = TAILQ_LAST(list, accepted_by_age);

	while (before && before->until_ns > call->until_ns)
		before = TAILQ_PREV(before, accepted_by_age, by_age);
	if (before)
		TAILQ_INSERT_AFTER(list, before, call, by_age);
	else
		TAILQ_INSERT_HEAD(list, call, by_age);
}

int accepted_wait(
	struct accepted_calls *all, struct accepted_call *call, uint32_t n_parts, uint64_t until_ns)
{
	call->join = join_new(n_parts);
	if (!call->join)
		return -ENOMEM;
	call->until_ns = until_ns;
	insert_by_age(&all->with_join, call);
	return 0;
}

void accepted_joined(struct accepted_calls *all, struct accepted_call *call)
{
	if (!call->join)
		return;
	TAILQ_REMOVE(&all->with_join, call, by_age);
	join_free(call->join);
	call->join = NULL;
}

void accepted_expire(struct accepted_calls *all, uint64_t now_ns)
{
	struct accepted_call *oldest;

	while ((oldest = TAILQ_FIRST(&all->with_join)) && oldest->until_ns < now_ns)
		accepted_remove(all, oldest);
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
	accepted_joined(all, call);
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

/* SPDX-License-Identifier: MIT */
#include "nodes/recovery/accepted.h"

#include <stdlib.h>

static struct taken **chain_of(struct taken_steps *all, uint32_t job, uint32_t step)
{
	/* Steps of a job on one node are few, jobs are many. */
	return &all->chains[(job * 31u + step) % TAKEN_CHAINS];
}

struct taken *taken_find(struct taken_steps *all, uint32_t job, uint32_t step)
{
	struct taken *t = *chain_of(all, job, step), *found = NULL;

	for (; t; t = t->next) {
		if (t->job == job && t->step == step && (!found || t->attempt > found->attempt))
			found = t;
	}
	return found;
}

struct taken *taken_add(struct taken_steps *all, uint32_t job, uint32_t step, uint32_t attempt)
{
	struct taken **chain = chain_of(all, job, step), *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	*t = (struct taken){.job = job, .step = step, .attempt = attempt, .next = *chain};
	*chain = t;
	return t;
}

void taken_init(struct taken_steps *all)
{
	*all = (struct taken_steps){0};
	TAILQ_INIT(&all->answers);
}

static void drop_answer(struct taken_steps *all, struct taken *taken)
{
	if (!taken->answer.states)
		return;
	TAILQ_REMOVE(&all->answers, taken, by_age);
	package_drop(&taken->answer);
}

void taken_forget(struct taken_steps *all, struct taken *taken)
{
	struct taken **at = chain_of(all, taken->job, taken->step);

	while (*at != taken)
		at = &(*at)->next;
	*at = taken->next;
	drop_answer(all, taken);
	free(taken);
}

void taken_answered(struct taken_steps *all, struct taken *taken, struct package *answer,
	uint64_t until_ns, uint64_t now_ns)
{
	struct taken *oldest;

	while ((oldest = TAILQ_FIRST(&all->answers)) && oldest->until_ns < now_ns)
		drop_answer(all, oldest);
	taken->answer = package_move(answer);
	taken->until_ns = until_ns;
	TAILQ_INSERT_TAIL(&all->answers, taken, by_age);
}

void taken_clear(struct taken_steps *all)
{
	for (unsigned i = 0; i < TAKEN_CHAINS; i++) {
		while (all->chains[i])
			taken_forget(all, all->chains[i]);
	}
}

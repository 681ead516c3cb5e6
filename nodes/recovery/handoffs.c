/* SPDX-License-Identifier: MIT */
#include "nodes/recovery/handoffs.h"

#include <errno.h>
#include <stdlib.h>

#include "nodes/base/array.h"

static void expire(struct handoffs *all, uint64_t now_ns)
{
	while (all->n_expired < all->n && all->list[all->n_expired].repeat_until_ns < now_ns)
		package_drop(&all->list[all->n_expired++].package);
}

int handoffs_add(struct handoffs *all, struct handoff *handoff, uint64_t now_ns)
{
	int r = array_reserve((void **)&all->list, all->n, &all->room, sizeof(*all->list));

	if (r)
		return r;
	if (handoff->package.states)
		expire(all, now_ns);
	all->list[all->n] = *handoff;
	all->list[all->n++].package = package_move(&handoff->package);
	return 0;
}

int handoffs_take(
	struct handoffs *all, uint32_t node, uint64_t now_ns, struct handoff **lost, size_t *n)
{
	size_t kept = 0;

	*n = 0;
	*lost = all->n ? calloc(all->n, sizeof(**lost)) : NULL;
	if (all->n && !*lost)
		return -ENOMEM;
	for (size_t i = 0; i < all->n; i++) {
		if (all->list[i].job_over_ns < now_ns)
			package_drop(&all->list[i].package);
		else if (all->list[i].to == node)
			(*lost)[(*n)++] = all->list[i];
		else
			all->list[kept++] = all->list[i];
	}
	all->n = kept;
	all->n_expired = 0;
	return 0;
}

void handoffs_clear(struct handoffs *all)
{
	for (size_t i = 0; i < all->n; i++)
		package_drop(&all->list[i].package);
	free(all->list);
	*all = (struct handoffs){0};
}

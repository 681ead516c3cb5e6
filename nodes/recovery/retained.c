/* SPDX-License-Identifier: MIT */
#include "nodes/recovery/retained.h"

#include <errno.h>
#include <stdlib.h>

static void drop_first(struct retained *all)
{
	struct retained_copy *c = STAILQ_FIRST(all);

	STAILQ_REMOVE_HEAD(all, next);
	slice_drop(&c->content);
	free(c);
}

int retained_add(struct retained *all, const struct retained_copy *copy, uint64_t now_ns)
{
	struct retained_copy *c = malloc(sizeof(*c));
	struct slice content = copy->content;

	while (!STAILQ_EMPTY(all) && STAILQ_FIRST(all)->until_ns < now_ns)
		drop_first(all);
	if (!c) {
		slice_drop(&content);
		return -ENOMEM;
	}
	*c = *copy;
	STAILQ_INSERT_TAIL(all, c, next);
	return 0;
}

const struct retained_copy *retained_find(
	const struct retained *all, uint32_t job, uint32_t state, uint32_t step)
{
	const struct retained_copy *c, *found = NULL;

	STAILQ_FOREACH (c, all, next) {
		if (c->job == job && c->state == state && c->step == step)
			found = c;
	}
	return found;
}

void retained_clear(struct retained *all)
{
	while (!STAILQ_EMPTY(all))
		drop_first(all);
}

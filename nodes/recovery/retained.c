/* SPDX-License-Identifier: MIT */
#include "nodes/recovery/retained.h"

#include <errno.h>
#include <stdlib.h>

static void drop_first(struct keepsakes *all)
{
	struct keepsake *k = STAILQ_FIRST(all);

	STAILQ_REMOVE_HEAD(all, next);
	slice_drop(&k->content);
	free(k);
}

int keepsakes_add(struct keepsakes *all, const struct keepsake *keepsake, uint64_t now_ns)
{
	struct keepsake *k = malloc(sizeof(*k));
	struct slice content = keepsake->content;

	while (!STAILQ_EMPTY(all) && STAILQ_FIRST(all)->until_ns < now_ns)
		drop_first(all);
	if (!k) {
		slice_drop(&content);
		return -ENOMEM;
	}
	*k = *keepsake;
	STAILQ_INSERT_TAIL(all, k, next);
	return 0;
}

const struct keepsake *keepsakes_find(
	const struct keepsakes *all, uint32_t job, uint32_t state, uint32_t step)
{
	const struct keepsake *k, *found = NULL;

	STAILQ_FOREACH (k, all, next) {
		if (k->job == job && k->state == state && k->step == step)
			found = k;
	}
	return found;
}

void keepsakes_clear(struct keepsakes *all)
{
	while (!STAILQ_EMPTY(all))
		drop_first(all);
}

/* SPDX-License-Identifier: MIT */
#include "nodes/shared/shared_created.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "emu/model/workload/shared_names.h"
#include "nodes/base/array.h"
#include "nodes/base/wide_xxh3.h"

#define SLOTS (4 * SFE_MOST_CREATED)
_Static_assert(SFE_MOST_CREATED < UINT16_MAX, "slots have numbers of 16 bits");

/* The slot of the name, or the free one where it belongs. */
static uint32_t find_slot(const struct shared_created *all, const char *name)
{
	uint32_t at = (uint32_t)(XXH3_64bits(name, strlen(name)) % SLOTS);

	while (all->slot[at] && strcmp(all->names[all->slot[at] - 1], name) != 0)
		at = (at + 1) % SLOTS;
	return at;
}

uint32_t shared_created_find(const struct shared_created *all, const char *name)
{
	/* The number of a free slot is 0: UINT32_MAX. */
	return all->slot ? all->slot[find_slot(all, name)] - 1u : UINT32_MAX;
}

int shared_created_add(struct shared_created *all, const char *name)
{
	if (all->n == SFE_MOST_CREATED)
		return -ENOSPC;
	if (!all->slot)
		all->slot = calloc(SLOTS, sizeof(*all->slot));
	if (!all->slot ||
		array_reserve((void **)&all->names, all->n, &all->room, sizeof(*all->names)))
		return -ENOMEM;
	snprintf(all->names[all->n], sizeof(*all->names), "%s", name);
	all->slot[find_slot(all, name)] = (uint16_t)(all->n + 1);
	all->n++;
	return 0;
}

void shared_created_clear(struct shared_created *all)
{
	free(all->names);
	free(all->slot);
	*all = (struct shared_created){0};
}

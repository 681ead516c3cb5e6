/* SPDX-License-Identifier: MIT */
#include "nodes/recovery/join.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct join *join_new(uint32_t n_parts)
{
	struct join *join = calloc(1, sizeof(*join) + n_parts * sizeof(join->part[0]));

	if (join)
		join->n_parts = n_parts;
	return join;
}

void join_free(struct join *join)
{
	for (uint32_t i = 0; join && i < join->n_parts; i++)
		package_drop(&join->part[i]);
	free(join);
}

bool join_has(const struct join *join, uint32_t i)
{
	return join->part[i].states;
}

void join_add(struct join *join, uint32_t i, struct package *package)
{
	join->part[i] = package_move(package);
	join->n_there++;
}

int values_join(
	struct buffer_pool *pool, const struct slice *const *value, uint32_t n, struct slice *out)
{
	uint64_t total = 0, at = 0;

	if (n == 1) {
		*out = slice_part(value[0], 0, value[0]->size);
		return 0;
	}
	for (uint32_t i = 0; i < n; i++)
		total += value[i]->size;
	int r = slice_new(pool, total, out);
	for (uint32_t i = 0; !r && i < n; i++) {
		if (value[i]->size)
			memcpy(out->data + at, value[i]->data, value[i]->size);
		at += value[i]->size;
	}
	return r;
}

/* A state has the same version along each edge that it comes along. */
static void merge_states(struct package *into, struct package *from)
{
	for (uint32_t s = 0; s < from->n_states; s++) {
		if (!from->states[s].here || into->states[s].here)
			continue;
		into->states[s] = from->states[s];
		from->states[s] = (struct carried){0};
	}
}

int join_merge(struct join *join, struct buffer_pool *pool, struct package *out)
{
	const struct slice **value = calloc(join->n_parts, sizeof(*value));
	struct slice all;

	if (!value)
		return -ENOMEM;
	for (uint32_t i = 0; i < join->n_parts; i++)
		value[i] = &join->part[i].value;
	int r = values_join(pool, value, join->n_parts, &all);
	free(value);
	if (r)
		return r;
	*out = package_move(&join->part[0]);
	slice_drop(&out->value);
	out->value = all;
	out->after = SFE_CLIENT;
	for (uint32_t i = 1; i < join->n_parts; i++)
		merge_states(out, &join->part[i]);
	return 0;
}

/* SPDX-License-Identifier: MIT */
#include "nodes/jobs/peer_table.h"

#include <stdlib.h>

#define FEWEST_SLOTS 8

static struct peer **find_slot(const struct peer_table *t, uint32_t node)
{
	uint32_t i = (node * 0x9e3779b1u) >> 8 & (t->n_slots - 1);

	while (t->slot[i] && t->slot[i]->node != node)
		i = (i + 1) & (t->n_slots - 1);
	return &t->slot[i];
}

struct peer *peer_table_find(const struct peer_table *t, uint32_t node)
{
	return t->n_slots ? *find_slot(t, node) : NULL;
}

static bool make_room(struct peer_table *t)
{
	struct peer_table more = {.n = t->n, .n_slots = t->n_slots ? 2 * t->n_slots : FEWEST_SLOTS};

	if (t->n < t->n_slots / 2)
		return true;
	more.slot = calloc(more.n_slots, sizeof(struct peer *));
	if (!more.slot)
		return false;
	for (uint32_t i = 0; i < t->n_slots; i++)
		if (t->slot[i])
			*find_slot(&more, t->slot[i]->node) = t->slot[i];
	free(t->slot);
	*t = more;
	return true;
}

struct peer *peer_table_get(struct peer_table *t, uint32_t node)
{
	struct peer *peer = peer_table_find(t, node);

	if (peer || !make_room(t))
		return peer;
	peer = calloc(1, sizeof(*peer));
	if (!peer)
		return NULL;
	peer->node = node;
	TAILQ_INIT(&peer->idle);
	*find_slot(t, node) = peer;
	t->n++;
	return peer;
}

void peer_table_clear(struct peer_table *t)
{
	for (uint32_t i = 0; i < t->n_slots; i++)
		free(t->slot[i]);
	free(t->slot);
	*t = (struct peer_table){0};
}

/* SPDX-License-Identifier: MIT */
#include "nodes/worker/state_cache.h"

#include <errno.h>
#include <stdlib.h>

#include "nodes/base/wide_xxh3.h"

void state_cache_init(struct state_cache *c, uint64_t memory)
{
	*c = (struct state_cache){.limit = memory ? memory : STATE_CACHE_DEFAULT_BYTES};
	TAILQ_INIT(&c->all);
}

static struct cached_state **slot_of(const struct state_cache *c, const struct cached_key *key)
{
	return &c->slot[XXH3_64bits(key, sizeof(*key)) & (c->n_slots - 1)];
}

static bool is_same(const struct cached_key *x, const struct cached_key *y)
{
	return x->job == y->job && x->attempt == y->attempt && x->state == y->state;
}

static struct cached_state *lookup(const struct state_cache *c, const struct cached_key *key)
{
	struct cached_state *s = c->n_slots ? *slot_of(c, key) : NULL;

	while (s && !is_same(&s->key, key))
		s = s->next;
	return s;
}

struct cached_state *state_cache_find(struct state_cache *c, const struct cached_key *key)
{
	struct cached_state *s = lookup(c, key);

	if (s) {
		TAILQ_REMOVE(&c->all, s, list);
		TAILQ_INSERT_HEAD(&c->all, s, list);
	}
	return s;
}

void state_cache_remove(struct state_cache *c, struct cached_state *state)
{
	struct cached_state **at = slot_of(c, &state->key);

	while (*at != state)
		at = &(*at)->next;
	*at = state->next;
	TAILQ_REMOVE(&c->all, state, list);
	c->n--;
	c->bytes -= state->bytes;
	slice_drop(&state->content);
	free(state);
}

static uint64_t room_of(const struct state_cache *c)
{
	return c->limit > c->reserved ? c->limit - c->reserved : 0;
}

/* Until the rest and so many bytes more fit. */
static void make_room(struct state_cache *c, uint64_t bytes)
{
	while (c->n && c->bytes > room_of(c) - bytes)
		state_cache_remove(c, TAILQ_LAST(&c->all, cached_states));
}

void state_cache_reserve(struct state_cache *c, uint64_t bytes)
{
	c->reserved = bytes;
	make_room(c, 0);
}

static int grow(struct state_cache *c)
{
	struct state_cache bigger = {.n_slots = c->n_slots ? 2 * c->n_slots : 16};
	struct cached_state *s;

	if (c->n < c->n_slots)
		return 0;
	bigger.slot = calloc(bigger.n_slots, sizeof(*bigger.slot));
	if (!bigger.slot)
		return -ENOMEM;
	TAILQ_FOREACH (s, &c->all, list) {
		struct cached_state **slot = slot_of(&bigger, &s->key);
		s->next = *slot;
		*slot = s;
	}
	free(c->slot);
	c->slot = bigger.slot;
	c->n_slots = bigger.n_slots;
	return 0;
}

static bool is_later(const struct cached_state *x, const struct cached_state *y)
{
	return x->epoch != y->epoch ? x->epoch > y->epoch : x->version > y->version;
}

/* It fits. Takes over the content. */
static int add(struct state_cache *c, const struct cached_state *state)
{
	struct cached_state *s = malloc(sizeof(*s));
	int r = s ? grow(c) : -ENOMEM;

	if (r) {
		free(s);
		return r;
	}
	*s = *state;
	struct cached_state **slot = slot_of(c, &s->key);
	s->next = *slot;
	*slot = s;
	TAILQ_INSERT_HEAD(&c->all, s, list);
	c->n++;
	c->bytes += s->bytes;
	return 0;
}

int state_cache_put(struct state_cache *c, const struct cached_state *state)
{
	struct slice content = state->content;
	struct cached_state *old = lookup(c, &state->key);
	bool kept = state->bytes <= room_of(c) && !(old && is_later(old, state));
	int r = 0;

	if (old && !is_later(old, state)) /* its content is no longer asked for */
		state_cache_remove(c, old);
	if (kept) {
		make_room(c, state->bytes);
		r = add(c, state);
	}
	if (!kept || r)
		slice_drop(&content);
	return r;
}

void state_cache_clear(struct state_cache *c)
{
	while (c->n)
		state_cache_remove(c, TAILQ_FIRST(&c->all));
	free(c->slot);
	c->slot = NULL;
	c->n_slots = 0;
	c->reserved = 0;
}

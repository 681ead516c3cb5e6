/* SPDX-License-Identifier: MIT */
#include "emu/model/topology/path_stems.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "emu/model/base/text.h"

int sfe_path_stems_init(struct sfe_path_stems *s, struct sfe_block_paths *blocks)
{
	size_t n = (size_t)sfe_block_paths_vertices(blocks) + 1;

	*s = (struct sfe_path_stems){.blocks = blocks, .of = malloc(n * sizeof(*s->of))};
	if (!s->of)
		return -ENOMEM;
	memset(s->of, 0xff, n * sizeof(*s->of)); /* SFE_NONE */
	return 0;
}

void sfe_path_stems_clear(struct sfe_path_stems *s)
{
	free(s->of);
	free(s->kind);
	free(s->slot);
	free(s->chain);
	*s = (struct sfe_path_stems){0};
}

/* ---- kinds */

static uint32_t *find_slot(const struct sfe_path_stems *s, const struct sfe_stem_kind *k)
{
	uint64_t x = ((uint64_t)k->above << 32 | k->up) * 0x9e3779b97f4a7c15ull;
	uint32_t i;

	x = (x ^ (x >> 29) ^ k->down) * 0xbf58476d1ce4e5b9ull;
	for (i = (uint32_t)(x >> 32) & (s->n_slots - 1); s->slot[i] != SFE_NONE;
		i = (i + 1) & (s->n_slots - 1)) {
		const struct sfe_stem_kind *other = &s->kind[s->slot[i]];
		if (other->above == k->above && other->up == k->up && other->down == k->down)
			break;
	}
	return &s->slot[i];
}

static int more_slots(struct sfe_path_stems *s)
{
	uint32_t n = s->n_slots ? 2 * s->n_slots : 64;
	uint32_t *slot = s->n_slots > UINT32_MAX / 4 ? NULL : malloc(n * sizeof(*slot));

	if (!slot)
		return -ENOMEM;
	memset(slot, 0xff, n * sizeof(*slot)); /* SFE_NONE */
	free(s->slot);
	s->slot = slot;
	s->n_slots = n;
	for (uint32_t i = 0; i < s->n_kinds; i++)
		if (s->kind[i].above != SFE_NONE)
			*find_slot(s, &s->kind[i]) = i;
	return 0;
}

/* The end of a stem (above is SFE_NONE) is a kind of its own. */
static int find_kind(struct sfe_path_stems *s, const struct sfe_stem_kind *k, uint32_t *kind)
{
	int rc = s->n_kinds >= s->n_slots / 2 ? more_slots(s) : 0;

	if (rc || sfe_grow(&s->kind, &s->cap_kinds, s->n_kinds + 1, sizeof(*s->kind)))
		return -ENOMEM;
	uint32_t *slot = k->above == SFE_NONE ? NULL : find_slot(s, k);
	*kind = s->n_kinds;
	if (slot && *slot != SFE_NONE) {
		*kind = *slot;
		return 0;
	}
	if (slot)
		*slot = s->n_kinds;
	s->kind[s->n_kinds++] = *k;
	return 0;
}

/* ---- stems */

/* Of a vertex whose next one up is known; SFE_NONE: it is the end. */
static int describe(struct sfe_path_stems *s, uint32_t v, uint32_t up)
{
	struct sfe_stem_kind k = {SFE_NONE, 0, 0};
	int rc = 0;

	if (up != SFE_NONE) {
		k.above = s->of[up].kind;
		rc = s->path(s->context, v, up, &k.up);
		rc = rc ? rc : s->path(s->context, up, v, &k.down);
	}
	rc = rc ? rc : find_kind(s, &k, &s->of[v].kind);
	s->of[v].length = up == SFE_NONE ? 0 : s->of[up].length + 1;
	return rc;
}

static int find_stem(struct sfe_path_stems *s, uint32_t v)
{
	uint32_t n = 0;
	int rc = 0;

	while (v != SFE_NONE && s->of[v].kind == SFE_NONE && !rc) {
		if (sfe_grow(&s->chain, &s->cap_chain, n + 1, sizeof(*s->chain)))
			return -ENOMEM;
		s->chain[n++] = v;
		rc = sfe_block_one_way_up(s->blocks, v, &v);
	}
	while (n-- > 0 && !rc) {
		rc = describe(s, s->chain[n], v);
		v = s->chain[n];
	}
	return rc;
}

int sfe_path_stems_meet(struct sfe_path_stems *s, uint32_t from, uint32_t to, uint32_t *meet)
{
	struct sfe_block_climb c;
	int rc = find_stem(s, from);

	rc = rc ? rc : find_stem(s, to);
	rc = rc ? rc : sfe_block_climb(s->blocks, from, to, &c);
	if (rc)
		return rc;
	uint32_t length_from = s->of[from].length, length_to = s->of[to].length;
	if (c.one_vertex && c.steps_from <= length_from && c.steps_to <= length_to)
		*meet = length_from - c.steps_from; /* steps from the end that both stems have */
	else if (c.steps_from >= length_from && c.steps_to >= length_to)
		*meet = SFE_STEMS_APART;
	else
		*meet = SFE_STEMS_ALONE;
	return 0;
}

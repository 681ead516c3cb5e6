/* SPDX-License-Identifier: MIT */
#include "emu/model/base/name_index.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "emu/model/base/hash_seed.h"

struct slot {
	const char *name; /* NULL: free */
	uint32_t vertex;
};

struct sfe_name_index {
	struct slot *slots;
	size_t size; /* a power of two */
	size_t used;
	uint64_t seed; /* keeps others from choosing names that collide */
};

struct sfe_name_index *sfe_name_index_new(void)
{
	struct sfe_name_index *n = calloc(1, sizeof(*n));

	if (!n)
		return NULL;
	n->seed = sfe_hash_seed();
	n->size = 256;
	n->slots = calloc(n->size, sizeof(*n->slots));
	if (!n->slots) {
		free(n);
		return NULL;
	}
	return n;
}

void sfe_name_index_free(struct sfe_name_index *names)
{
	if (!names)
		return;
	free(names->slots);
	free(names);
}

/* Names in a file may contain zero bytes; those match no entry. */
static bool is(const char *held, const char *name, size_t len)
{
	return strnlen(held, len + 1) == len && !memcmp(held, name, len);
}

/* The slot that holds the name, or the free slot for it. */
static struct slot *probe(const struct sfe_name_index *n, const char *name, size_t len)
{
	size_t i = XXH3_64bits_withSeed(name, len, n->seed) & (n->size - 1);

	while (n->slots[i].name && !is(n->slots[i].name, name, len))
		i = (i + 1) & (n->size - 1);
	return &n->slots[i];
}

uint32_t sfe_name_index_find(const struct sfe_name_index *names, const char *name, size_t len)
{
	const struct slot *s = probe(names, name, len);

	return s->name ? s->vertex : SFE_NONE;
}

static int enlarge(struct sfe_name_index *n)
{
	struct sfe_name_index bigger = {.size = n->size * 2, .used = n->used};

	bigger.slots = calloc(bigger.size, sizeof(*bigger.slots));
	if (!bigger.slots)
		return -ENOMEM;
	for (size_t i = 0; i < n->size; i++)
		if (n->slots[i].name)
			*probe(&bigger, n->slots[i].name, strlen(n->slots[i].name)) = n->slots[i];
	free(n->slots);
	*n = bigger;
	return 0;
}

int sfe_name_index_add(struct sfe_name_index *names, const char *name, uint32_t vertex)
{
	if (names->used * 2 >= names->size) {
		int rc = enlarge(names);
		if (rc)
			return rc;
	}
	*probe(names, name, strlen(name)) = (struct slot){name, vertex};
	names->used++;
	return 0;
}

void sfe_name_index_set(struct sfe_name_index *names, const char *name, uint32_t vertex)
{
	probe(names, name, strlen(name))->vertex = vertex;
}

void sfe_name_index_map(struct sfe_name_index *names,
	uint32_t (*map)(uint32_t vertex, const void *arg), const void *arg)
{
	for (size_t i = 0; i < names->size; i++)
		if (names->slots[i].name)
			names->slots[i].vertex = map(names->slots[i].vertex, arg);
}

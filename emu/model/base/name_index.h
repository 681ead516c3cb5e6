/* SPDX-License-Identifier: MIT */
/* Index of a topology's vertices by name: an open-addressed hash table, built while reading. */
#ifndef SFE_BASE_NAME_INDEX_H
#define SFE_BASE_NAME_INDEX_H

#include <stddef.h>

#include "sfemu/topology.h"

struct sfe_name_index;

struct sfe_name_index *sfe_name_index_new(void); /* NULL: out of memory */
void sfe_name_index_free(struct sfe_name_index *names);
/* The vertex of that name; SFE_NONE: none. */
uint32_t sfe_name_index_find(const struct sfe_name_index *names, const char *name, size_t len);
/* Adds a new name. The text is borrowed and must outlive the index. */
int sfe_name_index_add(struct sfe_name_index *names, const char *name, uint32_t vertex);
/* Changes the vertex of a name in the index. */
void sfe_name_index_set(struct sfe_name_index *names, const char *name, uint32_t vertex);
/* Replaces each vertex by map(vertex). */
void sfe_name_index_map(struct sfe_name_index *names,
	uint32_t (*map)(uint32_t vertex, const void *arg), const void *arg);

#endif

/* SPDX-License-Identifier: MIT */
/* The vertices of a topology by name: an open-addressed hash table that is built while reading. */
#ifndef SFE_BASE_NAMES_H
#define SFE_BASE_NAMES_H

#include <stddef.h>

#include "sfemu/topology.h"

struct sfe_names;

struct sfe_names *sfe_names_new(void); /* NULL: out of memory */
void sfe_names_free(struct sfe_names *names);
/* The vertex of that name, SFE_NONE if there is none. */
uint32_t sfe_names_find(const struct sfe_names *names, const char *name, size_t len);
/* Adds a name that is not there yet; the text stays the caller's and must outlive the table. */
int sfe_names_add(struct sfe_names *names, const char *name, uint32_t vertex);
/* Gives a name that is there another vertex. */
void sfe_names_set(struct sfe_names *names, const char *name, uint32_t vertex);
/* Gives each name another vertex: what map makes of the one that it has. */
void sfe_names_map(struct sfe_names *names, uint32_t (*map)(uint32_t vertex, const void *arg),
	const void *arg);

#endif

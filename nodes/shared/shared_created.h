/* SPDX-License-Identifier: MIT */
/* The names of states that no workflow declares, by their numbers: the first put of a name gives it
 * one. What there is of the states is not here (shared_store.h). */
#ifndef SFE_NODES_SHARED_CREATED_H
#define SFE_NODES_SHARED_CREATED_H

#include <stddef.h>

#include "nodes/base/control.h"

struct shared_created { /* all zero: there is none */
	uint32_t n;
	size_t room;
	char (*names)[SFE_CREATED_NAME];
	uint16_t *slot; /* a hash table: each the number of a name + 1 */
};

/* The number of the name, UINT32_MAX: it has none. */
uint32_t shared_created_find(const struct shared_created *all, const char *name);
/* The next number for a name that has none. -ENOSPC: SFE_MOST_CREATED have one; or -ENOMEM. */
int shared_created_add(struct shared_created *all, const char *name);
void shared_created_clear(struct shared_created *all);

#endif

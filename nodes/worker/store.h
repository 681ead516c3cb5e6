/* SPDX-License-Identifier: MIT */
/* The states that a node holds. A state is in at most one store of the network, or on its way. */
#ifndef SFE_NODES_STORE_H
#define SFE_NODES_STORE_H

#include <stdbool.h>
#include <stddef.h>

#include "nodes/base/buffer.h"

struct connection;

struct stored {
	uint32_t job, state;
	uint64_t bytes, version;
	/*
	 * No invocation will want it any more: only its digest is kept, since the memory of
	 * finished jobs would otherwise grow with the run.
	 */
	bool sealed;
	/* It is being handed over on this connection, which has not got the last byte yet. */
	struct connection *leaving;
	uint64_t digest;      /* if sealed */
	struct slice content; /* if not */
	struct stored *next;
};

struct store { /* a hash table; all zero: empty */
	struct stored **chains;
	size_t n_chains, n;
};

/* Takes over the reference. 0, -ENOMEM, or -EEXIST: it is here already. On an error the content is
 * dropped. */
int store_put(struct store *store, uint32_t job, uint32_t state, struct slice content,
	uint64_t version, bool seal);
/* NULL if it is not here (or sealed, or leaving). */
struct stored *store_find(struct store *store, uint32_t job, uint32_t state);
/* Also if it is sealed or leaving. */
struct stored *store_peek(struct store *store, uint32_t job, uint32_t state);
/* Forgets it; *content (may be NULL) gets the reference. */
void store_take(struct store *store, struct stored *stored, struct slice *content);
/* All of them by job and state: an array to be freed, of store->n; NULL if out of memory. */
struct stored **store_sorted(const struct store *store);
uint64_t stored_digest(const struct stored *stored);
void store_clear(struct store *store);

#endif

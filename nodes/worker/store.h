/* SPDX-License-Identifier: MIT */
/* The states that a node holds. A state is in at most one store of the network, or in flight. */
#ifndef SFE_NODES_STORE_H
#define SFE_NODES_STORE_H

#include <stdbool.h>
#include <stddef.h>

#include "nodes/base/buffer.h"
#include "nodes/base/deployment.h"

struct server_connection;

struct stored {
	uint32_t job, state;
	uint64_t bytes, version;
	/*
	 * No invocation will need it any more: only its digest is kept, since otherwise the states
	 * of finished jobs would use more and more memory.
	 */
	bool final;
	uint64_t digest;      /* if final */
	uint64_t kept_at;     /* if final: see kept_bytes.h */
	struct slice content; /* if not */
	/* The state is being given away on this connection, whose peer has not got all of it yet.
	 */
	struct server_connection *giving_on;
	struct stored *next;
};

struct store { /* a hash table; all zero: empty */
	struct stored **chains;
	size_t n_chains, n;
	const struct sfe_keep *keep; /* where the bytes of final states go; NULL: nowhere */
};

/* Adds a state and takes over the reference. 0, -ENOMEM, or -EEXIST: it is there already. On an
 * error the content is dropped. */
int store_put(struct store *store, uint32_t job, uint32_t state, struct slice content,
	uint64_t version, bool final);
/* A state that can be used: NULL if it is not there, or is final, or is being given away. */
struct stored *store_find(struct store *store, uint32_t job, uint32_t state);
/* The same, but also if it is final or being given away. */
struct stored *store_peek(struct store *store, uint32_t job, uint32_t state);
/* Removes it; *content (may be NULL) gets the reference. */
void store_take(struct store *store, struct stored *stored, struct slice *content);
/* All of them by job and state: an array of store->n, to be freed; NULL if out of memory. */
struct stored **store_sorted(const struct store *store);
/* Nobody will need it any more. */
void stored_finish(const struct store *store, struct stored *stored);
uint64_t stored_digest(const struct stored *stored);
/* Where its bytes are kept; 0: they are not. */
uint64_t stored_kept_at(const struct store *store, const struct stored *stored);
/* Empties it; what is put then is kept as before. */
void store_clear(struct store *store);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * States that a node keeps beside those that it holds: copies of versions that its steps have
 * fetched or left (option `cache` of strategies). What was used longest ago makes room (LRU). A
 * pure data structure: whether a version is still the one that a step is to read is asked
 * elsewhere. The prediction of hits follows the same one, without contents.
 */
#ifndef SFE_NODES_STATE_CACHE_H
#define SFE_NODES_STATE_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/queue.h>

#include "nodes/base/buffer.h"
#include "nodes/base/package.h"

/* The limit of a node whose memory the scenario does not say. */
#define STATE_CACHE_DEFAULT_BYTES (256ull << 20)

struct cached_key {
	uint32_t job, attempt; /* UINT32_MAX, 0: of a state that outlives jobs */
	uint32_t state;        /* its number in the job; of one that outlives jobs: its instance */
};

struct cached_state {
	struct cached_key key;
	uint32_t epoch; /* of the version: of a state that outlives jobs, else 0 */
	uint64_t version;
	uint32_t readers; /* uses after which it goes; 0: it stays */
	uint64_t bytes;
	struct slice content;
	struct cached_state *next; /* of the same slot */
	TAILQ_ENTRY(cached_state) list;
};

struct state_cache { /* the last used first */
	uint64_t limit, bytes, reserved;
	struct cached_state **slot; /* n_slots of them: 0 or a power of two */
	size_t n, n_slots;
	TAILQ_HEAD(cached_states, cached_state) all;
};

static inline struct cached_key cached_key_of_job(const struct job_place *at, uint32_t state)
{
	return (struct cached_key){at->job, at->attempt, state};
}

static inline struct cached_key cached_key_of_shared(uint32_t instance)
{
	return (struct cached_key){UINT32_MAX, 0, instance};
}

/* memory: of the node, 0: not limited. */
void state_cache_init(struct state_cache *c, uint64_t memory);
void state_cache_clear(struct state_cache *c); /* empties it */

/* What invocations use of the limit: cached states have what they leave. */
void state_cache_reserve(struct state_cache *c, uint64_t bytes);

/* Finds it, and makes it the last used one. NULL: it is not there. */
struct cached_state *state_cache_find(struct state_cache *c, const struct cached_key *key);
/*
 * Keeps the state, in the version that it says; takes over the content, also if it is not kept:
 * because it does not fit, or a later version is there. Replaces an earlier version. 0 or -ENOMEM.
 */
int state_cache_put(struct state_cache *c, const struct cached_state *state);
void state_cache_remove(struct state_cache *c, struct cached_state *state);

#endif

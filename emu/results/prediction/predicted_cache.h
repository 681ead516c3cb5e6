/* SPDX-License-Identifier: MIT */
/*
 * Which states the caches of nodes will have (option `cache`), for jobs one after the other: the
 * same structure with the same rules as in workers (nodes/shared/cached_states.h), without
 * contents. A state that outlives jobs gets a new version with each step that changes it, of its
 * whole content.
 */
#ifndef SFE_RESULTS_PREDICTION_PREDICTED_CACHE_H
#define SFE_RESULTS_PREDICTION_PREDICTED_CACHE_H

#include "emu/experiment/experiment.h"

/* By which the request that names a version is longer than one that does not: "sfemu-version: 1".
 */
#define SFE_HELD_VERSION_BYTES 18u

struct sfe_predicted_caches;

struct sfe_cached_step { /* one that fetches, or has run */
	const struct sfe_strategy_info *rules;
	const struct sfe_placed_job *placed;
	uint32_t job, step; /* index of the experiment */
};

enum sfe_cached_how {
	SFE_CACHED_NOT,     /* the node has none of it */
	SFE_CACHED_OLD,     /* an earlier version: the newest comes */
	SFE_CACHED_NEWEST,  /* the home says that it is the newest */
	SFE_CACHED_FOREVER, /* no message */
};

/* homes: the strategy by which states that outlive jobs are where they are. NULL: out of memory. */
struct sfe_predicted_caches *sfe_predicted_caches_new(
	const struct sfe_experiment *e, const struct sfe_strategy_info *homes);
/* The home of an instance. */
uint32_t sfe_predicted_home(const struct sfe_predicted_caches *all,
	const struct sfe_placed_job *placed, uint32_t instance);
void sfe_predicted_caches_free(struct sfe_predicted_caches *all); /* also NULL */

/* Whether the node of the step has its i-th state. Asked once for each: it may go then. */
bool sfe_predicted_cache_has(
	struct sfe_predicted_caches *all, const struct sfe_cached_step *s, uint32_t i);
/* The same of its i-th use of a state that outlives jobs and whose home is another node. */
enum sfe_cached_how sfe_predicted_cache_shared(
	struct sfe_predicted_caches *all, const struct sfe_cached_step *s, uint32_t i);
/* The node begins the step, whose argument has so many bytes: invocations have memory first. */
int sfe_predicted_cache_begin(
	struct sfe_predicted_caches *all, const struct sfe_cached_step *s, uint64_t argument_bytes);
/* All that the step reads has come; the step has run and given what it changed. 0 or -ENOMEM. */
int sfe_predicted_cache_fetched(struct sfe_predicted_caches *all, const struct sfe_cached_step *s);
int sfe_predicted_cache_gave(struct sfe_predicted_caches *all, const struct sfe_cached_step *s);

/* From here on sfe_predicted_caches_undo forgets what happened. */
void sfe_predicted_caches_mark(struct sfe_predicted_caches *all);
void sfe_predicted_caches_undo(struct sfe_predicted_caches *all);

#endif

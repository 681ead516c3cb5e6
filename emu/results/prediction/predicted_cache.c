/* SPDX-License-Identifier: MIT */
#include "emu/results/prediction/predicted_cache.h"

#include <errno.h>
#include <stdlib.h>

#include "emu/model/base/text.h"
#include "nodes/shared/cached_states.h"
#include "nodes/worker/state_cache.h"

struct sfe_predicted_caches {
	const struct sfe_experiment *e;
	const struct sfe_strategy_info *homes;
	struct node {
		struct state_cache now, before; /* before: at the mark */
		bool saved;
	} * of;            /* by node */
	uint64_t *version; /* of each state that outlives jobs, by instance */
	uint32_t *saved;   /* nodes, since the mark */
	uint32_t *changed; /* instances, likewise: each as often as it was */
	uint32_t n_saved, n_changed, changed_room;
	bool no_memory; /* to be told by the next call that can */
};

struct sfe_predicted_caches *sfe_predicted_caches_new(
	const struct sfe_experiment *e, const struct sfe_strategy_info *homes)
{
	struct sfe_predicted_caches *all = calloc(1, sizeof(*all));
	uint32_t n = e->topology->n_nodes;

	if (!all)
		return NULL;
	all->e = e;
	all->homes = homes;
	all->of = calloc(n, sizeof(*all->of));
	all->saved = calloc(n, sizeof(*all->saved));
	all->version = calloc((size_t)e->shared.n + 1, sizeof(*all->version));
	if (!all->of || !all->saved || !all->version) {
		sfe_predicted_caches_free(all);
		return NULL;
	}
	for (uint32_t i = 0; i < n; i++) {
		state_cache_init(&all->of[i].now, e->endpoints[i].limits.memory);
		state_cache_init(&all->of[i].before, e->endpoints[i].limits.memory);
	}
	return all;
}

void sfe_predicted_caches_free(struct sfe_predicted_caches *all)
{
	if (!all)
		return;
	for (uint32_t i = 0; all->of && i < all->e->topology->n_nodes; i++) {
		state_cache_clear(&all->of[i].now);
		state_cache_clear(&all->of[i].before);
	}
	free(all->of);
	free(all->saved);
	free(all->version);
	free(all->changed);
	free(all);
}

/* ---- undoing */

void sfe_predicted_caches_mark(struct sfe_predicted_caches *all)
{
	while (all->n_saved) {
		struct node *node = &all->of[all->saved[--all->n_saved]];
		state_cache_clear(&node->before);
		node->saved = false;
	}
	all->n_changed = 0;
}

/* The cache of the step's node, which is about to change. */
static struct state_cache *touch(struct sfe_predicted_caches *all, const struct sfe_cached_step *s)
{
	uint32_t at = s->placed->node[s->step];
	struct node *node = &all->of[at];
	const struct cached_state *one;

	if (node->saved)
		return &node->now;
	node->saved = true;
	all->saved[all->n_saved++] = at;
	state_cache_reserve(&node->before, node->now.reserved);
	TAILQ_FOREACH_REVERSE(one, &node->now.all, cached_states, list)
	all->no_memory |= state_cache_put(&node->before, one) != 0;
	return &node->now;
}

void sfe_predicted_caches_undo(struct sfe_predicted_caches *all)
{
	while (all->n_saved) {
		struct node *node = &all->of[all->saved[--all->n_saved]];
		const struct cached_state *one;
		state_cache_clear(&node->now);
		state_cache_reserve(&node->now, node->before.reserved);
		TAILQ_FOREACH_REVERSE(one, &node->before.all, cached_states, list)
		all->no_memory |= state_cache_put(&node->now, one) != 0;
		state_cache_clear(&node->before);
		node->saved = false;
	}
	while (all->n_changed)
		all->version[all->changed[--all->n_changed]]--;
}

static int told(struct sfe_predicted_caches *all, int r)
{
	return r || all->no_memory ? -ENOMEM : 0;
}

/* ---- states */

static bool is_on(const struct sfe_cached_step *s)
{
	return s->rules->options.cache == SFE_CACHE_ON;
}

static const struct sfe_step *step_of(const struct sfe_cached_step *s)
{
	return &s->placed->job->steps[s->step];
}

static struct cached_key key_of(const struct sfe_cached_step *s, uint32_t state)
{
	return (struct cached_key){s->job, 1, state};
}

static bool serves(const struct sfe_cached_step *s, uint32_t state)
{
	return is_on(s) && cached_state_serves(s->rules, s->placed, state, s->step);
}

bool sfe_predicted_cache_has(
	struct sfe_predicted_caches *all, const struct sfe_cached_step *s, uint32_t i)
{
	const uint32_t state = step_of(s)->deps[i];
	const struct cached_key key = key_of(s, state);

	if (!serves(s, state))
		return false;
	struct state_cache *cache = touch(all, s);
	struct cached_state *one = state_cache_find(cache, &key);
	if (!one || one->version != sfe_version_before(s->placed->job, state, s->step))
		return false;
	if (!--one->readers)
		state_cache_remove(cache, one);
	return true;
}

static int keep(struct sfe_predicted_caches *all, const struct sfe_cached_step *s, uint32_t state,
	uint64_t version)
{
	struct state_cache *cache = touch(all, s);
	const struct cached_state one = {.key = key_of(s, state),
		.version = version,
		.bytes = s->placed->job->state_bytes[state],
		.readers = cached_state_readers(s->rules, s->placed, state, s->step, version)};
	const struct cached_state *old = state_cache_find(cache, &one.key);

	return one.readers && !(old && old->version == version) ? state_cache_put(cache, &one) : 0;
}

uint32_t sfe_predicted_home(const struct sfe_predicted_caches *all,
	const struct sfe_placed_job *placed, uint32_t instance)
{
	uint32_t cloud =
		all->e->topology != all->e->bare ? all->e->topology->n_nodes - 1 : SFE_NONE;

	return sfe_shared_home(&all->e->shared, instance, all->homes, placed->store, cloud);
}

static uint32_t home_of(
	const struct sfe_predicted_caches *all, const struct sfe_cached_step *s, uint32_t instance)
{
	return sfe_predicted_home(all, s->placed, instance);
}

static uint32_t n_shared(const struct sfe_cached_step *s)
{
	return s->placed->job->shared ? s->placed->job->shared[s->step].n : 0;
}

static enum sfe_access shared_access(const struct sfe_cached_step *s, uint32_t i)
{
	return (enum sfe_access)s->placed->job->shared[s->step].of[i].access;
}

enum sfe_cached_how sfe_predicted_cache_shared(
	struct sfe_predicted_caches *all, const struct sfe_cached_step *s, uint32_t i)
{
	const uint32_t instance = sfe_shared_instance(&all->e->shared, s->placed, s->step, i);
	const struct cached_key key = cached_key_of_shared(instance);
	const struct cached_state *one = is_on(s) ? state_cache_find(touch(all, s), &key) : NULL;

	if (!one)
		return SFE_CACHED_NOT;
	if (sfe_shared_is_constant(&all->e->shared, instance))
		return SFE_CACHED_FOREVER;
	return one->version == all->version[instance] ? SFE_CACHED_NEWEST : SFE_CACHED_OLD;
}

/* ---- a step */

int sfe_predicted_cache_begin(
	struct sfe_predicted_caches *all, const struct sfe_cached_step *s, uint64_t argument_bytes)
{
	const struct sfe_job *job = s->placed->job;
	const struct sfe_step *step = step_of(s);
	uint64_t bytes = argument_bytes + step->out_bytes;

	if (!is_on(s) || !all->e->endpoints[s->placed->node[s->step]].limits.memory)
		return 0;
	for (uint32_t i = 0; i < step->n_deps; i++)
		bytes += job->state_bytes[step->deps[i]];
	for (uint32_t i = 0; i < n_shared(s); i++)
		bytes += all->e->shared.states[job->shared[s->step].of[i].state].bytes;
	state_cache_reserve(touch(all, s), bytes);
	return told(all, 0);
}

int sfe_predicted_cache_fetched(struct sfe_predicted_caches *all, const struct sfe_cached_step *s)
{
	const struct sfe_step *step = step_of(s);
	int r = 0;

	for (uint32_t i = 0; i < step->n_deps && !r; i++)
		if (sfe_step_access(step, i) == SFE_READ && serves(s, step->deps[i]))
			r = keep(all, s, step->deps[i],
				sfe_version_before(s->placed->job, step->deps[i], s->step));
	for (uint32_t i = 0; is_on(s) && i < n_shared(s) && !r; i++) {
		uint32_t instance = sfe_shared_instance(&all->e->shared, s->placed, s->step, i);
		const struct cached_state one = {.key = cached_key_of_shared(instance),
			.version = all->version[instance],
			.bytes = all->e->shared.states[all->e->shared.of[instance].state].bytes};
		if (shared_access(s, i) != SFE_WRITE &&
			home_of(all, s, instance) != s->placed->node[s->step])
			r = state_cache_put(touch(all, s), &one);
	}
	return told(all, r);
}

int sfe_predicted_cache_gave(struct sfe_predicted_caches *all, const struct sfe_cached_step *s)
{
	const struct sfe_step *step = step_of(s);
	int r = 0;

	for (uint32_t i = 0; i < n_shared(s); i++) {
		if (shared_access(s, i) == SFE_READ)
			continue;
		if (sfe_grow(&all->changed, &all->changed_room, all->n_changed + 1,
			    sizeof(*all->changed)))
			return -ENOMEM;
		uint32_t instance = sfe_shared_instance(&all->e->shared, s->placed, s->step, i);
		all->changed[all->n_changed++] = instance;
		all->version[instance]++;
	}
	for (uint32_t i = 0; is_on(s) && s->rules->keeper && i < step->n_deps && !r; i++)
		if (sfe_step_access(step, i) != SFE_READ &&
			s->rules->keeper(s->placed, step->deps[i], s->step + 1) !=
				s->placed->node[s->step])
			r = keep(all, s, step->deps[i],
				sfe_version_before(s->placed->job, step->deps[i], s->step) + 1);
	return told(all, r);
}

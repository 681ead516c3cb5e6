/* SPDX-License-Identifier: MIT */
#include "nodes/shared/cached_states.h"

#include <errno.h>
#include <string.h>

static bool is_on(const struct worker *w, uint32_t job)
{
	return worker_rules(w, job)->options.cache == SFE_CACHE_ON;
}

static void put(struct worker *w, const struct cached_state *state)
{
	if (w->admission.limits.memory) /* what has ended since leaves room */
		state_cache_reserve(&w->cache, w->admission.bytes);
	if (state_cache_put(&w->cache, state))
		worker_fatal(w, -ENOMEM, "the cache of states");
}

/* Bytes of their own. 0 or -ENOMEM. */
static int copy(struct worker *w, const struct slice *of, struct slice *out)
{
	int r = slice_new(&w->host->buffers, of->size, out);

	if (!r && of->size)
		memcpy(out->data, of->data, of->size);
	return r;
}

/* ---- states of the job */

uint32_t cached_state_readers(const struct sfe_strategy_info *rules,
	const struct sfe_placed_job *job, uint32_t state, uint32_t step, uint64_t version)
{
	uint32_t n = 0;

	for (uint32_t s = step + 1; s < job->job->n_steps; s++)
		n += job->node[s] == job->node[step] && cached_state_serves(rules, job, state, s) &&
		     sfe_version_before(job->job, state, s) == version;
	return n;
}

uint32_t cached_states_take(struct worker *w, struct package *package)
{
	const struct sfe_placed_job placed = deployment_job(w->deployment, package->job);
	const struct sfe_strategy_info *rules = worker_rules(w, package->job);
	const struct sfe_step *step = &placed.job->steps[package->step];
	const struct job_place at = package_place(package);
	uint32_t hits = 0;

	for (uint32_t i = 0; w->cache.n && is_on(w, package->job) && i < step->n_deps; i++) {
		uint32_t state = step->deps[i];
		const struct cached_key key = cached_key_of_job(&at, state);
		if (package->states[state].here ||
			!cached_state_serves(rules, &placed, state, package->step))
			continue;
		struct cached_state *s = state_cache_find(&w->cache, &key);
		if (!s || s->version != sfe_version_before(placed.job, state, package->step))
			continue;
		package_share(package, state, &s->content, s->version);
		if (!--s->readers)
			state_cache_remove(&w->cache, s);
		hits++;
	}
	return hits;
}

/* The version in the package, if a later step will read it here. */
static void keep(struct worker *w, const struct package *package, uint32_t state)
{
	const struct sfe_placed_job placed = deployment_job(w->deployment, package->job);
	const struct carried *s = &package->states[state];
	const struct job_place at = package_place(package);
	struct cached_state entry = {.key = cached_key_of_job(&at, state),
		.version = s->version,
		.readers = cached_state_readers(
			worker_rules(w, package->job), &placed, state, package->step, s->version),
		.bytes = s->bytes.size};
	const struct cached_state *old = state_cache_find(&w->cache, &entry.key);

	if (!entry.readers || (old && old->version == entry.version))
		return;
	entry.content = slice_part(&s->bytes, 0, s->bytes.size);
	put(w, &entry);
}

void cached_states_keep(struct worker *w, const struct package *package)
{
	const struct sfe_placed_job placed = deployment_job(w->deployment, package->job);
	const struct sfe_step *step = &placed.job->steps[package->step];

	for (uint32_t i = 0; is_on(w, package->job) && i < step->n_deps; i++)
		if (sfe_step_access(step, i) == SFE_READ && package->states[step->deps[i]].here &&
			cached_state_serves(worker_rules(w, package->job), &placed, step->deps[i],
				package->step))
			keep(w, package, step->deps[i]);
}

void cached_states_keep_left(struct worker *w, const struct package *package)
{
	const struct sfe_step *step = &worker_job(w, package->job)->steps[package->step];

	/* A step that runs again may leave other bytes, and the keeper has those of the first run.
	 */
	if (!is_on(w, package->job) || w->crashes || package->attempt > 1)
		return;
	for (uint32_t i = 0; i < step->n_deps; i++)
		if (sfe_step_access(step, i) != SFE_READ &&
			deployment_keeper(w->deployment, package->job, step->deps[i],
				package->step + 1) != w->node)
			keep(w, package, step->deps[i]);
}

/* ---- states that outlive jobs */

bool cached_shared_take(struct worker *w, uint32_t job, struct shared_use *use)
{
	const struct cached_key key = cached_key_of_shared(use->instance);
	const struct cached_state *s = is_on(w, job) ? state_cache_find(&w->cache, &key) : NULL;

	slice_drop(&use->held);
	use->holds = s != NULL;
	if (!s)
		return false;
	use->version = (struct shared_version){s->epoch, s->version};
	use->held = slice_part(&s->content, 0, s->content.size);
	if (!sfe_shared_is_constant(w->deployment->shared, use->instance))
		return false;
	use->bytes = slice_move(&use->held);
	return true;
}

static const struct sfe_shared_instance *instance_of(
	const struct worker *w, const struct shared_use *use)
{
	return &w->deployment->shared->of[use->instance];
}

static bool are_ranges(const struct worker *w, const struct shared_use *use,
	const struct http_head *head, uint64_t body_bytes)
{
	const struct head_changed *c = head->changes.items;

	return use->holds && instance_of(w, use)->sizes_vary && head->changes.n == 1 &&
	       c->state == use->instance && c->changes.base == use->version.number &&
	       head->epoch == use->version.epoch && head->version > use->version.number &&
	       changes_are_valid(&c->changes, HEAD_MAX_BODY_BYTES) &&
	       changes_bytes(&c->changes) == body_bytes;
}

bool cached_shared_is_answer(const struct worker *w, const struct shared_use *use,
	const struct http_head *head, uint64_t body_bytes)
{
	const struct sfe_shared_instance *one = instance_of(w, use);

	if (!(head->fields & HEAD_VERSION))
		return false;
	if (head->status == 304)
		return use->holds && !body_bytes && !(head->fields & HEAD_CHANGES) &&
		       head->epoch == use->version.epoch && head->version == use->version.number;
	if (head->status != 200)
		return false;
	if (head->fields & HEAD_CHANGES)
		return are_ranges(w, use, head, body_bytes);
	return one->sizes_vary || body_bytes == w->deployment->shared->states[one->state].bytes;
}

int cached_shared_answer(struct worker *w, struct shared_use *use, const struct http_head *head,
	struct slice *body, bool *unchanged)
{
	int r = 0;

	*unchanged = head->status == 304;
	use->came_bytes = body->size;
	if (*unchanged && use->access == SFE_READ)
		use->bytes = slice_move(&use->held);
	else if (*unchanged) /* the step changes its bytes in place */
		r = copy(w, &use->held, &use->bytes);
	else if (head->fields & HEAD_CHANGES)
		r = changes_apply(&head->changes.items[0].changes, &w->host->buffers, &use->held,
			body, &use->bytes);
	else
		use->bytes = slice_move(body);
	slice_drop(&use->held);
	use->holds = false;
	use->version = (struct shared_version){head->epoch, head->version};
	return r;
}

void cached_shared_keep(struct worker *w, uint32_t job, const struct shared_use *use)
{
	struct cached_state entry = {.key = cached_key_of_shared(use->instance),
		.epoch = use->version.epoch,
		.version = use->version.number,
		.bytes = use->bytes.size};

	if (!is_on(w, job))
		return;
	if (use->access == SFE_READ) {
		entry.content = slice_part(&use->bytes, 0, use->bytes.size);
	} else if (copy(w, &use->bytes, &entry.content)) {
		worker_fatal(w, -ENOMEM, "the cache of states");
		return;
	}
	put(w, &entry);
}

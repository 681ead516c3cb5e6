/* SPDX-License-Identifier: MIT */
#include "nodes/jobs/job_states.h"

#include <errno.h>
#include <string.h>

#include "emu/model/workload/job_graph.h"
#include "nodes/base/payload.h"

/* stream: as payload_job_key says. */
static int initial_bytes(struct worker *w, uint32_t job, const void *content, uint64_t size,
	uint64_t stream, struct slice *bytes)
{
	int r = slice_new(&w->host->buffers, size, bytes);

	if (!r && content && size)
		memcpy(bytes->data, content, size);
	else if (!r)
		payload_fill(payload_job_key(w->deployment->seed, worker_job(w, job)->number),
			stream, bytes->data, size);
	return r;
}

int job_argument(struct worker *w, uint32_t job, struct slice *bytes)
{
	const struct sfe_job *j = worker_job(w, job);

	return initial_bytes(
		w, job, j->content ? j->content->argument : NULL, j->steps[0].arg_bytes, 0, bytes);
}

int job_initial_state(struct worker *w, uint32_t job, uint32_t state, struct slice *bytes)
{
	const struct sfe_job *j = worker_job(w, job);

	return initial_bytes(w, job,
		j->content && j->content->states ? j->content->states[state] : NULL,
		j->state_bytes[state], 1 + (uint64_t)state, bytes);
}

/*
 * Whether the store has a later version of any state than the package. Then the step was called a
 * second time, because nobody knew that it had run, and the steps after it have overtaken it.
 */
static bool overtaken(struct worker *w, const struct package *package)
{
	for (uint32_t i = 0; i < package->n_states; i++) {
		const struct carried *state = &package->states[i];
		const struct stored *held =
			state->here ? store_peek(&w->store, package->job, i) : NULL;
		if (held && held->version > state->version)
			return true;
	}
	return false;
}

static int complete(struct worker *w, const struct stored *base, struct carried *state)
{
	struct slice whole;

	if (!base || base->final || base->version != state->changes->base)
		return -EPROTO;
	int r = changes_apply(
		state->changes, &w->host->buffers, &base->content, &state->bytes, &whole);
	if (r)
		return r == -ENOMEM ? r : -EPROTO;
	slice_drop(&state->bytes);
	state->bytes = whole;
	state->partial = false;
	return 0;
}

int job_complete_states(struct worker *w, struct package *package)
{
	int r = 0;

	for (uint32_t i = 0; i < package->n_states && !r; i++) {
		struct carried *state = &package->states[i];
		if (!state->partial)
			continue;
		const struct stored *held = store_peek(&w->store, package->job, i);
		if (held && held->version >= state->version)
			package_remove(package, i);
		else
			r = complete(w, held, state);
	}
	return r;
}

/* Whether the version that the next step from `next` on leaves comes to this node: it takes the
 * place of what is here. */
static bool keeps_next(const struct worker *w, uint32_t job, uint32_t state, uint32_t next)
{
	const struct sfe_job *j = worker_job(w, job);

	while (next < j->n_steps && !sfe_step_changes(&j->steps[next], state))
		next++;
	return next < j->n_steps &&
	       deployment_keeper(w->deployment, job, state, next + 1) == w->node;
}

/* Whether nobody will ask for the state here once the steps before `next` have ended. */
static bool is_final(const struct worker *w, uint32_t job, uint32_t state, uint32_t next)
{
	const struct sfe_job *j = worker_job(w, job);

	const struct sfe_inlined *inlined = w->deployment->jobs[job].inlined;

	/* Those whom calls bring it do not ask. The client's calls take it from its store. */
	if (inlined && next && sfe_inlined_serves_all(inlined, j, state, next - 1) &&
		!keeps_next(w, job, state, next))
		return true;
	if (!worker_rules(w, job)->carries)
		return !sfe_state_used_from(j, state, next);
	/* It is the client, which sends the state with calls. */
	for (uint32_t s = next; s < j->n_steps; s++)
		if ((worker_rules(w, job)->client_invokes || !sfe_steps_before(j, s)) &&
			worker_rules(w, job)->carries(j, state, SFE_CLIENT, s))
			return false;
	return true;
}

bool job_sends_on(const struct worker *w, uint32_t job, uint32_t state, uint32_t step)
{
	const struct sfe_job *j = worker_job(w, job);

	for (uint32_t i = 0; i < sfe_steps_after(j, step); i++)
		if (deployment_carries(w->deployment, job, state, step, sfe_step_after(j, step, i)))
			return true;
	return false;
}

bool job_keep(struct worker *w, struct package *package, uint32_t next)
{
	if (overtaken(w, package))
		return false;
	for (uint32_t i = 0; i < package->n_states; i++) {
		struct carried *state = &package->states[i];
		struct stored *old = state->here ? store_peek(&w->store, package->job, i) : NULL;
		if (!state->here)
			continue;
		if (old)
			store_take(&w->store, old, NULL);
		state->here = false;
		package_forget_changes(package, i);
		if (store_put(&w->store, package->job, i, slice_move(&state->bytes), state->version,
			    is_final(w, package->job, i, next))) {
			worker_fatal(w, -ENOMEM, "a state");
			return false;
		}
	}
	return true;
}

void job_finish_states(struct worker *w, uint32_t job)
{
	for (uint32_t i = 0; i < worker_job(w, job)->n_states; i++) {
		struct stored *s = store_peek(&w->store, job, i);
		if (s && !s->final && !s->giving_on)
			stored_finish(&w->store, s);
	}
}

void job_forget_states(struct worker *w, uint32_t job)
{
	for (uint32_t i = 0; i < worker_job(w, job)->n_states; i++) {
		struct stored *s = store_peek(&w->store, job, i);
		if (s)
			store_take(&w->store, s, NULL);
	}
}

int job_create_state(struct worker *w, uint32_t job, uint32_t state, uint32_t step)
{
	struct slice bytes;

	if (sfe_version_before(worker_job(w, job), state, step))
		return -ENOENT;
	int r = job_initial_state(w, job, state, &bytes);
	if (!r && worker_rules(w, job)->options.prefetch &&
		store_put(&w->created, job, state, (struct slice){0}, 0, false) == -ENOMEM) {
		slice_drop(&bytes);
		return -ENOMEM;
	}
	return r ? r : store_put(&w->store, job, state, bytes, 0, false);
}

/* SPDX-License-Identifier: MIT */
#include "nodes/jobs/job_flow.h"

#include <errno.h>
#include <string.h>

#include "emu/model/workload/job_graph.h"
#include "nodes/jobs/calls.h"
#include "nodes/jobs/job_end.h"
#include "nodes/jobs/job_states.h"
#include "nodes/jobs/push.h"

/* ---- the client */

/* Adds the states of this node's store that go with the call. */
static void add_states(struct worker *w, struct package *package)
{
	for (uint32_t i = 0; i < package->n_states; i++) {
		if (!deployment_carries(w->deployment, package->job, i, SFE_CLIENT, package->step))
			continue;
		const struct stored *s = store_find(&w->store, package->job, i);
		if (s) /* else the callee will report that it did not come */
			package_share(package, i, &s->content, s->version);
	}
}

/* Calls a step from the client. false: the job has failed, and its progress is gone. */
static bool call(struct worker *w, const struct job_progress *progress, const struct job_place *at)
{
	struct package package;
	int r = package_init(&package, w->deployment, at->job);

	package.attempt = at->attempt;
	package.step = at->step;
	if (!r)
		r = progress_argument(progress, &w->host->buffers, at->step, &package.value);
	if (r) {
		package_drop(&package);
		job_failed(w, at, r, "a call: %s", strerror(-r));
		return client_runs(w, at->job);
	}
	add_states(w, &package);
	job_call(w, &package, at->step);
	return client_runs(w, at->job);
}

static void start(struct worker *w, struct job_progress *progress, struct package *package)
{
	struct job_place at = package_place(package);
	bool kept = worker_rules(w, at.job)->created_on_use || job_keep(w, package, 0);

	package_drop(package);
	for (at.step = 0; kept && at.step < progress->job->n_steps; at.step++)
		if (!sfe_steps_before(progress->job, at.step) && !call(w, progress, &at))
			return;
	at.step = SFE_CLIENT;
	if (kept)
		push_left(w, &at, PUSH_ALL);
}

static void end(struct worker *w, const struct job_progress *progress, const struct job_place *at,
	uint64_t end_ns)
{
	struct slice value;
	int r = progress_return_value(progress, &w->host->buffers, &value);

	if (r) {
		job_failed(w, at, r, "the return value: %s", strerror(-r));
		return;
	}
	client_done(w, at, &value, end_ns);
	slice_drop(&value);
}

static void result(
	struct worker *w, struct job_progress *progress, struct package *package, uint64_t end_ns)
{
	const struct sfe_job *job = progress->job;
	struct job_place at = package_place(package);
	uint32_t step = at.step;
	bool goes_on = progress_add(progress, step, &package->value);
	int r = goes_on ? job_complete_states(w, package) : 0;

	goes_on = goes_on && !r && job_keep(w, package, step + 1);
	package_drop(package);
	if (r)
		job_failed(w, &at, r, "the changes of a state: %s",
			r == -ENOMEM ? strerror(-r) : "this node does not have what was changed");
	if (!goes_on)
		return;
	if (!progress->n_left) {
		end(w, progress, &at, end_ns);
		return;
	}
	for (uint32_t i = 0;
		worker_rules(w, at.job)->client_invokes && i < sfe_steps_after(job, step); i++) {
		at.step = sfe_step_after(job, step, i);
		if (progress_may_call(progress, at.step) && !call(w, progress, &at))
			return;
	}
}

const struct client_hooks job_flow_of_client = {start, result};

/* ---- the node of a step */

/* Removes the states that do not go with the message to step `to`, or the client. */
static void select_states(
	const struct worker *w, struct package *package, uint32_t from, uint32_t to)
{
	for (uint32_t i = 0; i < package->n_states; i++)
		if (package->states[i].here &&
			!deployment_carries(w->deployment, package->job, i, from, to))
			package_remove(package, i);
}

/* A copy that refers to the same bytes. 0 or -ENOMEM. */
static int share(struct worker *w, struct package *from, struct package *to)
{
	int r = package_init(to, w->deployment, from->job);

	if (r)
		return r;
	to->attempt = from->attempt;
	to->value = slice_part(&from->value, 0, from->value.size);
	for (uint32_t i = 0; i < from->n_states; i++) {
		struct carried *s = &from->states[i];
		if (!s->here)
			continue;
		s->shared = true;
		package_share(to, i, &s->bytes, s->version);
		if (s->changes && package_changed(to, i, s->changes)) {
			package_drop(to);
			return -ENOMEM;
		}
	}
	return 0;
}

static void call_next(struct worker *w, struct package *package, uint32_t step, uint32_t next)
{
	select_states(w, package, step, next);
	package->after = step;
	job_call(w, package, next);
}

/* Calls the successors; the last one gets the package itself. */
static void call_successors(struct worker *w, struct package *package)
{
	const struct sfe_job *job = worker_job(w, package->job);
	const struct job_place at = package_place(package);
	uint32_t n = sfe_steps_after(job, at.step);
	struct package copy;

	for (uint32_t i = 0; i + 1 < n; i++) {
		int r = share(w, package, &copy);
		if (r) {
			job_failed(w, &at, r, "a call: %s", strerror(-r));
			return;
		}
		call_next(w, &copy, at.step, sfe_step_after(job, at.step, i));
	}
	call_next(w, package, at.step, sfe_step_after(job, at.step, n - 1));
}

/* Whether this node keeps the state when the step has ended: the step has changed it, or a copy
 * that came with its call stays for later steps (by=edge). */
static bool stays(const struct worker *w, const struct package *package, uint32_t state)
{
	const struct sfe_by_edge *by_edge = w->deployment->jobs[package->job].by_edge;
	const struct sfe_step *step = &worker_job(w, package->job)->steps[package->step];

	return sfe_step_changes(step, state)
		       ? deployment_keeper(w->deployment, package->job, state, package->step + 1) ==
				 w->node
		       : by_edge && sfe_by_edge_leaves(by_edge, state, package->step);
}

static bool keep_staying(struct worker *w, struct package *package)
{
	for (uint32_t i = 0; i < package->n_states; i++)
		if (package->states[i].here && !stays(w, package, i))
			package_remove(package, i);
	return job_keep(w, package, package->step + 1);
}

/* The same, and the states that go on with calls, whoever keeps them, stay in the package. */
static bool keep_and_send_on(struct worker *w, struct package *package)
{
	struct package on;

	if (package_init(&on, w->deployment, package->job)) {
		worker_fatal(w, -ENOMEM, "a call");
		return false;
	}
	for (uint32_t i = 0; i < package->n_states; i++) {
		const struct carried *s = &package->states[i];
		if (s->here && job_sends_on(w, package->job, i, package->step))
			package_share(&on, i, &s->bytes, s->version);
	}
	bool kept = keep_staying(w, package);
	for (uint32_t i = 0; i < on.n_states; i++) {
		if (!on.states[i].here)
			continue;
		package_remove(package, i);
		package->states[i] = on.states[i];
		on.states[i] = (struct carried){0};
	}
	package_drop(&on);
	return kept;
}

void job_flow_finished(struct worker *w, struct invocation *inv)
{
	struct package *package = &inv->package;
	const struct sfe_strategy_info *rules = worker_rules(w, package->job);
	const struct job_place at = package_place(package);
	uint32_t step = package->step;

	/* In a chain, steps that have overtaken this one are all that come after it. */
	if (rules->keeper &&
		!(w->deployment->jobs[package->job].inlined ? keep_and_send_on(w, package)
							    : keep_staying(w, package)) &&
		(w->over || !worker_job(w, package->job)->graph))
		return;
	if (rules->client_invokes) {
		select_states(w, package, step, SFE_CLIENT);
		job_answer(w, inv);
	} else if (sfe_steps_after(worker_job(w, package->job), step)) {
		call_successors(w, package);
	} else {
		select_states(w, package, step, SFE_CLIENT);
		job_return(w, package);
	}
	if (!w->over)
		push_left(w, &at, PUSH_ALL); /* after the calls, which are to come first */
}

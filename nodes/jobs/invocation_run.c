/* SPDX-License-Identifier: MIT */
#include "nodes/jobs/invocation_run.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emu/model/workload/job_graph.h"
#include "nodes/base/clock.h"
#include "nodes/functions/functions.h"
#include "nodes/jobs/invocation_give.h"
#include "nodes/worker/records.h"

static void computed(struct invocation *inv)
{
	struct worker *w = inv->worker;
	const struct sfe_step *step = invocation_step(inv);
	struct sfe_ctl_invocation *record = &inv->record;

	w->counters.invocations++;
	record->job = inv->package.job;
	record->step = inv->package.step;
	record->attempt = inv->package.attempt;
	record->finish_ns = inv->compute.finish_ns;
	record->ops = step->ops;
	record->arg_bytes = step->arg_bytes;
	record->out_bytes = step->out_bytes;
	records_invocation(w, record);
	invocation_give_states(inv);
}

/* Ends the invocations whose compute time is over, and waits for the next one. */
static void end_computed(struct worker *w)
{
	struct ps_entry *entry;
	uint64_t now = now_ns();

	while (!w->over && (entry = ps_pop(&w->ps, now)))
		computed((
			struct invocation *)((char *)entry - offsetof(struct invocation, compute)));
	int r = deadline_set(&w->compute_deadline, ps_next_ns(&w->ps));
	if (r)
		worker_fatal(w, r, "the timer of the compute model");
}

static void on_compute(evutil_socket_t fd, short what, void *worker)
{
	struct worker *w = worker;
	(void)fd, (void)what;

	deadline_passed(&w->compute_deadline);
	end_computed(w);
}

int invocations_open(struct worker *w)
{
	return deadline_open(&w->compute_deadline, w->loop, on_compute, w);
}

void invocations_close(struct worker *w)
{
	deadline_close(&w->compute_deadline);
}

/* Makes room for a state that the step writes, and own bytes for one that it changes; both get the
 * next version. 0 or -ENOMEM. */
static int prepare_state(struct invocation *inv, uint32_t state, enum sfe_access access)
{
	struct buffer_pool *pool = &inv->worker->host->buffers;
	const struct sfe_job *job = worker_job(inv->worker, inv->package.job);
	struct carried *s = &inv->package.states[state];
	struct slice own;
	int r = 0;

	if (access == SFE_READ)
		return 0;
	uint64_t version = sfe_version_before(job, state, inv->package.step) + 1;
	if (access == SFE_WRITE || s->shared) {
		r = slice_new(
			pool, access == SFE_WRITE ? job->state_bytes[state] : s->bytes.size, &own);
		if (!r && access == SFE_UPDATE && own.size)
			memcpy(own.data, s->bytes.data, own.size);
		if (!r)
			package_put(&inv->package, state, own, version);
	}
	if (!r)
		s->version = version;
	return r;
}

/* Calls the plugin, with the states in the order of the step's deps. 0 or a negative errno. */
static int invoke(
	struct invocation *inv, const struct sfe_function_plugin *plugin, struct slice *out)
{
	const struct sfe_deployment *d = inv->worker->deployment;
	const struct sfe_step *step = invocation_step(inv);
	struct sfe_invocation_state *states = calloc(step->n_deps + 1, sizeof(*states));
	int r = states ? slice_new(&inv->worker->host->buffers, step->out_bytes, out) : -ENOMEM;

	for (uint32_t i = 0; !r && i < step->n_deps; i++) {
		const struct carried *s = &inv->package.states[step->deps[i]];
		r = prepare_state(inv, step->deps[i], sfe_step_access(step, i));
		states[i] = (struct sfe_invocation_state){.index = step->deps[i],
			.access = sfe_step_access(step, i),
			.bytes = s->bytes.size,
			.data = s->bytes.data};
		inv->record.state_bytes += s->bytes.size;
	}
	struct sfe_invocation invocation = {.function = d->function_names[step->function],
		.seed = d->seed,
		.job = worker_job(inv->worker, inv->package.job)->number,
		.step = inv->package.step,
		.arg = inv->package.value.data,
		.arg_bytes = inv->package.value.size,
		.out = out->data,
		.out_bytes = step->out_bytes,
		.n_states = step->n_deps,
		.states = states};
	if (!r)
		r = plugin->invoke(&invocation);
	free(states);
	return r;
}

/* Whether all states that the step reads are here, in the version that the earlier steps have
 * left: no function is applied to a state twice. */
static bool check_states(const struct invocation *inv, char *why, size_t room)
{
	const struct sfe_step *step = invocation_step(inv);
	const struct package *p = &inv->package;

	for (uint32_t i = 0; i < step->n_deps; i++) {
		uint32_t state = step->deps[i];
		if (sfe_step_access(step, i) == SFE_WRITE)
			continue;
		uint64_t version =
			sfe_version_before(worker_job(inv->worker, p->job), state, p->step);
		if (!p->states[state].here)
			snprintf(why, room, "state %" PRIu32 " did not come with the call", state);
		else if (p->states[state].version != version)
			snprintf(why, room,
				"state %" PRIu32 " has version %" PRIu64 ", step %" PRIu32
				" is for %" PRIu64,
				state, p->states[state].version, p->step, version);
		else
			continue;
		return false;
	}
	return true;
}

void invocation_run(struct invocation *inv)
{
	struct worker *w = inv->worker;
	const struct sfe_step *step = invocation_step(inv);
	const struct sfe_function_plugin *plugin =
		function_find(w->deployment->function_names[step->function]);
	uint64_t ready_ns = now_ns();
	struct slice out = {0};
	char reason[160];

	if (!check_states(inv, reason, sizeof(reason))) {
		invocation_fail(inv, -EPROTO, reason);
		return;
	}
	int r = plugin ? invoke(inv, plugin, &out) : -ENOENT;
	if (r) {
		slice_drop(&out);
		snprintf(reason, sizeof(reason), "function %s: %s",
			w->deployment->function_names[step->function], strerror(-r));
		invocation_fail(inv, r, reason);
		return;
	}
	slice_drop(&inv->package.value);
	inv->package.value = out;
	inv->record.ready_ns = ready_ns;
	if (ps_add(&w->ps, &inv->compute, ready_ns, step->ops))
		worker_fatal(w, -ENOMEM, "the compute model");
	else
		end_computed(w);
}

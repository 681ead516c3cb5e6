/* SPDX-License-Identifier: MIT */
#include "nodes/jobs/invocation_program.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emu/model/workload/job_graph.h"
#include "nodes/base/clock.h"
#include "nodes/functions/function_call.h"
#include "nodes/functions/program.h"
#include "nodes/jobs/invocation_changes.h"
#include "nodes/jobs/invocation_states.h"
#include "nodes/worker/records.h"

#define STATE_NAME FUNCTION_STATE_NAME

struct program_run {
	struct invocation *inv;
	struct program program;
	struct watch watch;
	struct timer timeout;
	bool waits, ended, told; /* for its turn; the process has ended; and that is said */
	uint64_t ready_ns;
	int code;
	char reason[PROGRAM_REASON];
	struct slice output;
	TAILQ_ENTRY(program_run) next; /* of those that wait */
};

/* ---- the order */

struct order {
	struct program_order order;
	struct program_state *states;
	char (*names)[STATE_NAME];
	char step[STATE_NAME];
};

static void drop_order(struct order *o)
{
	free(o->states);
	free(o->names);
}

static int make_order(struct program_run *run, struct order *o)
{
	struct invocation *inv = run->inv;
	const struct worker *w = inv->worker;
	const struct sfe_deployment *d = w->deployment;
	const struct sfe_workflow *workflow = d->jobs[inv->package.job].workflow;
	uint32_t job = worker_job(w, inv->package.job)->number, n = invocation_n_states(inv);

	o->states = calloc((size_t)n + 1, sizeof(*o->states));
	o->names = calloc((size_t)n + 1, sizeof(*o->names));
	if (!o->states || !o->names) {
		drop_order(o);
		return -ENOMEM;
	}
	for (uint32_t i = 0; i < n; i++) {
		struct invocation_state s = invocation_state(inv, i);
		if (s.name)
			snprintf(o->names[i], STATE_NAME, "%s", s.name);
		else
			snprintf(o->names[i], STATE_NAME, "s%u", s.index);
		o->states[i] = (struct program_state){
			.name = o->names[i], .bytes = s.bytes, .access = function_access(s.access)};
		o->states[i].changes = invocation_changes_before(inv, i);
	}
	if (workflow)
		snprintf(o->step, sizeof(o->step), "%s", workflow->steps[inv->package.step].name);
	else
		snprintf(o->step, sizeof(o->step), "%u", inv->package.step);
	o->order = (struct program_order){.scratch = d->scratch,
		.function = &d->functions[invocation_function(inv)],
		.node = d->nodes[w->node].name,
		.step = o->step,
		.job = job,
		.step_number = inv->package.step,
		.time_ns = run->ready_ns,
		.seed = function_call_seed(
			d->seed, job, inv->package.step, inv->dynamic ? inv->dynamic->stream : 0),
		.argument = &inv->package.value,
		.n_states = n,
		.states = o->states};
	return 0;
}

/* ---- one run */

/* The process has ended, or there is none. The loop goes on from there. */
static void ended(struct program_run *run)
{
	struct worker *w = run->inv->worker;

	timers_cancel(&w->timers, &run->timeout);
	run->ended = true;
	w->programs_ended++;
	worker_later(w);
}

static void on_ended(evutil_socket_t fd, short what, void *context)
{
	struct program_run *run = context;
	(void)fd, (void)what;

	watch_stop(&run->watch);
	ended(run);
}

static void on_timeout(void *context)
{
	struct program_run *run = context;

	run->program.timed_out = true;
	program_kill(&run->program);
}

static void start(struct program_run *run)
{
	struct worker *w = run->inv->worker;
	const struct sfe_function_spec *spec =
		w->deployment->functions[invocation_function(run->inv)].spec;
	struct order o;

	w->host->programs_running++;
	run->code = make_order(run, &o);
	/* It runs in the network of its node. */
	if (!run->code && worker_enter(w))
		run->code = -errno;
	if (!run->code)
		run->code = program_start(&run->program, &o.order, run->reason);
	if (!run->code) {
		watch_init(&run->watch, w->loop, run->program.ended_fd, EV_READ, on_ended, run);
		run->code = watch_start(&run->watch);
		timers_set(&w->timers, &run->timeout, now_ns() + spec->timeout_ns, on_timeout, run);
	}
	drop_order(&o);
	if (run->code)
		ended(run);
}

static void keep_stderr(const struct program_run *run)
{
	const struct invocation *inv = run->inv;
	struct sfe_ctl_stderr e = {.job = inv->package.job,
		.step = inv->package.step,
		.attempt = inv->package.attempt,
		.function = invocation_function(inv),
		.path = inv->dynamic ? inv->dynamic->path : 0};

	e.bytes = (uint32_t)program_stderr(&run->program, e.text, sizeof(e.text), &e.written_bytes);
	if (e.bytes)
		records_stderr(inv->worker, &e);
}

static void take(struct program_run *run)
{
	struct order o;

	if (!run->code)
		run->code = make_order(run, &o);
	if (!run->code) {
		run->code = program_take(&run->program, &o.order, &run->inv->worker->host->buffers,
			&run->output, run->reason);
		keep_stderr(run);
		for (uint32_t i = 0; i < o.order.n_states && !run->code; i++)
			run->code = invocation_changed(run->inv, i, &o.states[i].changes);
		drop_order(&o);
	}
	program_close(&run->program);
	run->inv->worker->host->programs_running--;
}

/* Those of a worker that is ending are dropped soon. */
static void start_next(struct host *h)
{
	struct program_run *run, *after;

	for (run = TAILQ_FIRST(&h->programs_waiting);
		run && h->programs_running < h->programs_at_once; run = after) {
		after = TAILQ_NEXT(run, next);
		if (run->inv->worker->over || run->inv->worker->down)
			continue;
		TAILQ_REMOVE(&h->programs_waiting, run, next);
		run->waits = false;
		start(run);
	}
}

static void drop(struct invocation *inv)
{
	struct program_run *run = inv->program;
	struct worker *w = inv->worker;

	timers_cancel(&w->timers, &run->timeout);
	watch_stop(&run->watch);
	if (run->waits) {
		TAILQ_REMOVE(&w->host->programs_waiting, run, next);
	} else if (!run->told) {
		w->programs_ended -= run->ended;
		program_close(&run->program);
		w->host->programs_running--;
		start_next(w->host);
	}
	slice_drop(&run->output);
	free(run);
	inv->program = NULL;
}

int invocation_program_begin(struct invocation *inv, uint64_t ready_ns)
{
	struct program_run *run = calloc(1, sizeof(*run));

	if (!run)
		return -ENOMEM;
	*run = (struct program_run){.inv = inv,
		.program = {.ended_fd = -1, .folder = -1},
		.waits = true,
		.ready_ns = ready_ns};
	inv->program = run;
	inv->drop_program = drop;
	TAILQ_INSERT_TAIL(&inv->worker->host->programs_waiting, run, next);
	start_next(inv->worker->host);
	return 0;
}

void invocation_programs_ended(struct worker *w, void (*call)(struct invocation *inv))
{
	struct invocation *inv;

	while (!w->over && w->programs_ended) {
		TAILQ_FOREACH (inv, &w->invocations, all) {
			if (inv->program && inv->program->ended && !inv->program->told)
				break;
		}
		w->programs_ended--;
		if (!inv)
			continue;
		inv->program->told = true;
		take(inv->program);
		start_next(w->host);
		call(inv);
	}
}

bool invocation_program_runs(const struct invocation *inv)
{
	return inv->program && !inv->program->told;
}

int invocation_program_result(struct invocation *inv, struct slice *output, const char **reason)
{
	struct program_run *run = inv->program;

	*output = slice_move(&run->output);
	*reason = run->reason[0] ? run->reason : strerror(-run->code);
	return run->code;
}

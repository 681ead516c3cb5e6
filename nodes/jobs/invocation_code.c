/* SPDX-License-Identifier: MIT */
#include "nodes/jobs/invocation_code.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emu/model/workload/job_graph.h"
#include "nodes/base/clock.h"
#include "nodes/functions/function_task.h"
#include "nodes/functions/mix.h"
#include "nodes/http/wire_dynamic.h"
#include "nodes/jobs/dynamic_call.h"
#include "nodes/jobs/dynamic_state.h"
#include "nodes/jobs/invocation_changes.h"
#include "nodes/jobs/invocation_states.h"

struct code_run {
	struct function_task task; /* the first member */
	struct invocation *inv;
	const struct code_hooks *hooks;
	uint64_t ops;         /* of the scenario */
	uint64_t passed;      /* operations whose time has passed, or passes now */
	uint64_t at_ns;       /* since when it computes */
	bool computes;        /* the time of operations before a call passes */
	uint64_t waits_since; /* for the answer of a call, or of a state's home */
	struct dynamic_state state;
};

/* ---- one call of the code */

/* Sets the call up, with the states in the order of the step's deps. 0 or -ENOMEM. */
static int open_call(
	struct function_call *c, struct invocation *inv, const struct code_start *start)
{
	struct worker *w = inv->worker;
	const struct sfe_job *job = worker_job(w, inv->package.job);
	const struct sfe_workflow *workflow = w->deployment->jobs[inv->package.job].workflow;

	*c = (struct function_call){.buffers = &w->host->buffers,
		.seed = w->deployment->seed,
		.output_bytes = start->output_bytes,
		.trusted = start->plugin == &function_mix,
		.path = inv->dynamic ? inv->dynamic->path : 0,
		.stream = inv->dynamic ? inv->dynamic->stream : 0,
		.first_call = inv->calls_made,
		.face = {.function = w->deployment->function_names[invocation_function(inv)],
			.node = w->deployment->nodes[w->node].name,
			.job = job->number,
			.step_number = inv->package.step,
			.time_ns = start->ready_ns,
			.argument = inv->package.value.data,
			.argument_bytes = inv->package.value.size}};
	if (function_call_open(c, invocation_n_states(inv)))
		return -ENOMEM;
	if (workflow)
		c->face.step = workflow->steps[inv->package.step].name;
	for (uint32_t i = 0; i < c->face.n_states; i++) {
		struct invocation_state s = invocation_state(inv, i);
		function_call_state(
			c, i, s.name, s.bytes, s.index, s.nominal_bytes, function_access(s.access));
	}
	for (uint32_t i = 0; i < c->face.n_states && !c->trusted; i++)
		c->states[i].changes = invocation_changes_before(inv, i);
	return 0;
}

static uint64_t add(uint64_t a, uint64_t b)
{
	uint64_t sum;

	return __builtin_add_overflow(a, b, &sum) ? UINT64_MAX : sum;
}

/* The call has ended: goes on with what it left. */
static void finish(struct invocation *inv, struct function_call *c, int code,
	const struct code_hooks *hooks, uint64_t at_ns, uint64_t ops, uint64_t passed)
{
	struct slice output = slice_move(&c->output);
	char reason[sizeof(c->reason)];

	memcpy(reason, c->reason, sizeof(reason));
	ops = add(ops, c->operations);
	inv->record.ops = ops;
	inv->calls_made += c->n_calls;
	for (uint32_t i = 0; i < c->face.n_states && !code; i++)
		code = invocation_changed(inv, i, c->trusted ? NULL : &c->states[i].changes);
	function_call_close(c);
	if (!code) {
		hooks->ended(inv, &output, at_ns, ops - passed);
		return;
	}
	slice_drop(&output);
	hooks->fail(inv, code, reason[0] ? reason : strerror(-code));
}

/* sfemu's own function waits for nothing, and runs on the worker's stack. */
static void run_own(struct invocation *inv, const struct code_start *start)
{
	struct function_call c;
	int r = open_call(&c, inv, start);

	if (!r)
		r = function_call_run(&c, start->plugin);
	finish(inv, &c, r, start->hooks, start->ready_ns, start->ops, 0);
}

/* ---- code that may wait */

static void drop(struct invocation *inv)
{
	struct code_run *run = inv->code;

	dynamic_state_forget(&run->state);
	function_task_cancel(&run->task, &inv->worker->host->stacks);
	slice_drop(&run->task.call.output);
	function_call_close(&run->task.call);
	free(run);
	inv->code = NULL;
}

static void go_on(struct code_run *run);

/* Its request is served. */
static void resume(void *code_run)
{
	struct code_run *run = code_run;
	uint64_t now = now_ns();

	run->inv->record.waited_ns += now - run->waits_since;
	run->at_ns = now;
	function_task_resume(&run->task, &run->inv->worker->host->stacks);
	go_on(run);
}

static void answered(void *code_run, struct slice *output, const char *reason)
{
	struct code_run *run = code_run;
	struct function_request *request = run->task.request;

	request->output = slice_move(output);
	snprintf(request->reason, sizeof(request->reason), "%s", reason);
	resume(run);
}

/* Makes the call that the code asks for. Whether the code can go on at once. */
static bool call(struct code_run *run)
{
	struct invocation *inv = run->inv;
	struct function_request *request = run->task.request;
	struct dynamic_wish wish = {.key = {.job = inv->package.job,
					    .step = inv->package.step,
					    .attempt = inv->package.attempt,
					    .function = wire_dynamic_function(
						    inv->worker->deployment, request->function),
					    .path = request->path,
					    .stream = request->stream},
		.cast = request->kind == FUNCTION_CASTS,
		.argument = slice_move(&request->argument),
		.delay_ns = request->delay_ns};

	if (!wish.cast) {
		wish.done = answered;
		wish.context = run;
	}
	if (wish.key.function == UINT32_MAX) {
		slice_drop(&wish.argument);
		snprintf(request->reason, sizeof(request->reason),
			"it calls %.64s: functions: of the scenario has no such function",
			request->function);
		return true;
	}
	if (dynamic_call_begin(inv->worker, &wish)) {
		snprintf(request->reason, sizeof(request->reason), "out of memory for a call");
		return true;
	}
	return wish.cast;
}

/* Does what the code asks for. Whether the code can go on at once. */
static bool serve(struct code_run *run)
{
	run->at_ns = run->waits_since = now_ns();
	return run->task.request->kind == FUNCTION_USES_NAME
		       ? dynamic_state_begin(&run->state, run->inv, run->task.request, resume, run)
		       : call(run);
}

/* Until it ends, or something has to come first. */
static void go_on(struct code_run *run)
{
	struct invocation *inv = run->inv;
	struct function_task *task = &run->task;

	while (!task->ended) {
		uint64_t ops = add(run->ops, task->call.operations) - run->passed;
		if (ops) {
			run->passed += ops;
			run->computes = true;
			run->hooks->compute(inv, run->at_ns, ops);
			return;
		}
		if (!serve(run))
			return;
		function_task_resume(task, &inv->worker->host->stacks);
	}
	inv->code = NULL;
	finish(inv, &task->call, task->code, run->hooks, run->at_ns, run->ops, run->passed);
	free(run);
}

bool invocation_code_waits(const struct invocation *inv)
{
	return inv->code && inv->code->computes;
}

void invocation_code_computed(struct invocation *inv)
{
	inv->code->computes = false;
	go_on(inv->code);
}

static void run_plugin(struct invocation *inv, const struct code_start *start)
{
	struct code_run *run = malloc(sizeof(*run));
	int r = run ? open_call(&run->task.call, inv, start) : -ENOMEM;

	if (!r) {
		run->task = (struct function_task){.call = run->task.call, .plugin = start->plugin};
		run->inv = inv;
		run->hooks = start->hooks;
		run->ops = start->ops;
		run->passed = run->waits_since = 0;
		run->at_ns = start->ready_ns;
		run->computes = false;
		run->state = (struct dynamic_state){0};
		r = function_task_run(&run->task, &inv->worker->host->stacks);
		if (r)
			function_call_close(&run->task.call);
	}
	if (r) {
		free(run);
		start->hooks->fail(inv, r, "out of memory for its stack");
		return;
	}
	inv->code = run;
	inv->drop_code = drop;
	go_on(run);
}

void invocation_code_run(struct invocation *inv, const struct code_start *start)
{
	if (start->plugin == &function_mix)
		run_own(inv, start);
	else
		run_plugin(inv, start);
}

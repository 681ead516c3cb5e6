/* SPDX-License-Identifier: MIT */
#include "nodes/jobs/invocation_run.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emu/model/workload/job_graph.h"
#include "nodes/base/clock.h"
#include "nodes/functions/function_call.h"
#include "nodes/functions/functions.h"
#include "nodes/jobs/invocation_code.h"
#include "nodes/jobs/invocation_give.h"
#include "nodes/jobs/invocation_program.h"
#include "nodes/jobs/invocation_shared.h"
#include "nodes/jobs/invocation_states.h"
#include "nodes/worker/records.h"

/* The reason is the function's own text. */
static void fail(struct invocation *inv, int code, const char *why)
{
	const struct sfe_deployment *d = inv->worker->deployment;
	char reason[160];
	int used = snprintf(reason, sizeof(reason),
		"function %.64s: ", d->function_names[invocation_function(inv)]);

	snprintf(reason + used, sizeof(reason) - (size_t)used, "%.*s",
		(int)sizeof(reason) - 1 - used, why);
	for (char *c = reason; *c; c++) /* it is sent in a header */
		if (*c < ' ' || *c > '~')
			*c = ' ';
	invocation_fail(inv, code, reason);
}

/* The function has left its output and its states. */
static void take_output(struct invocation *inv, struct slice *output)
{
	const struct sfe_step *step = invocation_step(inv);

	inv->record.state_bytes = 0;
	for (uint32_t i = 0; i < invocation_n_deps(inv); i++)
		inv->record.state_bytes += inv->package.states[step->deps[i]].bytes.size;
	for (uint32_t i = 0; inv->shared && i < inv->shared->n; i++)
		inv->record.state_bytes += inv->shared->of[i].bytes.size;
	inv->record.arg_bytes = inv->package.value.size;
	inv->record.out_bytes = output->size;
	slice_drop(&inv->package.value);
	inv->package.value = slice_move(output);
}

/* What it leaves holds. */
static void finished(struct invocation *inv)
{
	struct worker *w = inv->worker;
	struct sfe_ctl_invocation *record = &inv->record;

	w->counters.invocations++;
	if (inv->dynamic) {
		inv->dynamic->ended(inv, 0, "");
		invocation_free(inv);
		return;
	}
	record->job = inv->package.job;
	record->step = inv->package.step;
	record->attempt = inv->package.attempt;
	records_invocation(w, record);
	invocation_give_states(inv);
}

/* Function and modelled time have both ended. */
static void finish(struct invocation *inv, uint64_t finish_ns)
{
	struct sfe_ctl_invocation *record = &inv->record;
	const char *reason = NULL;
	struct slice output;
	int r = inv->program ? invocation_program_result(inv, &output, &reason) : 0;

	if (r) {
		fail(inv, r, reason);
		return;
	}
	if (inv->program)
		take_output(inv, &output);
	record->finish_ns = finish_ns;
	if (inv->shared)
		invocation_shared_give(inv, finished);
	else
		finished(inv);
}

static void computed(struct invocation *inv)
{
	if (invocation_code_waits(inv)) {
		invocation_code_computed(inv);
		return;
	}
	inv->computed = true;
	if (!invocation_program_runs(inv))
		finish(inv, inv->compute.finish_ns);
}

static void program_ended(struct invocation *inv)
{
	if (inv->computed)
		finish(inv, now_ns());
}

void invocations_end_programs(struct worker *w)
{
	if (w->programs_ended)
		invocation_programs_ended(w, program_ended);
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

/* What the scenario says of the function; NULL: nothing. */
static const struct sfe_function_spec *spec_of(const struct invocation *inv)
{
	const struct sfe_deployment *d = inv->worker->deployment;

	return d->functions ? d->functions[invocation_function(inv)].spec : NULL;
}

/* Of the sample function. After a function of the user's, its argument may have any size. */
static uint64_t output_bytes(const struct invocation *inv)
{
	const struct sfe_function_spec *spec = spec_of(inv);

	return spec ? sfe_law_value(&spec->output, inv->package.value.size)
		    : invocation_step(inv)->out_bytes;
}

static uint64_t modelled_ops(const struct invocation *inv)
{
	const struct sfe_function_spec *spec = spec_of(inv);

	return spec ? sfe_law_value(&spec->ops, inv->package.value.size)
		    : invocation_step(inv)->ops;
}

/* A state that the step writes is here and empty; one that it changes in place has bytes of its
 * own. Both get the next version. 0 or -ENOMEM. */
static int prepare_state(struct invocation *inv, uint32_t state, enum sfe_access access)
{
	struct carried *s = &inv->package.states[state];
	struct slice own = {0};

	if (access == SFE_READ)
		return 0;
	uint64_t version = sfe_version_before(worker_job(inv->worker, inv->package.job), state,
				   inv->package.step) +
			   1;
	if (access == SFE_UPDATE && s->shared) {
		if (slice_new(&inv->worker->host->buffers, s->bytes.size, &own))
			return -ENOMEM;
		if (own.size)
			memcpy(own.data, s->bytes.data, own.size);
	}
	if (access == SFE_WRITE) {
		package_put(&inv->package, state, own, version);
	} else if (s->shared) {
		slice_drop(&s->bytes);
		s->bytes = own;
		s->shared = false;
	}
	s->version = version;
	return 0;
}

static int prepare_states(struct invocation *inv)
{
	const struct sfe_step *step = invocation_step(inv);
	int r = 0;

	for (uint32_t i = 0; i < invocation_n_deps(inv) && !r; i++)
		r = prepare_state(inv, step->deps[i], sfe_step_access(step, i));
	return r;
}

/* Whether all states that the step reads are here, in the version that the earlier steps have
 * left: no function is applied to a state twice. */
static bool check_states(const struct invocation *inv, char *why, size_t room)
{
	const struct sfe_step *step = invocation_step(inv);
	const struct package *p = &inv->package;

	for (uint32_t i = 0; i < invocation_n_deps(inv); i++) {
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

/* Waits for the modelled time of operations. */
static void compute(struct invocation *inv, uint64_t at_ns, uint64_t ops)
{
	struct worker *w = inv->worker;

	if (ps_add(&w->ps, &inv->compute, at_ns, ops))
		worker_fatal(w, -ENOMEM, "the compute model");
	else
		end_computed(w);
}

/* All of its code has run: waits for the rest of the time. */
static void code_ended(struct invocation *inv, struct slice *output, uint64_t at_ns, uint64_t ops)
{
	take_output(inv, output);
	compute(inv, at_ns, ops);
}

static void run_code(struct invocation *inv, uint64_t ready_ns)
{
	static const struct code_hooks hooks = {compute, code_ended, fail};
	const struct worker *w = inv->worker;
	const struct code_start start = {.plugin = functions_code(w->host->functions, w->deployment,
						 invocation_function(inv)),
		.hooks = &hooks,
		.ready_ns = ready_ns,
		.output_bytes = output_bytes(inv),
		.ops = modelled_ops(inv)};

	invocation_code_run(inv, &start);
}

static void run_program(struct invocation *inv, uint64_t ready_ns)
{
	int r = invocation_program_begin(inv, ready_ns);

	if (r) {
		fail(inv, r, strerror(-r));
		return;
	}
	inv->record.ops = modelled_ops(inv);
	compute(inv, ready_ns, inv->record.ops);
}

void invocation_run(struct invocation *inv)
{
	const struct sfe_function_spec *spec = spec_of(inv);
	uint64_t ready_ns = now_ns();
	char reason[160];
	int r;

	inv->computed = false; /* it may run again */
	if (inv->record.ready_ns)
		inv->record.vain_ns += ready_ns - inv->record.ready_ns;
	inv->record.ready_ns = ready_ns;
	inv->record.waited_ns = 0;
	if (!check_states(inv, reason, sizeof(reason)))
		invocation_fail(inv, -EPROTO, reason);
	else if ((r = prepare_states(inv)))
		invocation_fail(inv, r, "out of memory for its states");
	else if (spec && spec->kind == SFE_FUNCTION_EXEC)
		run_program(inv, ready_ns);
	else
		run_code(inv, ready_ns);
}

/* SPDX-License-Identifier: MIT */
#include "emu/measure/dynamic_calls.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "emu/model/base/text.h"
#include "emu/model/placement/place_now.h"

#define REPORT_IT "this is a bug: report it"

static int no_memory(struct sfe_error *err)
{
	return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory for calls at run time");
}

static int open_all(struct sfe_dynamic_calls *d, struct sfe_error *err)
{
	uint32_t n = d->e->topology->n_nodes;

	if (!d->load)
		d->load = calloc(n, sizeof(*d->load));
	if (!d->now)
		d->now = calloc(n, sizeof(*d->now));
	if (!d->down)
		d->down = calloc(n, sizeof(*d->down));
	return d->load && d->now && d->down ? 0 : no_memory(err);
}

static bool is_valid(
	const struct sfe_dynamic_calls *d, uint32_t node, const struct sfe_ctl_call *m, size_t size)
{
	/* The cloud's node runs no functions, and placement does not know it. */
	return size == sizeof(*m) && m->header.node == node && node < d->e->bare->n_nodes &&
	       m->key.job < d->e->n_jobs && m->key.step < d->e->jobs[m->key.job].job->n_steps &&
	       m->key.path && m->key.function < d->e->workload->n_functions && d->e->functions &&
	       d->e->functions[m->key.function].spec && m->event <= SFE_CALL_ENDED;
}

/* The call by a function on that node; NULL: there is none that has not ended. */
static struct sfe_dynamic_call *find(
	struct sfe_dynamic_calls *d, uint32_t node, const struct call_key *key)
{
	for (uint32_t i = d->out->n_calls; i-- > d->first;) {
		struct sfe_dynamic_call *call = &d->out->calls[i];
		if (!call->ended && call->from == node && call_key_equal(&call->key, key))
			return call;
	}
	return NULL;
}

static struct sfe_dynamic_call *add(struct sfe_dynamic_calls *d, const struct sfe_ctl_call *m)
{
	struct sfe_replay *out = d->out;

	if (sfe_grow(&out->calls, &d->room, out->n_calls + 1, sizeof(*out->calls)))
		return NULL;
	struct sfe_dynamic_call *call = &out->calls[out->n_calls++];
	*call = (struct sfe_dynamic_call){.key = m->key,
		.cast = m->cast,
		.from = m->header.node,
		.to = SFE_NONE,
		.argument_bytes = m->argument_bytes,
		.begin_ns = m->begin_ns};
	d->open++;
	return call;
}

/* ---- placement */

static int make_placer(struct sfe_dynamic_calls *d, struct sfe_error *err)
{
	const struct sfe_experiment *e = d->e;
	const struct sfe_placement_rules rules = {.pins = &e->scenario->pins,
		.n_functions = e->scenario->functions.n,
		.functions = e->scenario->functions.of};

	return d->placer ? 0
			 : sfe_placer_new(
				   e->bare, e->bare_routing, e->workload, &rules, &d->placer, err);
}

/* What is on each node at this moment: as the rule counts it, all steps of a job from its start to
 * its end. */
static void count_load(
	struct sfe_dynamic_calls *d, bool (*runs)(void *context, uint32_t job), void *context)
{
	const struct sfe_experiment *e = d->e;

	memcpy(d->now, d->load, e->topology->n_nodes * sizeof(*d->now));
	for (uint32_t j = 0; j < e->n_jobs; j++) {
		const struct sfe_deployed_job *job = &e->jobs[j];
		uint32_t n = runs(context, j) ? job->job->n_steps : 0;
		for (uint32_t s = 0; s < n; s++)
			d->now[job->node[s]]++;
	}
}

static void place(
	struct sfe_dynamic_calls *d, struct sfe_dynamic_call *call, struct sfe_ctl_placed *placed)
{
	const struct sfe_experiment *e = d->e;
	const struct sfe_function_spec *spec = e->functions[call->key.function].spec;
	const struct sfe_deployed_job *job = &e->jobs[call->key.job];
	const struct sfe_place_question question = {.caller = call->from,
		.client = job->client,
		.job = job->job,
		.function = call->key.function,
		.ops = sfe_law_value(&spec->ops, call->argument_bytes),
		.argument_bytes = call->argument_bytes,
		/* 0 where functions: does not say it. */
		.output_bytes = call->cast ? 0 : sfe_law_value(&spec->output, call->argument_bytes),
		.load = d->now,
		.down = d->down};

	*placed = (struct sfe_ctl_placed){
		.header = {SFE_CTL_PLACED, call->from}, .key = call->key, .to = call->to};
	/* A call that is repeated stays where it is, so that it takes effect once. */
	if (call->to != SFE_NONE && !d->down[call->to])
		return;
	if (call->to != SFE_NONE)
		d->load[call->to]--;
	call->to = sfe_place_now(d->placer, e->scenario->placement, &question);
	placed->to = call->to == SFE_NONE ? UINT32_MAX : call->to;
	if (call->to != SFE_NONE)
		d->load[call->to]++;
	else if (d->placer->paths->out_of_memory)
		snprintf(placed->reason, sizeof(placed->reason), "out of memory for the paths");
	else
		snprintf(placed->reason, sizeof(placed->reason),
			"no node is left on which %.64s can run: see its affinity, placement: pin "
			"and crashes",
			spec->name);
}

static void end(struct sfe_dynamic_calls *d, struct sfe_dynamic_call *call, uint64_t end_ns,
	int32_t status, const char *reason)
{
	call->ended = true;
	call->end_ns = end_ns;
	call->status = status;
	snprintf(call->reason, sizeof(call->reason), "%s", reason);
	if (call->to != SFE_NONE)
		d->load[call->to]--;
	d->open--;
	while (d->first < d->out->n_calls && d->out->calls[d->first].ended)
		d->first++;
}

int sfe_dynamic_calls_take(struct sfe_dynamic_calls *d, uint32_t node, const void *message,
	size_t size, bool (*runs)(void *context, uint32_t job), void *context,
	struct sfe_ctl_placed *placed, struct sfe_error *err)
{
	struct sfe_ctl_call m;
	int r = open_all(d, err);

	if (r)
		return r;
	if (size == sizeof(m))
		memcpy(&m, message, sizeof(m));
	if (size != sizeof(m) || !is_valid(d, node, &m, size))
		return sfe_fail(err, -EPROTO, d->e->topology->nodes[node].name, REPORT_IT,
			"its worker sent an invalid message about a call at run time");
	m.reason[sizeof(m.reason) - 1] = '\0';
	struct sfe_dynamic_call *call = find(d, node, &m.key);
	if (m.event == SFE_CALL_ENDED) {
		if (!call) /* it ended with a crash of its node, which the worker had not heard of
			    */
			return 0;
		call->output_bytes = m.output_bytes;
		call->attempts = m.attempts;
		end(d, call, m.at_ns, m.status, m.reason);
		return 0;
	}
	if (d->down[node]) /* the worker has not heard of its crash yet */
		return 0;
	if (!call && !(call = add(d, &m)))
		return no_memory(err);
	if (m.event == SFE_CALL_DELAYED) {
		d->due_ns = m.due_ns > d->due_ns ? m.due_ns : d->due_ns;
		return 0;
	}
	r = make_placer(d, err);
	if (r)
		return r;
	count_load(d, runs, context);
	call->placed_ns = m.at_ns;
	place(d, call, placed);
	return 1;
}

int sfe_dynamic_calls_crash(struct sfe_dynamic_calls *d, uint32_t node, bool restart,
	uint64_t now_ns, struct sfe_error *err)
{
	int r = open_all(d, err);

	if (r)
		return r;
	d->down[node] = !restart;
	for (uint32_t i = d->first; i < d->out->n_calls && !restart; i++) {
		struct sfe_dynamic_call *call = &d->out->calls[i];
		if (!call->ended && call->from == node)
			end(d, call, now_ns, -EHOSTDOWN, "its caller's node crashed");
	}
	return 0;
}

void sfe_dynamic_calls_free(struct sfe_dynamic_calls *d)
{
	sfe_placer_free(d->placer);
	free(d->load);
	free(d->now);
	free(d->down);
	*d = (struct sfe_dynamic_calls){0};
}

static int by_key(const void *a, const void *b)
{
	const struct sfe_ctl_call_run *x = *(const struct sfe_ctl_call_run *const *)a,
				      *y = *(const struct sfe_ctl_call_run *const *)b;
	const uint64_t k[][2] = {{x->key.job, y->key.job}, {x->key.step, y->key.step},
		{x->key.attempt, y->key.attempt}, {x->key.path, y->key.path}};

	for (size_t i = 0; i < sizeof(k) / sizeof(k[0]); i++)
		if (k[i][0] != k[i][1])
			return k[i][0] < k[i][1] ? -1 : 1;
	return 0;
}

int sfe_dynamic_casts_settle(struct sfe_replay *r)
{
	const struct sfe_ctl_call_run **run = calloc((size_t)r->n_call_runs + 1, sizeof(*run));

	if (!run)
		return -ENOMEM;
	for (uint32_t i = 0; i < r->n_call_runs; i++)
		run[i] = &r->call_runs[i];
	if (r->n_call_runs)
		qsort(run, r->n_call_runs, sizeof(*run), by_key);
	for (uint32_t i = 0; i < r->n_calls && r->n_call_runs; i++) {
		struct sfe_dynamic_call *call = &r->calls[i];
		const struct sfe_ctl_call_run wanted = {.key = call->key}, *key = &wanted;
		if (!call->cast || !call->ended || call->status != -ETIMEDOUT)
			continue;
		const struct sfe_ctl_call_run **found =
			bsearch(&key, run, r->n_call_runs, sizeof(*run), by_key);
		if (!found)
			continue;
		call->status = 0;
		call->reason[0] = '\0';
		call->end_ns = (*found)->finish_ns;
	}
	free(run);
	return 0;
}

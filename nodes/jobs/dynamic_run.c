/* SPDX-License-Identifier: MIT */
#include "nodes/jobs/dynamic_run.h"

#include <errno.h>
#include <stdlib.h>

#include "nodes/base/clock.h"
#include "nodes/base/wide_xxh3.h"
#include "nodes/recovery/retry.h"
#include "nodes/worker/records.h"

#define CHAINS 256u

struct dynamic_run {
	struct invocation_dynamic dynamic; /* the first member */
	struct call_key key;
	uint64_t argument; /* XXH3-64 */
	bool cast;
	struct invocation *running;
	void (*local)(void *context, struct slice *output, int code, const char *reason);
	void *context;
	/* When it has ended, for repeated calls: */
	struct slice output;
	uint64_t until_ns;
	TAILQ_ENTRY(dynamic_run) by_age; /* likewise */
	LIST_ENTRY(dynamic_run) chain;
};

struct dynamic_runs {
	LIST_HEAD(, dynamic_run) chains[CHAINS];
	TAILQ_HEAD(, dynamic_run) ended; /* the oldest first */
};

static unsigned chain_of(const struct call_key *key)
{
	return (unsigned)((key->job * 31u + key->step * 7u + key->path) % CHAINS);
}

static void forget(struct worker *w, struct dynamic_run *run)
{
	if (run->until_ns)
		TAILQ_REMOVE(&w->dynamic_runs->ended, run, by_age);
	LIST_REMOVE(run, chain);
	slice_drop(&run->output);
	free(run);
}

static uint64_t digest_of(const struct slice *argument)
{
	return XXH3_64bits(argument->data, argument->size);
}

/* Those that nobody can repeat any more. */
static void forget_old(struct worker *w)
{
	const uint64_t now = now_ns();
	struct dynamic_run *run;

	while ((run = TAILQ_FIRST(&w->dynamic_runs->ended)) && run->until_ns < now)
		forget(w, run);
}

/* 0 or -ENOMEM. */
static int open_runs(struct worker *w)
{
	if (w->dynamic_runs)
		return 0;
	w->dynamic_runs = calloc(1, sizeof(*w->dynamic_runs));
	if (!w->dynamic_runs)
		return -ENOMEM;
	TAILQ_INIT(&w->dynamic_runs->ended);
	return 0;
}

static void record(struct dynamic_run *run, const struct sfe_ctl_invocation *r)
{
	records_call_run(run->running->worker, &(struct sfe_ctl_call_run){.key = run->key,
						       .request_ns = r->request_ns,
						       .ready_ns = r->ready_ns,
						       .finish_ns = r->finish_ns,
						       .waited_ns = r->waited_ns,
						       .queued_ns = r->queued_ns,
						       .cold_ns = r->cold_ns,
						       .ops = r->ops});
}

/* To the connection that waits, if one still does. */
static void answer(struct invocation *inv, struct outgoing *message)
{
	struct connection *c = inv->caller->connection;

	inv->caller->invocation = NULL;
	inv->caller = NULL;
	if (message)
		connection_send(c, message);
	else
		connection_fail_later(c, -ENOMEM);
}

static void ended(struct invocation *inv, int code, const char *reason)
{
	struct dynamic_run *run = (struct dynamic_run *)inv->dynamic;
	struct worker *w = inv->worker;
	struct slice output = slice_move(&inv->package.value);

	if (run->cast || code)
		slice_drop(&output);
	if (!code)
		record(run, &inv->record);
	run->running = NULL;
	if (inv->caller)
		answer(inv, code ? wire_dynamic_failure(&w->wire, &run->key, code, reason)
				 : wire_dynamic_output(&w->wire, &run->key, &output));
	if (run->local) {
		run->local(run->context, &output, code, reason);
	} else if (!code && w->deployment->retry.retries) {
		run->output = slice_move(&output);
		run->until_ns = now_ns() + retry_window_ns(&w->deployment->retry);
		TAILQ_INSERT_TAIL(&w->dynamic_runs->ended, run, by_age);
		return;
	}
	slice_drop(&output);
	forget(w, run);
}

int dynamic_run_begin(struct worker *w, struct dynamic_order *order)
{
	struct dynamic_run *run = calloc(1, sizeof(*run));
	struct package package = {0};

	if (!run || open_runs(w) || package_init(&package, w->deployment, order->key.job)) {
		slice_drop(&order->argument);
		free(run);
		return -ENOMEM;
	}
	forget_old(w);
	*run = (struct dynamic_run){.dynamic = {.function = order->key.function,
					    .path = order->key.path,
					    .stream = order->key.stream,
					    .ended = ended},
		.key = order->key,
		.argument = digest_of(&order->argument),
		.cast = order->cast,
		.local = order->local,
		.context = order->context};
	package.step = order->key.step;
	package.attempt = order->key.attempt;
	package.value = slice_move(&order->argument);
	run->running = invocation_begin_dynamic(
		w, &package, order->from, order->request_ns, order->caller, &run->dynamic);
	if (!run->running) {
		free(run);
		return -ENOMEM;
	}
	LIST_INSERT_HEAD(&w->dynamic_runs->chains[chain_of(&run->key)], run, chain);
	return 0;
}

struct dynamic_known dynamic_run_find(
	struct worker *w, const struct call_key *key, const struct slice *argument)
{
	struct dynamic_run *run;

	if (!w->dynamic_runs)
		return (struct dynamic_known){0};
	uint64_t digest = digest_of(argument);
	LIST_FOREACH (run, &w->dynamic_runs->chains[chain_of(key)], chain)
		if (call_key_equal(&run->key, key) && run->key.function == key->function &&
			run->argument == digest)
			return (struct dynamic_known){true, run->running, &run->output};
	return (struct dynamic_known){0};
}

void dynamic_run_abandon(struct worker *w, const struct call_key *key, const void *context)
{
	struct dynamic_run *run;

	LIST_FOREACH (run, &w->dynamic_runs->chains[chain_of(key)], chain)
		if (run->local && run->context == context)
			run->local = NULL;
}

void dynamic_runs_clear(struct worker *w)
{
	struct dynamic_run *run;

	for (unsigned i = 0; w->dynamic_runs && i < CHAINS; i++)
		while ((run = LIST_FIRST(&w->dynamic_runs->chains[i])))
			forget(w, run);
	free(w->dynamic_runs);
	w->dynamic_runs = NULL;
}

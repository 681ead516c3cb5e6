/* SPDX-License-Identifier: MIT */
#include "nodes/http/wire_ahead.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "emu/model/workload/job_graph.h"
#include "nodes/http/wire_check.h"

#define REFUSE(...) (snprintf(why, room, __VA_ARGS__), -EBADMSG)

/* The head up to its last header. method: with the first part of the path. */
static void begin(struct text *t, const struct wire *w, const char *method, uint32_t to,
	const struct wire_ahead *which)
{
	const struct job_place *at = &which->at;
	char line[64];

	snprintf(line, sizeof(line), "%s/%" PRIu32, method, at->job);
	wire_add_request(t, w, to, line);
	wire_add_common(t, w, at, line);
	for (uint32_t i = 0; i < which->n; i++)
		text_add(t, "%ss%" PRIu32 "=%" PRIu64,
			i ? ", " : "sfemu-versions: ", which->states[i],
			sfe_version_before(wire_job(w, at->job), which->states[i], at->step));
	text_add(t, "\r\n");
}

static void add_after(struct text *t, const struct wire_ahead *which)
{
	text_add(t, "sfemu-after: %" PRIu32 "\r\n", which->after);
}

struct outgoing *wire_prefetch(const struct wire *w, uint32_t to, const struct wire_ahead *which)
{
	struct text t = {0};

	begin(&t, w, "POST /" WIRE_PREFETCH, to, which);
	add_after(&t, which);
	wire_add_end(&t, 0);
	return outgoing_new(&t, NULL, 0);
}

struct outgoing *wire_fetch_ahead(const struct wire *w, uint32_t to, const struct wire_ahead *which)
{
	struct text t = {0};

	begin(&t, w, "GET /" WIRE_AHEAD, to, which);
	add_after(&t, which);
	text_add(&t, "\r\n"); /* a GET has no body, nor a length */
	return outgoing_new(&t, NULL, 0);
}

struct outgoing *wire_push(const struct wire *w, uint32_t to, const struct wire_ahead *which,
	const struct wire_given *given)
{
	struct slice *slices = calloc((size_t)which->n + 1, sizeof(*slices));
	uint64_t total = 0;
	struct text t = {0};

	if (!slices)
		return NULL;
	begin(&t, w, "POST /" WIRE_PUSH, to, which);
	for (uint32_t i = 0; i < which->n; i++) {
		text_add(&t, "%ss%" PRIu32 "=%" PRIu64, i ? ", " : "sfemu-parts: ", given[i].state,
			given[i].content.size);
		slices[i] = given[i].content;
		total += given[i].content.size;
	}
	text_add(&t, "\r\n");
	wire_add_end(&t, total);
	struct outgoing *o = outgoing_new(&t, slices, which->n);
	free(slices);
	return o;
}

struct outgoing *wire_claim(const struct wire *w, uint32_t to, const struct wire_ahead *which)
{
	struct text t = {0};

	begin(&t, w, "POST /" WIRE_CLAIM, to, which);
	wire_add_end(&t, 0);
	return outgoing_new(&t, NULL, 0);
}

/* Of a request whose states are the step's: whether they are final when step `after` begins. */
static int check_final(
	const struct wire *w, const struct http_head *head, uint32_t job, char *why, size_t room)
{
	const struct sfe_placed_job placed = deployment_job(w->deployment, job);
	const struct sfe_job *j = placed.job;

	if (!deployment_rules(w->deployment, job)->options.prefetch)
		return REFUSE("under this strategy nothing is fetched ahead");
	if (!(head->fields & HEAD_AFTER) || head->after >= j->n_steps ||
		!sfe_step_precedes(j, head->after, head->step))
		return REFUSE("sfemu-after names no step before step %" PRIu32, head->step);
	for (uint32_t i = 0; i < head->versions.n; i++)
		if (!sfe_by_edge_is_final(
			    &placed, head->versions.items[i].state, head->step, head->after))
			return REFUSE("state %" PRIu32 " is not final when step %" PRIu32 " begins",
				head->versions.items[i].state, head->after);
	return 0;
}

/* Whether what comes ahead to the step is for this node, in an attempt that there may be: it uses
 * memory. */
static int check_place(
	const struct wire *w, const struct http_head *head, uint32_t job, char *why, size_t room)
{
	const struct sfe_deployment *d = w->deployment;

	if (d->jobs[job].node[head->step] != w->node)
		return REFUSE(
			"step %" PRIu32 " of job %" PRIu32 " is not placed here", head->step, job);
	if (head->attempt - 1 > d->retry.retries)
		return REFUSE("attempt %" PRIu32 ", with %" PRIu32 " retries", head->attempt,
			d->retry.retries);
	return 0;
}

int wire_check_prefetch(
	const struct wire *w, const struct http_head *head, uint32_t job, char *why, size_t room)
{
	const struct sfe_deployment *d = w->deployment;
	int r = wire_check_asked(w, head, job, why, room);

	r = r ? r : check_final(w, head, job, why, room);
	if (r)
		return r;
	if (head->from != d->jobs[job].node[head->after])
		return REFUSE(
			"step %" PRIu32 " does not run on node %" PRIu32, head->after, head->from);
	return check_place(w, head, job, why, room);
}

int wire_check_push(
	const struct wire *w, const struct http_head *head, uint32_t job, char *why, size_t room)
{
	const struct sfe_deployment *d = w->deployment;
	uint32_t states[HEAD_MAX_ITEMS];
	int r = wire_check_asked(w, head, job, why, room);

	r = r ? r : check_place(w, head, job, why, room);
	if (r)
		return r;
	for (uint32_t i = 0; i < head->versions.n; i++) {
		uint32_t state = head->versions.items[i].state;
		if (!sfe_push_goes(d->jobs[job].pushed, state, head->step))
			return REFUSE("state %" PRIu32 " does not go ahead to step %" PRIu32, state,
				head->step);
		if (deployment_keeper(d, job, state, head->step) != head->from)
			return REFUSE(
				"node %" PRIu32 " does not keep state %" PRIu32, head->from, state);
		states[i] = state;
	}
	const struct job_place at = {job, head->step, head->attempt};
	if (!wire_check_states(w, head, &at, head->versions.n, states, head->body_bytes))
		return REFUSE("sfemu-parts are not those of the states, or not the body");
	return 0;
}

int wire_check_fetch_ahead(
	const struct wire *w, const struct http_head *head, uint32_t job, char *why, size_t room)
{
	int r = wire_check_fetch(w, head, job, why, room);

	return r ? r : check_final(w, head, job, why, room);
}

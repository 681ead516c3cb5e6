/* SPDX-License-Identifier: MIT */
#include "nodes/server/server_states.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emu/model/workload/job_graph.h"
#include "nodes/base/clock.h"
#include "nodes/http/wire_check.h"
#include "nodes/jobs/job_states.h"
#include "nodes/jobs/push.h"
#include "nodes/recovery/retry.h"

/* The state that a path names; false if there is no such state, or no such step as the request is
 * for. */
static bool find_state(const struct server_connection *c, unsigned *job, unsigned *state)
{
	if (!server_find_job(c, job, state))
		return false;
	const struct sfe_job *j = worker_job(c->worker, *job);
	return *state < j->n_states &&
	       (!(c->http.head.fields & HEAD_STEP) || c->http.head.step < j->n_steps);
}

/* Whether this node keeps the state in the version that `step` gets. */
static bool keeps(const struct worker *w, uint32_t job, uint32_t state, uint32_t step)
{
	return deployment_keeper(w->deployment, job, state, step) == w->node;
}

/* Whether the body can be changes of a state, as sfemu-changes says. */
static bool changes_fit(const struct server_connection *c, unsigned job, unsigned state)
{
	const struct http_head *head = &c->http.head;
	const struct head_changed *changed = head->changes.items;

	return head->changes.n == 1 && changed->state == state &&
	       wire_may_be_partial(&c->worker->wire, job, head->step, state) &&
	       changes_are_valid(&changed->changes, HEAD_MAX_BODY_BYTES) &&
	       changed->changes.base + 1 == head->version &&
	       changes_bytes(&changed->changes) == head->body_bytes;
}

const char *server_check_state(const struct server_connection *c)
{
	const unsigned needed = HEAD_STEP | HEAD_FROM | HEAD_STRATEGY | HEAD_VERSION;
	const struct worker *w = c->worker;
	const struct http_head *head = &c->http.head;
	unsigned job, state;

	if ((head->fields & needed) != needed)
		return "sfemu-step, -from, -strategy or -version is missing";
	if (strcmp(head->strategy, w->deployment->strategy->name))
		return "the strategy here is another";
	if (!find_state(c, &job, &state) || (head->fields & HEAD_JOB && head->job != job) ||
		head->step >= worker_job(w, job)->n_steps || head->from >= w->deployment->n_nodes)
		return "no such job, state, step or node";
	if (c->route == ROUTE_STORE ? !worker_rules(w, job)->keeper
				    : !worker_rules(w, job)->copies || !w->deployment->n_replicas)
		return "this node is no store";
	if (c->route == ROUTE_STORE && !keeps(w, job, state, head->step + 1))
		return "this node does not keep this state";
	if (!w->deployment->jobs[job].sizes_vary &&
		head->body_bytes != worker_job(w, job)->state_bytes[state])
		return "not of the size of this state";
	if (!sfe_step_changes(&worker_job(w, job)->steps[head->step], state) ||
		head->version != sfe_version_before(worker_job(w, job), state, head->step) + 1)
		return "not the version that this step leaves";
	if (head->fields & HEAD_CHANGES && !changes_fit(c, job, state))
		return "sfemu-changes are none of this state, or of another body";
	return NULL;
}

/* ---- giving */

/* Whether this node creates the state, when a step that asks uses it first. What is asked ahead may
 * come late: after the state was created here, and went away. */
static bool may_create(const struct server_connection *c, uint32_t job, uint32_t state)
{
	struct worker *w = c->worker;

	return worker_rules(w, job)->created_on_use && c->http.head.fields & HEAD_STEP &&
	       keeps(w, job, state, c->http.head.step) &&
	       !(c->route == ROUTE_AHEAD && store_peek(&w->created, job, state));
}

/* A state of the store for the step that asks: NULL if it is not here, or not for this step. */
static struct stored *find_held(
	struct server_connection *c, uint32_t job, uint32_t state, bool may_ask_again)
{
	struct worker *w = c->worker;
	const struct http_head *head = &c->http.head;
	struct stored *s = store_peek(&w->store, job, state);

	if (!s && may_create(c, job, state) && !job_create_state(w, job, state, head->step))
		s = store_peek(&w->store, job, state);
	if (!s || s->final)
		return NULL;
	if (may_ask_again &&
		s->version != sfe_version_before(worker_job(w, job), state, head->step))
		return NULL;
	/* If it is being given away, then only to the same step again. */
	if (s->giving_on && !(may_ask_again && s->giving_on->http.head.step == head->step))
		return NULL;
	return s;
}

/* Whether the state goes away with the answer: the step will change it, and what it leaves is kept
 * elsewhere. */
static bool goes_away(const struct server_connection *c, uint32_t job, uint32_t state)
{
	const struct http_head *head = &c->http.head;

	if (!(head->fields & HEAD_STEP))
		return worker_rules(c->worker, job)->store == SFE_STORE_NONE;
	return sfe_step_changes(&worker_job(c->worker, job)->steps[head->step], state) &&
	       !keeps(c->worker, job, state, head->step + 1);
}

/* The state goes away on this connection, and no longer on the one before. States of an answer come
 * in ascending order. */
static void begin_giving(struct server_connection *c, struct stored *s)
{
	struct server_connection *old = s->giving_on;

	s->giving_on = c;
	c->given_first = c->gives ? c->given_first : s->state;
	c->gives = true;
	c->given_job = s->job;
	c->given_last = s->state;
	if (old && old != c)
		connection_close(&old->http, -ECANCELED);
}

static uint32_t asking_step(const struct server_connection *c)
{
	return c->http.head.fields & HEAD_STEP ? c->http.head.step : 0;
}

static void answer_state(
	struct server_connection *c, uint32_t job, uint64_t version, const struct slice *content)
{
	server_send(c, wire_state(&c->worker->wire, job, asking_step(c), version, content));
}

/* What the step that asks is given: the state that is held (else *held is NULL), or a retained copy
 * of what was given to the same step before, as the first answer may have been lost. */
static bool find_given(struct server_connection *c, uint32_t job, uint32_t state,
	struct wire_given *out, struct stored **held)
{
	struct worker *w = c->worker;
	bool may_ask_again = w->deployment->retry.retries && c->http.head.fields & HEAD_STEP;

	*held = find_held(c, job, state, may_ask_again);
	const struct retained_copy *copy =
		!*held && may_ask_again ? retained_find(&w->retained, job, state, c->http.head.step)
					: NULL;
	if (!*held && !copy)
		return false;
	*out = (struct wire_given){.state = state,
		.version = *held ? (*held)->version : copy->version,
		.content = *held ? (*held)->content : copy->content};
	return true;
}

static void answer_lost(struct server_connection *c)
{
	if (c->worker->crashes)
		server_answer(c, 410, "lost in a crash of this node\n");
	else
		server_answer(c, 404, "this node does not hold it\n");
}

void server_give_state(struct server_connection *c)
{
	struct wire_given given;
	struct stored *held;
	unsigned job, state;

	if (!find_state(c, &job, &state) || !find_given(c, job, state, &given, &held)) {
		answer_lost(c);
		return;
	}
	if (held && goes_away(c, job, state))
		begin_giving(c, held);
	answer_state(c, job, given.version, &given.content);
}

uint32_t server_job_of_states(const struct server_connection *c)
{
	const char *path = c->http.head.path;
	unsigned job;
	int end = 0;

	return sscanf(path, "/%*[a-z]/%9u%n", &job, &end) == 1 && !path[end] ? job : UINT32_MAX;
}

/* Finds all that are asked for; how many bytes they are. false: one is not here. */
static bool find_all(
	struct server_connection *c, uint32_t job, struct wire_given *given, uint64_t *bytes)
{
	const struct head_list *asked = &c->http.head.versions;
	struct stored *held;

	*bytes = 0;
	for (uint32_t i = 0; i < asked->n; i++) {
		if (!find_given(c, job, asked->items[i].state, &given[i], &held) ||
			given[i].version != asked->items[i].value)
			return false;
		*bytes += given[i].content.size;
	}
	return true;
}

void server_give_states(struct server_connection *c)
{
	const struct head_list *asked = &c->http.head.versions;
	const uint32_t job = server_job_of_states(c);
	struct wire_given *given = calloc((size_t)asked->n + 1, sizeof(*given));
	uint64_t bytes;

	if (!given) {
		connection_fail_later(&c->http, -ENOMEM);
		return;
	}
	if (!find_all(c, job, given, &bytes)) {
		answer_lost(c);
	} else if (c->route != ROUTE_CLAIM && bytes > HEAD_MAX_BODY_BYTES) {
		server_answer(c, 413, "more than a message may have: ask for each\n");
	} else {
		for (uint32_t i = 0; i < asked->n; i++) {
			struct stored *held = find_held(
				c, job, given[i].state, c->worker->deployment->retry.retries != 0);
			if (held && c->route != ROUTE_AHEAD && goes_away(c, job, given[i].state))
				begin_giving(c, held);
		}
		server_send(c, c->route == ROUTE_CLAIM ? wire_answer(200, "", false)
						       : wire_states(&c->worker->wire, job,
								 asking_step(c), asked->n, given));
	}
	free(given);
}

void server_give_copy(struct server_connection *c)
{
	struct worker *w = c->worker;
	unsigned job, state;
	const struct stored *s = NULL;

	if (find_state(c, &job, &state) && c->http.head.fields & HEAD_STEP)
		s = store_find(&w->replicas, job, state);
	if (s && s->version == sfe_version_before(worker_job(w, job), state, c->http.head.step))
		answer_state(c, job, s->version, &s->content);
	else
		server_answer(c, 404, "no copy of this version is here\n");
}

/* ---- taking */

/* Retains a copy of what the step was given: it may ask again, also after a repeated call. */
static void retain_for(struct worker *w, const struct stored *s, uint32_t step)
{
	const struct sfe_retry_policy *policy = &w->deployment->retry;
	uint64_t now = now_ns();

	if (policy->retries &&
		retained_add(&w->retained,
			&(struct retained_copy){.job = s->job,
				.state = s->state,
				.step = step,
				.version = s->version,
				.content = slice_part(&s->content, 0, s->content.size),
				.until_ns = now + 2 * retry_window_ns(policy)},
			now))
		worker_fatal(w, -ENOMEM, "a state");
}

/* What the request brings: its body, or what that makes of the version before (old, or NULL). 0, or
 * the status. */
static unsigned take_content(
	struct server_connection *c, const struct stored *old, struct slice *content)
{
	struct connection *http = &c->http;

	if (!(http->head.fields & HEAD_CHANGES)) {
		*content = slice_move(&http->body);
		return 0;
	}
	const struct changes *changes = &http->head.changes.items[0].changes;
	if (!old || old->final || old->version != changes->base)
		return 412;
	int r = changes_apply(
		changes, &c->worker->host->buffers, &old->content, &http->body, content);
	return r == -ENOMEM ? 500 : r ? 400 : 0;
}

/* Puts what the request brings into a store, in place of an older version (old, or NULL): the
 * status. */
static unsigned replace(struct server_connection *c, struct store *store, struct stored *old)
{
	struct worker *w = c->worker;
	unsigned job = 0, state = 0, status;
	struct slice content;

	if (!find_state(c, &job, &state)) /* checked by server_check_state */
		return 400;
	status = take_content(c, old, &content);
	if (status)
		return status;
	if (c->route == ROUTE_STORE && old)
		retain_for(w, old, c->http.head.step);
	if (old)
		store_take(store, old, NULL);
	return store_put(store, job, state, content, c->http.head.version,
		       !sfe_state_used_from(worker_job(w, job), state, c->http.head.step + 1))
		       ? 500
		       : 200;
}

/* Whether the step whose state this is has not read it, or has got it from another node. */
static bool is_written(const struct server_connection *c, uint32_t job, uint32_t state)
{
	const struct http_head *head = &c->http.head;

	return !sfe_step_reads(&worker_job(c->worker, job)->steps[head->step], state) ||
	       !keeps(c->worker, job, state, head->step);
}

static const char *explain(unsigned status)
{
	switch (status) {
	case 200:
		return "";
	case 400:
		return "these are no changes of what is here\n";
	case 409:
		return "this version is not newer\n";
	case 412:
		return "the version before the changes is not here: send all of it\n";
	}
	return "out of memory\n";
}

void server_take_state(struct server_connection *c, uint64_t done_ns)
{
	struct worker *w = c->worker;
	unsigned job = 0, state = 0, status = 409;
	struct store *store = c->route == ROUTE_STORE ? &w->store : &w->replicas;

	if (!find_state(c, &job, &state)) /* checked by server_check_state */
		return;
	c->http.head.job = job;
	struct stored *old = store_peek(store, job, state);
	bool may_be_repeated = w->deployment->retry.retries, copy = c->route == ROUTE_COPY;
	bool same = old && old->version == c->http.head.version;
	/* A state that a step only writes may not have been here before. One that this node lost in
	 * a crash comes again from a step that had it, or a copy of it. */
	bool first = !old && (copy || is_written(c, job, state) ||
				     (w->crashes && worker_rules(w, job)->copies));
	bool newer = first || (old && old->version < c->http.head.version && (copy || !old->final));
	/* Copies are not sent again: its step has run again, and may have left other bytes, of
	 * which the next changes are. */
	newer = newer || (same && copy);
	/* Otherwise no worker of this experiment has sent it. */
	if (newer || may_be_repeated)
		server_record(c,
			c->route == ROUTE_STORE ? SFE_TRANSFER_STORE : SFE_TRANSFER_REPLICA,
			done_ns);
	if (newer)
		status = replace(c, store, old);
	else if (same && may_be_repeated)
		status = 200; /* it came before, and its sender did not get the answer */
	if (!w->over)
		server_answer(c, status, explain(status));
	const struct job_place left = {job, c->http.head.step, c->http.head.attempt};
	if (!w->over && newer && status == 200 && !copy)
		push_left(w, &left, state);
}

/* ---- the end of giving */

/* Ends the giving: the states that are still given away on this connection have gone, or stay. */
static void end_giving(struct server_connection *c, bool gone)
{
	struct worker *w = c->worker;
	bool gives = c->gives;

	c->gives = false;
	for (uint32_t state = c->given_first; gives && state <= c->given_last; state++) {
		struct stored *s = store_peek(&w->store, c->given_job, state);
		if (!s || s->giving_on != c)
			continue;
		if (gone) {
			retain_for(w, s, c->http.head.step);
			store_take(&w->store, s, NULL);
		} else {
			s->giving_on = NULL;
		}
	}
}

void server_states_written(struct server_connection *c)
{
	end_giving(c, true);
}

void server_states_closed(struct server_connection *c)
{
	end_giving(c, false);
}

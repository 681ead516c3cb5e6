/* SPDX-License-Identifier: MIT */
#include "nodes/server/server_states.h"

#include <errno.h>
#include <string.h>

#include "nodes/http/wire.h"
#include "nodes/jobs/actions.h"
#include "nodes/jobs/peers.h"
#include "nodes/worker/strategy.h"

/* Which state a path names; false if there is no such state, or no such step as it is for. */
static bool find_state(const struct connection *c, unsigned *job, unsigned *state)
{
	if (!server_find_job(c, job, state))
		return false;
	const struct sfe_job *j = worker_job(c->worker, *job);
	return *state < j->n_states && (!(c->head.fields & HEAD_STEP) || c->head.step < j->n_steps);
}

static bool is_store(const struct worker *w)
{
	return w->strategy->stores && w->deployment->store == w->node;
}

/* A state that is to be kept here: NULL, or why not. */
const char *server_check_state(const struct connection *c)
{
	const unsigned needed = HEAD_STEP | HEAD_FROM | HEAD_STRATEGY | HEAD_VERSION;
	const struct worker *w = c->worker;
	const struct http_head *head = &c->head;
	unsigned job, state;

	if (c->route == ROUTE_STORE ? !is_store(w)
				    : !w->strategy->copies || !w->deployment->n_replicas)
		return "this node is no store";
	if ((head->fields & needed) != needed)
		return "sfemu-step, -from, -strategy or -version is missing";
	if (strcmp(head->strategy, w->deployment->strategy->name))
		return "the strategy here is another";
	if (!find_state(c, &job, &state) || (head->fields & HEAD_JOB && head->job != job) ||
		head->step >= worker_job(w, job)->n_steps || head->from >= w->deployment->n_nodes)
		return "no such job, state, step or node";
	if (head->body_bytes != worker_job(w, job)->state_bytes[state])
		return "not of the size of this state";
	if (!job_depends(w, job, head->step, state) ||
		head->version != job_version(w, job, state, head->step) + 1)
		return "not the version that this step leaves";
	return NULL;
}

/* ---- giving */

/*
 * The state as the step that asks has to get it: what is held, or what was given to that step
 * before, when the answer may have been lost. NULL: it is not to be had here.
 */
static const struct slice *find_for(
	struct connection *c, uint32_t job, uint32_t state, struct stored **held, uint64_t *version)
{
	struct worker *w = c->worker;
	bool again = w->deployment->retry.retries && c->head.fields & HEAD_STEP;
	uint32_t step = c->head.step;
	struct stored *s = store_peek(&w->store, job, state);

	*held = NULL;
	if (!s && is_store(w) && c->head.fields & HEAD_STEP && !job_bear(w, job, state, step))
		s = store_peek(&w->store, job, state);
	if (s && !s->sealed && (!again || s->version == job_version(w, job, state, step)) &&
		(!s->leaving || (again && s->leaving->head.step == step))) {
		*held = s;
		*version = s->version;
		return &s->content;
	}
	const struct keepsake *k = again ? keepsakes_find(&w->keepsakes, job, state, step) : NULL;
	if (!k)
		return NULL;
	*version = k->version;
	return &k->content;
}

/* The connection on which it was leaving is not waited for any more. */
static void begin_handing_over(struct connection *c, struct stored *s)
{
	struct connection *old = s->leaving;

	s->leaving = c;
	c->handing_over = s;
	if (old) {
		old->handing_over = NULL;
		connection_close(old, -ECANCELED);
	}
}

void server_give_state(struct connection *c)
{
	struct worker *w = c->worker;
	unsigned job, state;
	struct stored *held = NULL;
	const struct slice *content = NULL;
	uint64_t version = 0;

	if (find_state(c, &job, &state))
		content = find_for(c, job, state, &held, &version);
	if (!content) {
		server_answer(c, w->crashes ? wire_answer(410, "lost in a crash of this node\n",
						      !c->head.keep_alive)
					    : wire_answer(404, "this node does not hold it\n",
						      !c->head.keep_alive));
		return;
	}
	if (held && !is_store(w)) /* else the other gets a copy */
		begin_handing_over(c, held);
	server_answer(c, wire_state(w, job, c->head.fields & HEAD_STEP ? c->head.step : 0, version,
				 content));
}

void server_give_copy(struct connection *c)
{
	struct worker *w = c->worker;
	unsigned job, state;
	const struct stored *s = NULL;

	if (find_state(c, &job, &state) && c->head.fields & HEAD_STEP)
		s = store_find(&w->replicas, job, state);
	if (s && s->version == job_version(w, job, state, c->head.step))
		server_answer(c, wire_state(w, job, c->head.step, s->version, &s->content));
	else
		server_answer(c,
			wire_answer(404, "no copy of this version is here\n", !c->head.keep_alive));
}

/* ---- taking */

/* What the step was given goes on being there for it: it may ask again, and before that it may have
 * been called again. */
static void keep_for(struct worker *w, const struct stored *s, uint32_t step)
{
	const struct sfe_retry_policy *policy = &w->deployment->retry;
	uint64_t now = now_ns();

	if (policy->retries &&
		keepsakes_add(&w->keepsakes,
			&(struct keepsake){.job = s->job,
				.state = s->state,
				.step = step,
				.version = s->version,
				.content = slice_part(&s->content, 0, s->content.size),
				.until_ns = now + 2 * retry_window_ns(policy)},
			now))
		worker_fatal(w, -ENOMEM, "a state");
}

/* Puts what has come into a store in place of an older version, if there is one: the status. */
static unsigned replace(struct connection *c, struct store *store, struct stored *old)
{
	struct worker *w = c->worker;
	unsigned job = 0, state = 0;

	if (!find_state(c, &job, &state)) /* which server_check_state has seen */
		return 400;
	if (old)
		store_take(store, old, NULL);
	return store_put(store, job, state, slice_move(&c->body), c->head.version,
		       !job_wants_later(w, job, state, c->head.step + 1))
		       ? 500
		       : 200;
}

void server_take_state(struct connection *c, uint64_t done_ns)
{
	struct worker *w = c->worker;
	unsigned job = 0, state = 0, status = 409;
	struct store *store = c->route == ROUTE_STORE ? &w->store : &w->replicas;

	if (!find_state(c, &job, &state)) /* which server_check_state has seen */
		return;
	c->head.job = job;
	struct stored *old = store_peek(store, job, state);
	bool may_come_again = w->deployment->retry.retries;
	bool same = old && old->version == c->head.version &&
		    (may_come_again || c->route == ROUTE_COPY);
	bool newer = c->route == ROUTE_COPY ? !old || old->version < c->head.version
					    : old && !old->sealed && old->version < c->head.version;
	/* Else it is of no job that runs here. */
	if (same || newer || may_come_again)
		server_record(c,
			c->route == ROUTE_STORE ? SFE_TRANSFER_STORE : SFE_TRANSFER_REPLICA,
			done_ns);
	if (same) {
		status = 200; /* it came before, and its sender has not heard so */
	} else if (newer) {
		if (c->route == ROUTE_STORE)
			keep_for(w, old, c->head.step);
		status = replace(c, store, old);
	}
	if (!w->over)
		server_answer(c, wire_answer(status,
					 status == 200   ? ""
					 : status == 409 ? "this version is not newer\n"
							 : "out of memory\n",
					 !c->head.keep_alive));
}

void server_handed_over(struct connection *c)
{
	struct worker *w = c->worker;

	if (c->handing_over) { /* now, and not before, it is the other's */
		keep_for(w, c->handing_over, c->head.step);
		store_take(&w->store, c->handing_over, NULL);
	}
	c->handing_over = NULL;
}

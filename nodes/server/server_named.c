/* SPDX-License-Identifier: MIT */
#include "nodes/server/server_named.h"

#include <errno.h>
#include <stdio.h>

#include "nodes/http/wire_named.h"
#include "nodes/jobs/shared_wait.h"
#include "nodes/shared/shared_named.h"

static int check(const struct server_connection *c, struct named_operation *operation,
	struct named_state *state, char *why, size_t room)
{
	const struct worker *w = c->worker;
	int r = wire_check_named(&w->wire, &c->http.head, operation, why, room);

	if (r)
		return r;
	const char *objection = shared_named_find(
		w->deployment, operation->at.job, operation->function, operation->name, state);
	if (!objection && state->home != w->node)
		objection = "this node is not its home";
	if (!objection)
		return 0;
	snprintf(why, room, "%s", objection);
	return -EBADMSG;
}

int server_check_named(const struct server_connection *c, char *why, size_t room)
{
	struct named_operation operation;
	struct named_state state;

	return check(c, &operation, &state, why, room);
}

static void answer(
	struct server_connection *c, struct named_operation *o, const struct named_result *result)
{
	unsigned status;

	switch (result->code) {
	case 0:
		status = 200;
		break;
	case -ENOENT:
		status = 404;
		break;
	case -EAGAIN:
		status = 409;
		break;
	case -ENOSPC:
		status = 507;
		break;
	default:
		server_answer(c, 500, result->code == -ENOMEM ? "out of memory\n" : "failed\n");
		return;
	}
	o->epoch = result->epoch;
	o->version = result->version;
	server_send(c,
		wire_named_answer(&c->worker->wire, o, status, result->instance, &result->content));
}

static void done(void *connection, int code, const struct shared_home *home,
	const struct shared_result *made)
{
	struct server_connection *c = connection;
	struct named_operation o;
	struct named_state state;
	struct shared_access access;
	char why[128];

	c->waits = NULL;
	if (check(c, &o, &state, why, sizeof(why))) { /* it was not when the request came */
		server_answer(c, 500, why);
		return;
	}
	int r = shared_named_access(c->worker, &o, &state, true, &access);
	struct named_result result = shared_named_result(&access, r ? r : code, home, made);
	answer(c, &o, &result);
	slice_drop(&result.content);
}

/* Whoever gets an answer may send the next request, and wait again, within shared_wait_begin. */
void server_do_named(struct server_connection *c, uint64_t done_ns)
{
	struct worker *w = c->worker;
	struct named_operation o;
	struct named_state state;
	struct shared_access access;
	char why[128];

	if (check(c, &o, &state, why, sizeof(why))) { /* checked by server_check_named */
		server_answer(c, 400, why);
		return;
	}
	if (o.access == SFE_BY_NAME_PUT)
		server_record(c, SFE_TRANSFER_DYNAMIC_PUT, done_ns);
	int r = shared_named_access(w, &o, &state, true, &access);
	if (r) {
		struct named_result result = shared_named_result(&access, r, NULL, NULL);
		answer(c, &o, &result);
		return;
	}
	struct shared_order order = {.access = access,
		.change = o.access != SFE_BY_NAME_GET,
		.read = {o.epoch, o.version},
		.content = slice_move(&c->http.body),
		.done = done,
		.context = c};
	struct shared_wait *wait = shared_wait_begin(w, &order);
	if (wait)
		c->waits = wait;
}

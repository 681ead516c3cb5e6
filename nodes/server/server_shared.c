/* SPDX-License-Identifier: MIT */
#include "nodes/server/server_shared.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "nodes/shared/shared_store.h"

/* The instance that the path names, and how the step that asks uses it; false: it does not. */
static bool find_use(const struct server_connection *c, struct shared_access *out)
{
	const struct sfe_deployment *d = c->worker->deployment;
	const struct http_head *head = &c->http.head;
	const struct sfe_shared_uses *uses = deployment_shared_uses(d, head->job, head->step);
	unsigned instance;
	int end = 0;

	if (sscanf(head->path, "/shared/%9u%n", &instance, &end) != 1 || head->path[end])
		return false;
	for (uint32_t i = 0; i < uses->n; i++) {
		if (deployment_shared(d, head->job, head->step, i) != instance)
			continue;
		*out = (struct shared_access){{head->job, head->step, head->attempt}, instance,
			(enum sfe_access)uses->of[i].access};
		return true;
	}
	return false;
}

/* Whether the body may be what the step makes of the state. */
static const char *check_change(
	const struct server_connection *c, const struct shared_access *access)
{
	const struct sfe_shared_instances *all = c->worker->deployment->shared;
	const struct sfe_shared_instance *one = &all->of[access->instance];
	const struct http_head *head = &c->http.head;

	if (access->access == SFE_READ)
		return "the step only reads this state";
	if (!(head->fields & HEAD_VERSION))
		return "sfemu-version is missing";
	if (!one->sizes_vary && head->body_bytes != all->states[one->state].bytes)
		return "not of the size of this state";
	return NULL;
}

const char *server_check_shared(const struct server_connection *c)
{
	const unsigned needed = HEAD_JOB | HEAD_STEP | HEAD_FROM | HEAD_STRATEGY;
	const struct worker *w = c->worker;
	const struct sfe_deployment *d = w->deployment;
	const struct http_head *head = &c->http.head;
	struct shared_access access;

	if ((head->fields & needed) != needed)
		return "sfemu-job, -step, -from or -strategy is missing";
	if (strcmp(head->strategy, d->strategy->name))
		return "the strategy here is another";
	if (head->job >= d->n_jobs || head->step >= worker_job(w, head->job)->n_steps ||
		head->from >= d->n_nodes)
		return "no such job, step or node";
	if (head->attempt - 1 > d->retry.retries)
		return "more attempts than the policy allows";
	if (!find_use(c, &access))
		return "the step uses no such state";
	if (deployment_home(d, access.instance) != w->node)
		return "this node is not its home";
	if (c->route == ROUTE_CHANGE)
		return check_change(c, &access);
	return head->body_bytes             ? "a GET with a body"
	       : access.access == SFE_WRITE ? "the step does not read this state"
					    : NULL;
}

void server_give_shared(struct server_connection *c)
{
	struct worker *w = c->worker;
	struct shared_access access = {0};
	const struct shared_home *h = NULL;

	if (find_use(c, &access)) /* checked by server_check_shared */
		h = shared_store_read(w, &access);
	if (h)
		server_send(c, wire_shared_state(&w->wire, &access.at, h->version.epoch,
				       h->version.number, &h->content));
	else
		server_answer(c, 500, "out of memory\n");
}

void server_take_change(struct server_connection *c, uint64_t done_ns)
{
	const struct http_head *head = &c->http.head;
	const struct shared_version read = {head->epoch, head->version};
	struct shared_access access = {0};
	struct shared_result result;
	int r = -EINVAL;

	server_record(c, SFE_TRANSFER_STORE, done_ns);
	if (find_use(c, &access)) /* checked by server_check_shared */
		r = shared_store_change(c->worker, &access, &read, &c->http.body, &result);
	if (r)
		server_answer(c, 500, "out of memory\n");
	else if (result.outcome == SFE_SHARED_CONFLICT)
		server_answer(c, 409, ""); /* another change was first */
	else
		server_answer(c, 200, "");
}

/* SPDX-License-Identifier: MIT */
#include "nodes/server/server_shared.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "nodes/jobs/shared_wait.h"
#include "nodes/recovery/replicas.h"

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

/* The instance that the path of a copy names. Its change may have been made by name: then the step
 * declares no use. UINT32_MAX: it names none. */
static uint32_t copy_of(const struct server_connection *c)
{
	const struct sfe_deployment *d = c->worker->deployment;
	unsigned instance;
	int end = 0;

	if (sscanf(c->http.head.path, "/copy/%9u%n", &instance, &end) != 1 ||
		c->http.head.path[end] || !d->shared || instance >= d->shared->n + SFE_MOST_CREATED)
		return UINT32_MAX;
	return instance;
}

/* Whether so many bytes can be what sfemu-changes says of that version of the state: NULL, or why
 * not. */
static const char *check_ranges(
	const struct server_connection *c, uint32_t instance, uint64_t base, uint64_t bytes)
{
	const struct http_head *head = &c->http.head;
	const struct head_changed *changed = head->changes.items;

	return head->changes.n != 1 || changed->state != instance ||
			       changed->changes.base != base ||
			       !shared_store_varies(c->worker, instance) ||
			       !changes_are_valid(&changed->changes, HEAD_MAX_BODY_BYTES) ||
			       changes_bytes(&changed->changes) != bytes
		       ? "sfemu-changes are none of this state, or of another body"
		       : NULL;
}

/* Why it cannot be about a copy on this node. */
static const char *check_copy(const struct server_connection *c)
{
	const struct sfe_deployment *d = c->worker->deployment;
	const uint32_t instance = copy_of(c);
	const struct http_head *head = &c->http.head;
	uint64_t behind = head->effects * SHARED_EFFECT_BYTES;
	uint32_t i = 0, node;

	if (instance == UINT32_MAX)
		return "there is no such state";
	while ((node = replica_node_of_shared(d, instance, i++)) != c->worker->node)
		if (node == NO_REPLICA_NODE)
			return "no copies of this state are here";
	if (head->from != deployment_home(d, instance))
		return "this node is not its home";
	if (c->route == ROUTE_COPIED)
		return head->body_bytes ? "a GET with a body" : NULL;
	if (!(head->fields & HEAD_VERSION) || !head->version || head->effects > head->version)
		return "sfemu-version is missing, or sfemu-effects are more";
	if (head->version > SHARED_MAX_VERSION || head->epoch > SHARED_MAX_EPOCH)
		return "no state has been changed, or lost, so often";
	if (behind > head->body_bytes)
		return "sfemu-effects are more than the body has";
	if (head->fields & HEAD_CHANGES)
		return check_ranges(c, instance, head->version - 1, head->body_bytes - behind);
	if (!shared_store_varies(c->worker, instance) &&
		head->body_bytes - behind != d->shared->states[d->shared->of[instance].state].bytes)
		return "not of the size of this state";
	return NULL;
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
	if (head->fields & HEAD_CHANGES)
		return access->access == SFE_UPDATE
			       ? check_ranges(c, access->instance, head->version, head->body_bytes)
			       : "what is only written goes whole";
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
	if (c->route >= ROUTE_COPIED)
		return check_copy(c);
	if (!find_use(c, &access))
		return "the step uses no such state";
	if (deployment_home(d, access.instance) != w->node)
		return "this node is not its home";
	if (c->route == ROUTE_CHANGE)
		return check_change(c, &access);
	return head->body_bytes             ? "a GET with a body"
	       : access.access == SFE_WRITE ? "the step does not read this state"
	       : head->fields & HEAD_VERSION && !worker_rules(w, head->job)->options.cache
		       ? "sfemu-version, and under this strategy nodes keep no states"
		       : NULL;
}

/* ---- at the home */

/* The newest version, for who may have said which one it has. */
static struct outgoing *newest(const struct server_connection *c, const struct shared_home *h)
{
	const struct wire *wire = &c->worker->wire;
	const struct http_head *head = &c->http.head;
	const struct job_place at = {head->job, head->step, head->attempt};
	const struct shared_version held = {head->epoch, head->version};
	struct wire_version v = {
		.epoch = h->version.epoch, .version = h->version.number, .content = &h->content};
	struct shared_access access;
	struct changes since;

	if (!(head->fields & HEAD_VERSION))
		return wire_shared_state(wire, &at, &v);
	if (held.epoch == h->version.epoch && held.number == h->version.number)
		return wire_shared_unchanged(wire, &at, &v);
	if (find_use(c, &access) && shared_home_since(h, &held, &since)) {
		v.instance = access.instance;
		v.changes = &since;
	}
	return wire_shared_state(wire, &at, &v);
}

static void give(
	void *connection, int code, const struct shared_home *h, const struct shared_result *result)
{
	struct server_connection *c = connection;
	(void)result;

	c->waits = NULL;
	if (code)
		server_answer(c, 500, "out of memory\n");
	else
		server_send(c, newest(c, h));
}

static void tell(
	void *connection, int code, const struct shared_home *h, const struct shared_result *result)
{
	struct server_connection *c = connection;
	(void)h;

	c->waits = NULL;
	switch (code) {
	case 0:
		break;
	case -ENODATA:
		server_answer(c, 412, "the version before is not here: send all of it\n");
		return;
	case -EBADMSG:
		server_answer(c, 400, "these are no changes of what is here\n");
		return;
	default:
		server_answer(c, 500, "out of memory\n");
		return;
	}
	switch (result->outcome) {
	case SFE_SHARED_WRITTEN:
	case SFE_SHARED_REPEATED:
		server_answer(c, 200, "");
		break;
	case SFE_SHARED_CONFLICT:
		server_answer(c, 409, ""); /* another change was first */
		break;
	default:
		server_answer(c, 500, "the change has not taken effect\n");
	}
}

/* Whoever gets an answer may send the next request, and wait again, within shared_wait_begin. */
static void begin(struct server_connection *c, struct shared_order *order)
{
	order->context = c;
	if (!find_use(c, &order->access)) { /* checked by server_check_shared */
		slice_drop(&order->content);
		server_answer(c, 400, "the step uses no such state\n");
		return;
	}
	struct shared_wait *wait = shared_wait_begin(c->worker, order);
	if (wait)
		c->waits = wait;
}

void server_give_shared(struct server_connection *c)
{
	begin(c, &(struct shared_order){.done = give});
}

void server_take_change(struct server_connection *c, uint64_t done_ns)
{
	const struct http_head *head = &c->http.head;

	server_record(c, SFE_TRANSFER_STORE, done_ns);
	struct shared_order order = {.change = true,
		.read = {head->epoch, head->version},
		.content = slice_move(&c->http.body),
		.done = tell};
	if (head->fields & HEAD_CHANGES) {
		order.partial = order.ranges = true;
		order.changes = head->changes.items[0].changes;
	}
	begin(c, &order);
}

void server_shared_closed(struct server_connection *c)
{
	shared_wait_forget(c->waits);
	c->waits = NULL;
}

/* ---- at a replica */

void server_give_copied(struct server_connection *c)
{
	struct worker *w = c->worker;
	const struct http_head *head = &c->http.head;
	const struct job_place at = {head->job, head->step, head->attempt};
	/* server_check_shared has checked the instance. */
	const struct shared_home *h = shared_store_copy(w, copy_of(c));
	struct slice effects;

	if (!h) {
		server_answer(c, 500, "out of memory\n");
	} else if (!h->there) {
		server_answer(c, 404, "there is no copy here\n");
	} else if (shared_home_effects(h, 0, &w->host->buffers, &effects)) {
		server_answer(c, 500, "out of memory\n");
	} else {
		const struct wire_version held = {.epoch = h->version.epoch,
			.version = h->version.number,
			.content = &h->content,
			.n_effects = h->n_effects,
			.effects = &effects};
		server_send(c, wire_copy_state(&w->wire, &at, &held));
		slice_drop(&effects);
	}
}

void server_take_copied(struct server_connection *c, uint64_t done_ns)
{
	const struct http_head *head = &c->http.head;
	const struct shared_copied copied = {.version = {head->epoch, head->version},
		.job = head->job,
		.step = head->step,
		.n_effects = head->effects,
		.changes = head->fields & HEAD_CHANGES ? &head->changes.items[0].changes : NULL,
		.buffers = &c->worker->host->buffers};

	struct shared_home *h = shared_store_copy(c->worker, copy_of(c));

	server_record(c, SFE_TRANSFER_REPLICA, done_ns);
	switch (h ? shared_home_copy(h, &copied, &c->http.body) : -ENOMEM) {
	case 0:
		server_answer(c, 200, "");
		break;
	case -ENODATA:
		server_answer(c, 412, "the version before is not here: send all of it\n");
		break;
	case -EBADMSG:
		server_answer(c, 400, "these are no changes of this state\n");
		break;
	default:
		server_answer(c, 500, "out of memory\n");
	}
}

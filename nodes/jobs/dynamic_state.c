/* SPDX-License-Identifier: MIT */
#include "nodes/jobs/dynamic_state.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "emu/model/workload/shared_names.h"
#include "nodes/base/clock.h"
#include "nodes/base/wide_xxh3.h"
#include "nodes/http/wire_named.h"
#include "nodes/jobs/peers.h"
#include "nodes/worker/records.h"

#define FAIL(d, ...) snprintf((d)->request->reason, sizeof((d)->request->reason), __VA_ARGS__)

/* What the home has said is the answer to the function. */
static void take(struct dynamic_state *d, int code, uint32_t epoch, uint64_t version)
{
	d->request->code = code;
	d->request->epoch = epoch;
	d->request->version = version;
}

/* What this node knows of it: the bytes that it got, and when it asked. */
static void record(const struct dynamic_state *d, uint32_t instance, uint32_t epoch,
	uint64_t version, const struct slice *got)
{
	const struct named_operation *o = &d->operation;

	records_shared(d->worker, &(struct sfe_ctl_shared){.job = o->at.job,
					  .step = o->at.step,
					  .attempt = o->at.attempt,
					  .instance = instance,
					  .access = o->access,
					  .outcome = got ? SFE_SHARED_GOT : SFE_SHARED_ASKED,
					  .epoch_read = epoch,
					  .version_read = version,
					  .bytes = got ? got->size : 0,
					  .digest = got ? XXH3_64bits(got->data, got->size) : 0,
					  .at_ns = now_ns(),
					  .path = o->path,
					  .change = o->change,
					  .begin_ns = d->begin_ns});
}

/* ---- this node is the home */

/* Bytes of the function's own: C code could write to them. 0 or -ENOMEM. */
static int copy_content(struct worker *w, struct slice *content, struct slice *out)
{
	int r = slice_new(&w->host->buffers, content->size, out);

	if (!r && content->size)
		memcpy(out->data, content->data, content->size);
	slice_drop(content);
	return r;
}

static void answer_here(struct dynamic_state *d, int code, const struct shared_home *home,
	const struct shared_result *made)
{
	struct named_result result = shared_named_result(&d->access, code, home, made);
	struct function_request *q = d->request;

	if (!result.code && q->access == SFE_BY_NAME_GET) {
		result.code = copy_content(d->worker, &result.content, &q->output);
		record(d, result.instance, result.epoch, result.version, &q->output);
	}
	if (result.code == -ENOMEM)
		FAIL(d, "out of memory for the state %s", d->operation.name);
	take(d, result.code, result.epoch, result.version);
}

static void done_here(
	void *state, int code, const struct shared_home *home, const struct shared_result *made)
{
	struct dynamic_state *d = state;
	const bool waited = d->wait;

	d->wait = NULL;
	answer_here(d, code, home, made);
	if (waited)
		d->done(d->context);
}

/* Whether it is answered already. */
static bool do_here(struct dynamic_state *d)
{
	const struct named_operation *o = &d->operation;
	int r = shared_named_access(d->worker, o, &d->state, false, &d->access);

	if (r) {
		answer_here(d, r, NULL, NULL);
		return true;
	}
	struct shared_order order = {.access = d->access,
		.change = o->access != SFE_BY_NAME_GET,
		.read = {o->epoch, o->version},
		.content = slice_move(&d->request->argument),
		.done = done_here,
		.context = d};
	d->wait = shared_wait_begin(d->worker, &order);
	return !d->wait;
}

/* ---- on another node */

/* The number that the home says: that of the declared state, or of one that was created. */
static bool is_instance(const struct dynamic_state *d, uint32_t instance)
{
	uint32_t n = d->worker->deployment->shared->n;

	return d->state.created ? instance >= n && instance - n < SFE_MOST_CREATED
				: instance == d->state.instance;
}

/* The answer as a result of the operation; 1: it is none. */
static int code_of(const struct dynamic_state *d, const struct http_head *head, int status)
{
	const unsigned version = HEAD_VERSION | HEAD_INSTANCE;
	bool numbered = (head->fields & version) == version && is_instance(d, head->instance);
	bool bare = !(head->fields & version);

	if (!wire_answers_named(&d->worker->wire, head, &d->operation))
		return 1;
	switch (status) {
	case 200:
		return numbered ? 0 : 1;
	case 404:
		return numbered || bare ? -ENOENT : 1;
	case 409:
		return numbered ? -EAGAIN : 1;
	case 507:
		return bare ? -ENOSPC : 1;
	}
	return 1;
}

static void fail(struct dynamic_state *d, const struct exchange *e, int status)
{
	char answer[32];

	snprintf(answer, sizeof(answer), "answered %d", status);
	FAIL(d, "state %.48s, whose home is %.40s: %s", d->operation.name,
		d->worker->deployment->nodes[e->to].name,
		status == -ECONNREFUSED ? "it is down"
		: status < 0            ? sfe_ctl_reason(status)
					: answer);
}

static void told(struct exchange *e, int status)
{
	struct dynamic_state *d = e->named;
	const struct http_head *head = e->head;
	bool gets = d->operation.access == SFE_BY_NAME_GET;
	int code = status < 0 ? 1 : code_of(d, head, status);

	if (code == 1 || (e->body.size && (code || !gets))) {
		fail(d, e, status);
		d->done(d->context);
		return;
	}
	if (head->fields & HEAD_INSTANCE)
		record(d, head->instance, head->epoch, head->version,
			gets && !code ? &e->body : NULL);
	if (gets && !code) {
		peers_record_answer(e, SFE_TRANSFER_DYNAMIC_GET);
		d->request->output = slice_move(&e->body);
	}
	take(d, code, head->epoch, head->version);
	d->done(d->context);
}

static void ask_home(struct dynamic_state *d)
{
	const struct named_operation *o = &d->operation;
	const struct exchange e = {.to = d->state.home,
		.kind = o->access == SFE_BY_NAME_GET ? SFE_TRANSFER_DYNAMIC_GET
						     : SFE_TRANSFER_DYNAMIC_PUT,
		.at = o->at,
		.path = o->path,
		.named = d,
		.done = told};
	const struct slice *content = o->access == SFE_BY_NAME_PUT ? &d->request->argument : NULL;

	peers_send(d->worker, &e, wire_named_request(&d->worker->wire, e.to, o, content));
	slice_drop(&d->request->argument);
}

/* ---- operations */

/* Whether the step itself changes the state: what it leaves would replace what its function put. */
static bool is_declared_change(const struct dynamic_state *d)
{
	const struct sfe_deployment *deployment = d->worker->deployment;
	const struct named_operation *o = &d->operation;
	const struct sfe_shared_uses *uses =
		deployment_shared_uses(deployment, o->at.job, o->at.step);

	for (uint32_t i = 0; i < uses->n; i++)
		if (uses->of[i].access != SFE_READ && o->access != SFE_BY_NAME_GET &&
			!strcmp(deployment->shared->states[uses->of[i].state].name, o->name))
			return true;
	return false;
}

bool dynamic_state_begin(struct dynamic_state *d, const struct invocation *inv,
	struct function_request *request, void (*done)(void *context), void *context)
{
	struct worker *w = inv->worker;

	*d = (struct dynamic_state){.worker = w,
		.request = request,
		.operation = {.at = package_place(&inv->package),
			.path = inv->dynamic ? inv->dynamic->path : 0,
			.function = invocation_function(inv),
			.access = request->access,
			.change = request->change,
			.unread = request->unread,
			.epoch = request->epoch,
			.version = request->version},
		.begin_ns = now_ns(),
		.done = done,
		.context = context};
	snprintf(d->operation.name, sizeof(d->operation.name), "%s", request->state);
	const char *objection = shared_named_find(w->deployment, inv->package.job,
		d->operation.function, d->operation.name, &d->state);
	if (!objection && is_declared_change(d))
		objection = "the step declares that it changes it: sfe_state_change and its kind "
			    "do that";
	if (objection)
		FAIL(d, "state %.64s: %s", d->operation.name, objection);
	if (!objection && d->state.home != w->node) {
		ask_home(d);
		return false;
	}
	bool answered = objection || do_here(d);
	slice_drop(&request->argument);
	return answered;
}

void dynamic_state_forget(struct dynamic_state *d)
{
	shared_wait_forget(d->wait);
	d->wait = NULL;
}

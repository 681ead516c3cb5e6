/* SPDX-License-Identifier: MIT */
#include "nodes/http/wire.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emu/model/workload/job_graph.h"
#include "nodes/http/head_changes.h"
#include "nodes/http/wire_head.h"

/* The step that is to know who keeps the state: the called one, or one after it; SFE_NOBODY. */
static uint32_t asker(const struct wire *w, const struct package *p, uint32_t state)
{
	const struct sfe_job *job = wire_job(w, p->job);
	const struct sfe_strategy_info *strategy = deployment_rules(w->deployment, p->job);
	const struct sfe_by_edge *by_edge = w->deployment->jobs[p->job].by_edge;
	uint32_t step = p->step;

	if (job->declared && !strategy->client_invokes)
		step = sfe_reader_along(job, state, p->after, p->step);
	else if (job->declared && !sfe_step_reads(&job->steps[step], state))
		return SFE_NOBODY;
	if (step >= job->n_steps ||
		(by_edge && sfe_inlined_comes(by_edge->along, job, state, step)))
		return SFE_NOBODY;
	return strategy->created_on_use && sfe_writer_before(job, state, step) == SFE_CLIENT
		       ? SFE_NOBODY
		       : step;
}

/* "sfemu-holders: s0=12, s1=3": who keeps which state; nothing if the strategy does not say it. */
static void add_holders(struct text *t, const struct wire *w, const struct package *p)
{
	const char *before = "sfemu-holders: ";

	for (uint32_t i = 0;
		deployment_rules(w->deployment, p->job)->names_keepers && i < p->n_states; i++) {
		uint32_t step = asker(w, p, i);
		if (step == SFE_NOBODY)
			continue;
		text_add(t, "%ss%" PRIu32 "=%" PRIu32, before, i,
			deployment_keeper(w->deployment, p->job, i, step));
		before = ", ";
	}
	if (*before == ',')
		text_add(t, "\r\n");
}

/* What a message does with the changes of states that are known. */
enum with_changes {
	CHANGES_UNSAID,
	CHANGES_SAID, /* the states are whole */
	CHANGES_ONLY, /* the bytes of changed ranges take the place of the states */
};

struct body { /* the slices are borrowed: outgoing_new adds references */
	uint32_t n;
	struct slice *slices;
};

static struct slice borrow(const struct slice *s, uint64_t offset, uint64_t bytes)
{
	return (struct slice){s->buffer, s->data ? s->data + offset : NULL, bytes};
}

/* Adds the state, or the ranges of it; how many bytes that is. */
static uint64_t add_bytes(struct body *body, const struct carried *s, const struct changes *only)
{
	if (!only) {
		body->slices[body->n++] = s->bytes;
		return s->bytes.size;
	}
	for (uint32_t i = 0; i < only->n; i++)
		body->slices[body->n++] =
			borrow(&s->bytes, only->range[i].offset, only->range[i].bytes);
	return changes_bytes(only);
}

/* The changes of the state if they are said: those of the first HEAD_MAX_CHANGED states that have
 * any. *n counts them. */
static const struct changes *said(
	const struct package *p, uint32_t state, enum with_changes with, uint32_t *n)
{
	const struct carried *s = &p->states[state];

	if (with == CHANGES_UNSAID || !s->here || !s->changes || *n == HEAD_MAX_CHANGED)
		return NULL;
	++*n;
	return s->changes;
}

/* The lengths of the parts, which are added to the body: how long it is. */
static uint64_t add_parts(
	struct text *t, const struct package *p, enum with_changes with, struct body *body)
{
	uint64_t total = p->value.size;
	uint32_t n = 0;

	body->slices[body->n++] = p->value;
	text_add(t, "sfemu-parts: arg=%" PRIu64, p->value.size);
	for (uint32_t i = 0; i < p->n_states; i++) {
		if (!p->states[i].here)
			continue;
		const struct changes *changes = said(p, i, with, &n);
		uint64_t bytes =
			add_bytes(body, &p->states[i], with == CHANGES_ONLY ? changes : NULL);
		text_add(t, ", s%" PRIu32 "=%" PRIu64, i, bytes);
		total += bytes;
	}
	text_add(t, "\r\n");
	return total;
}

static void add_versions(struct text *t, const struct package *p)
{
	const char *before = "sfemu-versions: ";

	for (uint32_t i = 0; i < p->n_states; i++) {
		if (!p->states[i].here)
			continue;
		text_add(t, "%ss%" PRIu32 "=%" PRIu64, before, i, p->states[i].version);
		before = ", ";
	}
	if (*before == ',')
		text_add(t, "\r\n");
}

static void add_changes(struct text *t, const struct package *p, enum with_changes with)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < p->n_states; i++) {
		const struct changes *changes = said(p, i, with, &n);
		if (changes)
			head_changes_add(t, n - 1, i, changes);
	}
	if (n)
		text_add(t, "\r\n");
}

/* At most so many slices make up the body. */
static size_t count_slices(const struct package *p, enum with_changes with)
{
	size_t most = 1 + (size_t)p->n_states;
	uint32_t n = 0;

	for (uint32_t i = 0; i < p->n_states; i++)
		if (said(p, i, with, &n))
			most += CHANGES_MAX;
	return most;
}

static struct outgoing *new_with_package(
	struct text *head, const struct package *p, enum with_changes with)
{
	struct body body = {0, calloc(count_slices(p, with), sizeof(*body.slices))};

	if (!body.slices) {
		text_clear(head);
		return NULL;
	}
	uint64_t total = add_parts(head, p, with, &body);
	add_versions(head, p);
	add_changes(head, p, with);
	wire_add_end(head, total);
	struct outgoing *o = outgoing_new(head, body.slices, body.n);
	free(body.slices);
	return o;
}

struct outgoing *wire_call(const struct wire *w, uint32_t to, const struct package *p)
{
	const struct sfe_step *step = &wire_job(w, p->job)->steps[p->step];
	const struct job_place at = package_place(p);
	struct text t = {0};

	wire_add_request(&t, w, to, "POST /invoke");
	wire_add_common(&t, w, &at, "call");
	text_add(&t, "sfemu-function: %s\r\n", w->deployment->function_names[step->function]);
	if (wire_job(w, p->job)->graph && p->after != SFE_CLIENT)
		text_add(&t, "sfemu-after: %" PRIu32 "\r\n", p->after);
	add_holders(&t, w, p);
	return new_with_package(&t, p, CHANGES_SAID);
}

struct outgoing *wire_return(const struct wire *w, uint32_t to, const struct package *p)
{
	const struct job_place at = package_place(p);
	struct text t = {0};

	wire_add_request(&t, w, to, "POST /return");
	wire_add_common(&t, w, &at, "return");
	return new_with_package(&t, p, CHANGES_ONLY);
}

struct outgoing *wire_result(const struct wire *w, const struct package *p)
{
	const struct job_place at = package_place(p);
	struct text t = {0};

	wire_add_status(&t, 200);
	wire_add_common(&t, w, &at, "return");
	return new_with_package(&t, p, CHANGES_ONLY);
}

static struct outgoing *new_failure(struct text *t, int code, const char *reason)
{
	text_add(t, "sfemu-status: %d\r\nsfemu-reason: %.159s\r\n", -code, reason);
	wire_add_end(t, 0);
	return outgoing_new(t, NULL, 0);
}

struct outgoing *wire_failure(
	const struct wire *w, uint32_t to, const struct job_place *at, int code, const char *reason)
{
	struct text t = {0};

	wire_add_request(&t, w, to, "POST /return");
	wire_add_common(&t, w, at, "failure");
	return new_failure(&t, code, reason);
}

struct outgoing *wire_no_result(
	const struct wire *w, const struct job_place *at, int code, const char *reason)
{
	struct text t = {0};

	wire_add_status(&t, 500);
	wire_add_common(&t, w, at, "failure");
	return new_failure(&t, code, reason);
}

/* The headers of a message about a call at run time. */
static void add_dynamic(
	struct text *t, const struct wire *w, const struct call_key *key, const char *what)
{
	char path[CALL_PATH_TEXT], span[16 + CALL_PATH_TEXT];

	call_path_text(key->path, path);
	snprintf(span, sizeof(span), "%s %s", what, path);
	wire_add_common(t, w, &(struct job_place){key->job, key->step, key->attempt}, span);
	text_add(t, "sfemu-call: %s\r\n", path);
}

struct outgoing *wire_dynamic_call(const struct wire *w, uint32_t to, const struct call_key *key,
	bool cast, const struct slice *argument)
{
	char stream[CALL_PATH_TEXT];
	struct text t = {0};

	wire_add_request(&t, w, to, cast ? "POST /cast" : "POST /call");
	add_dynamic(&t, w, key, cast ? "cast" : "dynamic call");
	text_add(&t, "sfemu-function: %s\r\n", w->deployment->function_names[key->function]);
	if (key->stream != key->path)
		text_add(&t, "sfemu-stream: %s\r\n", call_path_text(key->stream, stream));
	wire_add_end(&t, argument->size);
	return outgoing_new(&t, argument, 1);
}

struct outgoing *wire_dynamic_output(
	const struct wire *w, const struct call_key *key, const struct slice *output)
{
	struct text t = {0};

	wire_add_status(&t, 200);
	add_dynamic(&t, w, key, "output");
	wire_add_end(&t, output->size);
	return outgoing_new(&t, output, 1);
}

struct outgoing *wire_dynamic_failure(
	const struct wire *w, const struct call_key *key, int code, const char *reason)
{
	struct text t = {0};

	wire_add_status(&t, 500);
	add_dynamic(&t, w, key, "failure");
	return new_failure(&t, code, reason);
}

/* A request about a part of a job: a state, or a step. */
static void add_part_request(struct text *t, const struct wire *w, const char *method,
	const char *what, uint32_t to, const struct job_place *at, uint32_t number)
{
	char line[64];

	snprintf(line, sizeof(line), "%s /%s/%" PRIu32 "/%" PRIu32, method, what, at->job, number);
	wire_add_request(t, w, to, line);
	wire_add_common(t, w, at, line);
}

struct outgoing *wire_fetch(const struct wire *w, const char *what, uint32_t to,
	const struct job_place *at, uint32_t state)
{
	struct text t = {0};

	add_part_request(&t, w, "GET", what, to, at, state);
	text_add(&t, "\r\n"); /* a GET has no body, nor a length */
	return outgoing_new(&t, NULL, 0);
}

struct outgoing *wire_ask(
	const struct wire *w, uint32_t to, const struct job_place *at, uint32_t step)
{
	struct text t = {0};

	add_part_request(&t, w, "GET", "step", to, at, step);
	text_add(&t, "\r\n");
	return outgoing_new(&t, NULL, 0);
}

struct outgoing *wire_state(const struct wire *w, uint32_t job, uint32_t step, uint64_t version,
	const struct slice *content)
{
	struct text t = {0};

	wire_add_status(&t, 200);
	wire_add_common(&t, w, &(struct job_place){job, step, 1}, "state");
	text_add(&t, "sfemu-version: %" PRIu64 "\r\n", version);
	wire_add_end(&t, content->size);
	return outgoing_new(&t, content, 1);
}

/* "sfemu-versions: s0=2, s3=1", and the same of other lists. */
static void add_item(struct text *t, const char *header, uint32_t i, uint32_t state, uint64_t value)
{
	text_add(t, "%ss%" PRIu32 "=%" PRIu64, i ? ", " : header, state, value);
}

struct outgoing *wire_fetch_states(const struct wire *w, uint32_t to, const struct job_place *at,
	uint32_t n, const uint32_t *states)
{
	struct text t = {0};
	char line[64];

	snprintf(line, sizeof(line), "GET /" WIRE_STATES "/%" PRIu32, at->job);
	wire_add_request(&t, w, to, line);
	wire_add_common(&t, w, at, line);
	for (uint32_t i = 0; i < n; i++)
		add_item(&t, "sfemu-versions: ", i, states[i],
			sfe_version_before(wire_job(w, at->job), states[i], at->step));
	text_add(&t, "\r\n\r\n");
	return outgoing_new(&t, NULL, 0);
}

struct outgoing *wire_states(const struct wire *w, uint32_t job, uint32_t step, uint32_t n,
	const struct wire_given *given)
{
	struct slice *slices = calloc((size_t)n + 1, sizeof(*slices));
	uint64_t total = 0;
	struct text t = {0};

	if (!slices)
		return NULL;
	wire_add_status(&t, 200);
	wire_add_common(&t, w, &(struct job_place){job, step, 1}, WIRE_STATES);
	for (uint32_t i = 0; i < n; i++) {
		add_item(&t, "sfemu-parts: ", i, given[i].state, given[i].content.size);
		slices[i] = given[i].content;
		total += given[i].content.size;
	}
	text_add(&t, "\r\n");
	for (uint32_t i = 0; i < n; i++)
		add_item(&t, "sfemu-versions: ", i, given[i].state, given[i].version);
	text_add(&t, "\r\n");
	wire_add_end(&t, total);
	struct outgoing *o = outgoing_new(&t, slices, n);
	free(slices);
	return o;
}

struct outgoing *wire_store(const struct wire *w, const char *what, uint32_t to,
	const struct job_place *at, uint32_t state, const struct carried *s, bool partial)
{
	struct slice slices[CHANGES_MAX];
	struct body body = {0, slices};
	struct text t = {0};

	add_part_request(&t, w, "PUT", what, to, at, state);
	text_add(&t, "sfemu-version: %" PRIu64 "\r\n", s->version);
	if (partial) {
		head_changes_add(&t, 0, state, s->changes);
		text_add(&t, "\r\n");
	}
	wire_add_end(&t, add_bytes(&body, s, partial ? s->changes : NULL));
	return outgoing_new(&t, body.slices, body.n);
}

static void add_version(struct text *t, uint32_t epoch, uint64_t version)
{
	if (epoch)
		text_add(t, "sfemu-epoch: %" PRIu32 "\r\n", epoch);
	text_add(t, "sfemu-version: %" PRIu64 "\r\n", version);
}

static struct outgoing *end_version(struct text *t, const struct wire_version *v)
{
	struct slice slices[CHANGES_MAX + 1];
	struct body body = {0, slices};
	const struct carried state = {.bytes = *v->content};
	uint64_t behind = v->n_effects ? v->effects->size : 0;

	if (v->n_effects)
		text_add(t, "sfemu-effects: %" PRIu64 "\r\n", v->n_effects);
	add_version(t, v->epoch, v->version);
	if (v->changes) {
		head_changes_add(t, 0, v->instance, v->changes);
		text_add(t, "\r\n");
	}
	uint64_t bytes = add_bytes(&body, &state, v->changes);
	if (behind)
		slices[body.n++] = *v->effects;
	wire_add_end(t, bytes + behind);
	return outgoing_new(t, slices, body.n);
}

/* method: with the first part of the path, as "GET /shared". */
static void add_shared_request(struct text *t, const struct wire *w, const char *method,
	uint32_t to, const struct job_place *at, uint32_t instance)
{
	char line[64];

	snprintf(line, sizeof(line), "%s/%" PRIu32, method, instance);
	wire_add_request(t, w, to, line);
	wire_add_common(t, w, at, line);
}

struct outgoing *wire_shared_fetch(const struct wire *w, uint32_t to, const struct job_place *at,
	uint32_t instance, const struct wire_version *held)
{
	struct text t = {0};

	add_shared_request(&t, w, "GET /shared", to, at, instance);
	if (held)
		add_version(&t, held->epoch, held->version);
	text_add(&t, "\r\n");
	return outgoing_new(&t, NULL, 0);
}

struct outgoing *wire_shared_state(
	const struct wire *w, const struct job_place *at, const struct wire_version *newest)
{
	struct text t = {0};

	wire_add_status(&t, 200);
	wire_add_common(&t, w, at, "shared");
	return end_version(&t, newest);
}

struct outgoing *wire_shared_unchanged(
	const struct wire *w, const struct job_place *at, const struct wire_version *newest)
{
	struct text t = {0};

	wire_add_status(&t, 304);
	wire_add_common(&t, w, at, "shared");
	add_version(&t, newest->epoch, newest->version);
	text_add(&t, "\r\n"); /* it has no body, nor a length */
	return outgoing_new(&t, NULL, 0);
}

struct outgoing *wire_shared_give(const struct wire *w, uint32_t to, const struct job_place *at,
	const struct wire_version *change)
{
	struct text t = {0};

	add_shared_request(&t, w, "PUT /shared", to, at, change->instance);
	return end_version(&t, change);
}

struct outgoing *wire_copy(const struct wire *w, uint32_t to, const struct job_place *at,
	const struct wire_version *made)
{
	struct text t = {0};

	add_shared_request(&t, w, "PUT /copy", to, at, made->instance);
	return end_version(&t, made);
}

struct outgoing *wire_copy_fetch(
	const struct wire *w, uint32_t to, const struct job_place *at, uint32_t instance)
{
	struct text t = {0};

	add_shared_request(&t, w, "GET /copy", to, at, instance);
	text_add(&t, "\r\n");
	return outgoing_new(&t, NULL, 0);
}

struct outgoing *wire_copy_state(
	const struct wire *w, const struct job_place *at, const struct wire_version *held)
{
	struct text t = {0};

	wire_add_status(&t, 200);
	wire_add_common(&t, w, at, "copy");
	return end_version(&t, held);
}

struct outgoing *wire_answer(unsigned status, const char *text, bool last)
{
	struct text t = {0};

	wire_add_status(&t, status);
	if (last)
		text_add(&t, "Connection: close\r\n");
	if (status == 405)
		text_add(&t, "Allow: DELETE, GET, POST, PUT\r\n");
	if (*text)
		text_add(&t, "Content-Type: text/plain; charset=utf-8\r\n");
	wire_add_end(&t, strlen(text));
	text_add(&t, "%s", text);
	return outgoing_new(&t, NULL, 0);
}

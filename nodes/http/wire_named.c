/* SPDX-License-Identifier: MIT */
#include "nodes/http/wire_named.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "emu/model/base/name_check.h"
#include "nodes/http/http_form.h"
#include "nodes/http/wire_dynamic.h"
#include "nodes/http/wire_head.h"

#define REFUSE(...) (snprintf(why, room, __VA_ARGS__), -EBADMSG)

static void add_operation(
	struct text *t, const struct wire *w, const struct named_operation *o, const char *line)
{
	char path[CALL_PATH_TEXT], what[128 + CALL_PATH_TEXT];

	snprintf(what, sizeof(what), "%s %s %" PRIu32, line, call_path_text(o->path, path),
		o->change);
	wire_add_common(t, w, &o->at, what);
	if (o->path)
		text_add(t, "sfemu-call: %s\r\n", path);
	text_add(t, "sfemu-operation: %" PRIu32 "\r\n", o->change);
}

static void add_version(struct text *t, const struct named_operation *o)
{
	if (o->epoch)
		text_add(t, "sfemu-epoch: %" PRIu32 "\r\n", o->epoch);
	text_add(t, "sfemu-version: %" PRIu64 "\r\n", o->version);
}

struct outgoing *wire_named_request(const struct wire *w, uint32_t to,
	const struct named_operation *o, const struct slice *content)
{
	static const char *const methods[] = {[SFE_BY_NAME_GET] = "GET",
		[SFE_BY_NAME_PUT] = "PUT",
		[SFE_BY_NAME_DELETE] = "DELETE"};
	struct text t = {0};
	char line[128];

	snprintf(line, sizeof(line), "%s " WIRE_NAMED "%s", methods[o->access], o->name);
	wire_add_request(&t, w, to, line);
	add_operation(&t, w, o, line);
	text_add(&t, "sfemu-function: %s\r\n", w->deployment->function_names[o->function]);
	if (!o->unread)
		add_version(&t, o);
	if (content)
		wire_add_end(&t, content->size);
	else
		text_add(&t, "\r\n");
	return outgoing_new(&t, content, content ? 1 : 0);
}

struct outgoing *wire_named_answer(const struct wire *w, const struct named_operation *o,
	unsigned status, uint32_t instance, const struct slice *content)
{
	struct text t = {0};

	wire_add_status(&t, status);
	add_operation(&t, w, o, "named");
	if (instance != UINT32_MAX) {
		text_add(&t, "sfemu-instance: %" PRIu32 "\r\n", instance);
		add_version(&t, o);
	}
	wire_add_end(&t, content->size);
	return outgoing_new(&t, content, 1);
}

/* Which operation the request is. */
static int check_operation(
	const struct http_head *head, struct named_operation *o, char *why, size_t room)
{
	const char *name = head->path + strlen(WIRE_NAMED);
	struct sfe_error cause = {0};

	if (sfe_name_check((struct sfe_span){name, strlen(name)}, &cause))
		return REFUSE("no name of a state");
	snprintf(o->name, sizeof(o->name), "%s", name);
	o->access = head->method == HTTP_METHOD_GET   ? SFE_BY_NAME_GET
		    : head->method == HTTP_METHOD_PUT ? SFE_BY_NAME_PUT
						      : SFE_BY_NAME_DELETE;
	o->change = head->operation;
	/* Each change uses memory here. */
	if ((o->access == SFE_BY_NAME_GET) != !o->change || o->change > NAMED_MOST_OPERATIONS)
		return REFUSE("operation %" PRIu32, o->change);
	if (o->access != SFE_BY_NAME_PUT && head->body_bytes)
		return REFUSE("a body");
	o->unread = !(head->fields & HEAD_VERSION);
	o->epoch = head->epoch;
	o->version = head->version;
	return 0;
}

/* The function of the step, or one that is called at run time. UINT32_MAX: neither. */
static uint32_t function_of(const struct sfe_deployment *d, const struct http_head *head)
{
	uint32_t f = d->jobs[head->job].job->steps[head->step].function;

	if (head->call)
		return wire_dynamic_function(d, head->function);
	return strcmp(d->function_names[f], head->function) ? UINT32_MAX : f;
}

int wire_check_named(const struct wire *w, const struct http_head *head, struct named_operation *o,
	char *why, size_t room)
{
	const struct sfe_deployment *d = w->deployment;
	const unsigned needed =
		HEAD_JOB | HEAD_STEP | HEAD_FROM | HEAD_STRATEGY | HEAD_FUNCTION | HEAD_OPERATION;

	if ((head->fields & needed) != needed)
		return REFUSE("sfemu-job, -step, -from, -strategy, -function or -operation is "
			      "missing");
	if (strcmp(head->strategy, d->strategy->name))
		return REFUSE("the strategy here is %s, not %s", d->strategy->name, head->strategy);
	if (head->job >= d->n_jobs || head->step >= d->jobs[head->job].job->n_steps)
		return REFUSE("no step %" PRIu32 " of job %" PRIu32, head->step, head->job);
	if (head->from >= d->n_nodes)
		return REFUSE("no node %" PRIu32, head->from);
	if (head->attempt - 1 > d->retry.retries)
		return REFUSE("attempt %" PRIu32 ", with %" PRIu32 " retries", head->attempt,
			d->retry.retries);
	*o = (struct named_operation){.at = {head->job, head->step, head->attempt},
		.path = head->call,
		.function = function_of(d, head)};
	if (o->function == UINT32_MAX)
		return REFUSE("step %" PRIu32 " has no function %s", head->step, head->function);
	return check_operation(head, o, why, room);
}

bool wire_answers_named(
	const struct wire *w, const struct http_head *head, const struct named_operation *o)
{
	const unsigned needed = HEAD_JOB | HEAD_STEP | HEAD_STRATEGY | HEAD_OPERATION;

	return (head->fields & needed) == needed && head->job == o->at.job &&
	       head->step == o->at.step && head->call == o->path && head->operation == o->change &&
	       !strcmp(head->strategy, w->deployment->strategy->name);
}

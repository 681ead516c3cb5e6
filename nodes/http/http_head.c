/* SPDX-License-Identifier: MIT */
#include "nodes/http/http_head.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "nodes/base/call_key.h"
#include "nodes/http/head_number.h"
#include "nodes/http/http_form.h"
#include "nodes/http/http_library.h"

/*
 * What the callbacks of one http_head_read share. A header is interpreted when the next one begins
 * or the head ends.
 */
struct reading {
	struct http_head *head;
	const char *begin, *name, *value;
	size_t name_length, value_length;
	int error;
};

/* Reads one "arg=123" or "s4=567" at *at. */
static bool item(const char **at, const char *end, struct head_item *out)
{
	const char *p = *at;
	uint64_t state = HEAD_ARG;

	if (end - p >= 4 && !memcmp(p, "arg=", 4)) {
		p += 4;
	} else {
		if (p == end || *p++ != 's' || !head_number(&p, end, HEAD_MAX_ITEMS, &state) ||
			p == end || *p++ != '=')
			return false;
	}
	if (!head_number(&p, end, UINT64_MAX, &out->value))
		return false;
	out->state = (uint32_t)state;
	*at = p;
	return true;
}

int head_list_read(struct head_list *list, const char *text, size_t length, bool with_arg)
{
	const char *p = text, *end = text + length;

	list->n = 0;
	while (p < end) {
		struct head_item one;
		/* HEAD_ARG + 1 is 0: arg comes before s0. */
		if (!item(&p, end, &one) || list->n == HEAD_MAX_ITEMS ||
			(one.state == HEAD_ARG && !with_arg) ||
			(list->n && one.state + 1 <= list->items[list->n - 1].state + 1))
			return -EBADMSG;
		if (!(list->n & (list->n - 1))) { /* room for the next power of two */
			size_t room = list->n ? 2 * (size_t)list->n : 1;
			struct head_item *items = reallocarray(list->items, room, sizeof(*items));
			if (!items)
				return -ENOMEM;
			list->items = items;
		}
		list->items[list->n++] = one;
		if (p == end)
			return 0;
		if (*p++ != ',')
			return -EBADMSG;
		while (p < end && *p == ' ')
			p++;
		if (p == end)
			return -EBADMSG;
	}
	return 0;
}

static int read_number(const char *value, size_t length, uint64_t max, uint64_t *out)
{
	const char *p = value, *end = value + length;

	return head_number(&p, end, max, out) && p == end ? 0 : -EBADMSG;
}

static bool hexadecimal(const char *text, uint64_t *out)
{
	*out = 0;
	for (int i = 0; i < 16; i++) {
		static const char digits[] = "0123456789abcdef";
		const char *digit = memchr(digits, text[i], sizeof(digits) - 1);
		if (!digit)
			return false;
		*out = *out << 4 | (uint64_t)(digit - digits);
	}
	return true;
}

static int read_digests(const char *value, size_t length, struct http_head *head)
{
	return length == 33 && value[16] == '-' && hexadecimal(value, &head->digest_head) &&
			       hexadecimal(value + 17, &head->digest_body)
		       ? 0
		       : -EBADMSG;
}

static int read_text(const char *value, size_t length, char *out, size_t room)
{
	if (length >= room)
		return -EBADMSG;
	memcpy(out, value, length);
	out[length] = '\0';
	return 0;
}

static int read_field(
	struct http_head *head, enum head_field field, const char *value, size_t length)
{
	uint64_t n = 0;
	int r;

	switch (field) {
	case HEAD_JOB:
		r = read_number(value, length, UINT32_MAX - 1, &n);
		head->job = (uint32_t)n;
		return r;
	case HEAD_STEP:
		r = read_number(value, length, UINT32_MAX - 1, &n);
		head->step = (uint32_t)n;
		return r;
	case HEAD_FROM:
		r = read_number(value, length, UINT32_MAX - 1, &n);
		head->from = (uint32_t)n;
		return r;
	case HEAD_ATTEMPT:
		r = read_number(value, length, UINT32_MAX - 1, &n);
		head->attempt = (uint32_t)n;
		return r || n ? r : -EBADMSG;
	case HEAD_AFTER:
		r = read_number(value, length, UINT32_MAX - 1, &n);
		head->after = (uint32_t)n;
		return r;
	case HEAD_CALL:
		head->call = call_path_parse(value, length);
		return head->call ? 0 : -EBADMSG;
	case HEAD_STREAM:
		head->stream = call_path_parse(value, length);
		return head->stream ? 0 : -EBADMSG;
	case HEAD_EFFECTS:
		return read_number(value, length, HEAD_MAX_BODY_BYTES, &head->effects);
	case HEAD_EPOCH:
		r = read_number(value, length, UINT32_MAX - 1, &n);
		head->epoch = (uint32_t)n;
		return r;
	case HEAD_OPERATION:
		r = read_number(value, length, UINT32_MAX - 1, &n);
		head->operation = (uint32_t)n;
		return r;
	case HEAD_INSTANCE:
		r = read_number(value, length, UINT32_MAX - 1, &n);
		head->instance = (uint32_t)n;
		return r;
	case HEAD_DIGEST:
		return read_digests(value, length, head);
	case HEAD_VERSION:
		return read_number(value, length, UINT64_MAX, &head->version);
	case HEAD_STATUS: /* without its sign */
		r = read_number(value, length, 4095, &n);
		head->error = -(int32_t)n;
		return r;
	case HEAD_STRATEGY:
		return read_text(value, length, head->strategy, sizeof(head->strategy));
	case HEAD_FUNCTION:
		return read_text(value, length, head->function, sizeof(head->function));
	case HEAD_REASON:
		return read_text(value, length, head->reason, sizeof(head->reason));
	case HEAD_PARTS:
		return head_list_read(&head->parts, value, length, true);
	case HEAD_HOLDERS:
		return head_list_read(&head->holders, value, length, false);
	case HEAD_VERSIONS:
		return head_list_read(&head->versions, value, length, false);
	case HEAD_CHANGES:
		return head_changes_read(&head->changes, value, length);
	}
	return 0;
}

static const struct {
	const char *name;
	enum head_field field;
} fields[] = {
	{"sfemu-job", HEAD_JOB},
	{"sfemu-step", HEAD_STEP},
	{"sfemu-from", HEAD_FROM},
	{"sfemu-attempt", HEAD_ATTEMPT},
	{"sfemu-after", HEAD_AFTER},
	{"sfemu-call", HEAD_CALL},
	{"sfemu-stream", HEAD_STREAM},
	{"sfemu-epoch", HEAD_EPOCH},
	{"sfemu-operation", HEAD_OPERATION},
	{"sfemu-instance", HEAD_INSTANCE},
	{"sfemu-effects", HEAD_EFFECTS},
	{"sfemu-digest", HEAD_DIGEST},
	{"sfemu-version", HEAD_VERSION},
	{"sfemu-status", HEAD_STATUS},
	{"sfemu-strategy", HEAD_STRATEGY},
	{"sfemu-function", HEAD_FUNCTION},
	{"sfemu-reason", HEAD_REASON},
	{"sfemu-parts", HEAD_PARTS},
	{"sfemu-holders", HEAD_HOLDERS},
	{"sfemu-versions", HEAD_VERSIONS},
	{"sfemu-changes", HEAD_CHANGES},
};

static bool is(const struct reading *r, const char *name)
{
	return r->name_length == strlen(name) && !strncasecmp(r->name, name, r->name_length);
}

static int on_target(void *arg, const char *at, size_t length)
{
	struct reading *r = arg;

	/* A longer path is none of sfemu's, and neither is its beginning. */
	if (length >= sizeof(r->head->path))
		length = sizeof(r->head->path) - 1;
	memcpy(r->head->path, at, length);
	r->head->path[length] = '\0';
	return 0;
}

/* Interprets the header that is complete now. */
static void end_header(struct reading *r)
{
	if (!r->value || r->error)
		return;
	if (is(r, "expect"))
		r->head->expects_continue =
			r->value_length == 12 && !strncasecmp(r->value, "100-continue", 12);
	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++) {
		if (!is(r, fields[i].name))
			continue;
		if (r->head->fields & fields[i].field)
			r->error = -EBADMSG; /* twice */
		else
			r->error = read_field(r->head, fields[i].field, r->value, r->value_length);
		r->head->fields |= fields[i].field;
		if (fields[i].field == HEAD_DIGEST)
			r->head->digest_at = (size_t)(r->name - r->begin);
		break;
	}
	r->value = NULL;
}

static int on_name(void *arg, const char *at, size_t length)
{
	struct reading *r = arg;

	end_header(r);
	r->name = at;
	r->name_length = length;
	return r->error ? 1 : 0;
}

static int on_value(void *arg, const char *at, size_t length)
{
	struct reading *r = arg;

	r->value = at;
	r->value_length = length;
	return 0;
}

static void begin(struct http_head *head, bool request)
{
	struct head_list parts = head->parts, holders = head->holders, versions = head->versions;
	struct head_changes changes = head->changes;

	parts.n = holders.n = versions.n = changes.n = 0; /* their memory is reused */
	*head = (struct http_head){.request = request,
		.attempt = 1,
		.parts = parts,
		.holders = holders,
		.versions = versions,
		.changes = changes};
}

int http_head_read(
	struct http_head *head, bool request, const void *data, size_t length, size_t *used)
{
	struct reading reading = {.head = head, .begin = data};
	struct http_parts parts = {
		.arg = &reading, .on_target = on_target, .on_name = on_name, .on_value = on_value};
	struct http_form form;

	begin(head, request);
	if (length > HEAD_MAX_BYTES)
		length = HEAD_MAX_BYTES;
	int r = http_form_check(request, data, length, &form);
	if (!r && length == HEAD_MAX_BYTES)
		return -EMSGSIZE;
	if (r <= 0)
		return r;
	r = http_library_read(
		request, (const char *)data + form.begin, form.end - form.begin, &parts);
	if (!r)
		end_header(&reading);
	if (r || reading.error)
		return reading.error ? reading.error : r;
	head->keep_alive = parts.keep_alive;
	head->chunked = form.chunked;
	head->body_bytes = form.body_bytes;
	head->method = form.method;
	head->status = parts.status;
	head->bytes = (uint32_t)form.end;
	*used = form.end;
	return 1;
}

void http_head_clear(struct http_head *head)
{
	free(head->parts.items);
	free(head->holders.items);
	free(head->versions.items);
	free(head->changes.items);
	*head = (struct http_head){0};
}

/* SPDX-License-Identifier: MIT */
#include "emu/analyze/messages.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nodes/http/http_form.h"

const char *sfe_message_kind_name(enum sfe_message_kind kind)
{
	static const char *const names[SFE_MESSAGE_KINDS] = {
		"call", "return", "fetch", "state", "dynamic", "other"};

	return names[kind];
}

static bool begins(const uint8_t *data, size_t n, const char *word)
{
	size_t length = strlen(word);

	return !memcmp(data, word, n < length ? n : length);
}

/* Whether a message may begin with these bytes. True for a part of its first word. */
static bool may_begin(const uint8_t *data, size_t n)
{
	return begins(data, n, "POST /") || begins(data, n, "GET /") ||
	       begins(data, n, "HTTP/1.") || begins(data, n, "HEAD /") ||
	       begins(data, n, "PUT /") || begins(data, n, "DELETE /");
}

static enum sfe_message_kind kind_of(const struct http_head *h)
{
	if (h->request && !strcmp(h->path, "/invoke"))
		return SFE_MESSAGE_CALL;
	if (h->request && !strcmp(h->path, "/return"))
		return SFE_MESSAGE_RETURN;
	if (h->request && !strncmp(h->path, "/push/", 6))
		return SFE_MESSAGE_STATE;
	if (h->request &&
		(!strncmp(h->path, "/state/", 7) || !strncmp(h->path, "/states/", 8) ||
			!strncmp(h->path, "/replica/", 9) || !strncmp(h->path, "/shared/", 8) ||
			!strncmp(h->path, "/copy/", 6)))
		return h->method == HTTP_METHOD_PUT ? SFE_MESSAGE_STATE : SFE_MESSAGE_FETCH;
	if (h->request ? !strcmp(h->path, "/call") || !strcmp(h->path, "/cast") ||
				 !strncmp(h->path, "/named/", 7)
		       : h->fields & HEAD_OPERATION ||
				 (h->status == 200 && (h->fields & HEAD_CALL)))
		return SFE_MESSAGE_DYNAMIC;
	/* An answer with several states has no argument among its parts. */
	if (!h->request && h->status == 200 && (h->fields & HEAD_PARTS))
		return h->parts.n && h->parts.items[0].state != HEAD_ARG ? SFE_MESSAGE_STATE
									 : SFE_MESSAGE_RETURN;
	/* 304: who has asked has this version of it. */
	if (!h->request && (h->status == 200 || h->status == 304) && (h->fields & HEAD_VERSION))
		return SFE_MESSAGE_STATE;
	return SFE_MESSAGE_OTHER;
}

/* The state of a path "/state/<job>/<state>" or "/replica/<job>/<state>". One that outlives jobs is
 * not among the job's. */
static uint32_t state_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!strncmp(path, "/shared/", 8) || !strncmp(path, "/copy/", 6))
		return SFE_STATE_UNKNOWN;
	return slash ? (uint32_t)strtoul(slash + 1, NULL, 10) : 0;
}

static bool room_for_parts(struct sfe_message_reader *r, uint32_t n)
{
	if (n <= r->parts_room)
		return true;
	void *more = reallocarray(r->message.parts, n, sizeof(*r->message.parts));
	if (!more)
		return false;
	r->message.parts = more;
	r->parts_room = n;
	return true;
}

/* A request for several states: a part of no bytes for each. */
static void fill_asked(struct sfe_message_reader *r)
{
	const struct head_list *asked = &r->parsed.versions;

	if (!room_for_parts(r, asked->n))
		return;
	for (uint32_t i = 0; i < asked->n; i++)
		r->message.parts[i] = (struct sfe_message_part){.state = asked->items[i].state};
	r->message.n_parts = asked->n;
}

static void fill_parts(struct sfe_message_reader *r)
{
	struct sfe_message *m = &r->message;
	const struct head_list *list = &r->parsed.parts;
	uint64_t sum = 0;

	m->n_parts = 0;
	if (m->kind == SFE_MESSAGE_FETCH && !strncmp(r->parsed.path, "/states/", 8)) {
		fill_asked(r);
		return;
	}
	if (m->kind == SFE_MESSAGE_FETCH || (m->kind == SFE_MESSAGE_STATE && !list->n)) {
		/* The answer does not name its state. Its request does, if this capture shows it.
		 */
		const struct sfe_message *asked = &r->back->message;
		uint32_t state = SFE_STATE_UNKNOWN;
		if (r->parsed.request)
			state = state_of(r->parsed.path);
		else if (asked->kind == SFE_MESSAGE_FETCH && asked->n_parts)
			state = asked->parts[0].state;
		if (room_for_parts(r, 1)) {
			m->parts[0] =
				(struct sfe_message_part){.state = state, .bytes = m->body_bytes};
			m->n_parts = 1;
		}
		return;
	}
	for (uint32_t i = 0; i < list->n; i++)
		if (__builtin_add_overflow(sum, list->items[i].value, &sum))
			return;
	/* Parts whose sum is not the body's length are ignored. */
	if (!list->n || sum != m->body_bytes || !room_for_parts(r, list->n))
		return;
	for (uint32_t i = 0; i < list->n; i++)
		m->parts[i] = (struct sfe_message_part){
			.state = list->items[i].state, .bytes = list->items[i].value};
	m->n_parts = list->n;
}

static void begin_body(struct sfe_message_reader *r, uint64_t time_ns);

static void finish(struct sfe_message_reader *r, uint64_t time_ns)
{
	r->message.end_ns = time_ns;
	r->mode = SFE_READ_START;
	if (r->sink.whole)
		r->sink.whole(r->sink.arg, &r->message);
}

/* Ends the parts that are complete, also those of no bytes. */
static void end_parts(struct sfe_message_reader *r, uint64_t time_ns)
{
	struct sfe_message *m = &r->message;

	while (r->part < m->n_parts && !r->part_left) {
		m->parts[r->part].end_ns = time_ns;
		if (!m->parts[r->part].bytes)
			m->parts[r->part].begin_ns = time_ns;
		if (++r->part < m->n_parts)
			r->part_left = m->parts[r->part].bytes;
	}
}

static void begin_body(struct sfe_message_reader *r, uint64_t time_ns)
{
	struct sfe_message *m = &r->message;

	r->mode = SFE_READ_BODY;
	r->left = m->body_bytes;
	r->part = 0;
	r->part_left = m->n_parts ? m->parts[0].bytes : 0;
	end_parts(r, time_ns);
	if (!r->left)
		finish(r, time_ns);
}

/* The head is complete and has `used` bytes. */
static void take_head(struct sfe_message_reader *r, size_t used, uint64_t time_ns)
{
	const struct http_head *h = &r->parsed;
	const struct sfe_message *request =
		!h->request && r->back && r->back->any ? &r->back->message : NULL;
	struct sfe_message *m = &r->message;
	const unsigned needed = HEAD_JOB | HEAD_STEP | HEAD_STRATEGY;

	m->kind = kind_of(h);
	m->ours = (h->fields & needed) == needed;
	m->error = h->error;
	m->head_bytes = used;
	m->body_bytes = h->body_bytes;
	m->head_ns = m->body_ns = time_ns;
	m->missing_bytes = 0;
	if (m->ours) {
		m->job = h->job;
		m->step = h->step;
		m->after = h->fields & HEAD_AFTER ? h->after : SFE_NO_EDGE;
		m->from = h->from;
		memcpy(m->strategy, h->strategy, sizeof(m->strategy));
		memcpy(m->function, h->function, sizeof(m->function));
	} else if (request && request->ours) {
		/* "202 Accepted" and similar answers have no job headers of their own. */
		m->ours = true;
		m->job = request->job;
		m->step = request->step;
		m->after = request->after;
		m->from = UINT32_MAX;
		memcpy(m->strategy, request->strategy, sizeof(m->strategy));
		m->function[0] = 0;
	}
	fill_parts(r);
	r->any = true;
	if (r->sink.head)
		r->sink.head(r->sink.arg, m);
	begin_body(r, time_ns);
}

static bool keep_head(struct sfe_message_reader *r, const uint8_t *data, size_t n)
{
	if (r->head_length + n > r->head_room) {
		size_t room = r->head_room ? r->head_room : 1024;
		while (room < r->head_length + n)
			room *= 2;
		void *more = realloc(r->head, room);
		if (!more)
			return false;
		r->head = more;
		r->head_room = room;
	}
	memcpy(r->head + r->head_length, data, n);
	r->head_length += n;
	return true;
}

static void lose_bytes(struct sfe_message_reader *r, uint64_t n)
{
	r->lost_bytes += n + r->head_length;
	r->head_length = 0;
	r->mode = SFE_READ_LOST;
}

/* Whether a head may end among the bytes after the first `before`. */
static bool may_end(const struct sfe_message_reader *r, size_t before)
{
	const uint8_t *at = r->head + (before > 3 ? before - 3 : 0),
		      *end = r->head + r->head_length;

	while ((at = memchr(at, '\n', (size_t)(end - at)))) {
		at++;
		if (at < end && (*at == '\n' || (*at == '\r' && at + 1 < end && at[1] == '\n')))
			return true;
	}
	return r->head_length >= HEAD_MAX_BYTES;
}

/* Reads bytes of a head. Returns how many of them were used, 0 if the rest cannot be used. */
static uint64_t take_head_bytes(
	struct sfe_message_reader *r, const uint8_t *data, uint64_t n, uint64_t time_ns)
{
	uint64_t take = n < HEAD_MAX_BYTES ? n : HEAD_MAX_BYTES;
	size_t before = r->head_length, used = 0;
	int got;

	if (!before) {
		r->message.begin = r->offset;
		r->message.begin_ns = time_ns;
	}
	r->mode = SFE_READ_HEAD;
	/* Most heads are in one segment: they are parsed without a copy. */
	if (!before && may_begin(data, take)) {
		got = http_head_read(&r->parsed, data[0] != 'H' || (take > 1 && data[1] == 'E'),
			data, take, &used);
		if (got == 1) {
			take_head(r, used, time_ns);
			return used;
		}
		if (got < 0) {
			lose_bytes(r, n);
			return 0;
		}
	}
	if (!keep_head(r, data, take) || !may_begin(r->head, r->head_length)) {
		lose_bytes(r, n - take);
		return 0;
	}
	/* The first piece was parsed above. The rest is parsed once, when the end is there. */
	if (!before || !may_end(r, before))
		return take;
	got = http_head_read(
		&r->parsed, r->head[0] != 'H' || r->head[1] == 'E', r->head, r->head_length, &used);
	if (got < 0) {
		lose_bytes(r, n - take);
		return 0;
	}
	if (got == 0)
		return take;
	r->head_length = 0;
	take_head(r, used, time_ns);
	return used - before;
}

static uint64_t take_body_bytes(
	struct sfe_message_reader *r, uint64_t n, bool missing, uint64_t time_ns)
{
	struct sfe_message *m = &r->message;
	uint64_t take = n < r->left ? n : r->left;

	if (r->left == m->body_bytes)
		m->body_ns = time_ns;
	if (missing)
		m->missing_bytes += take;
	r->left -= take;
	for (uint64_t rest = take; rest && r->part < m->n_parts;) {
		uint64_t here = rest < r->part_left ? rest : r->part_left;
		if (r->part_left == m->parts[r->part].bytes)
			m->parts[r->part].begin_ns = time_ns;
		r->part_left -= here;
		rest -= here;
		end_parts(r, time_ns);
	}
	if (!r->left)
		finish(r, time_ns);
	return take;
}

void sfe_messages_take(
	void *reader, const uint8_t *data, uint64_t n, bool missing, uint64_t time_ns)
{
	struct sfe_message_reader *r = reader;

	while (n) {
		uint64_t used = n;
		if (r->mode == SFE_READ_BODY) {
			used = take_body_bytes(r, n, missing, time_ns);
		} else if (!data) {
			/* A head with a hole cannot be read. */
			lose_bytes(r, n);
		} else if (r->mode == SFE_READ_LOST && !may_begin(data, n)) {
			/* A message begins at the start of a segment, where reading may resume. */
			r->lost_bytes += n;
		} else {
			used = take_head_bytes(r, data, n, time_ns);
			if (!used)
				used = n;
		}
		r->offset += used;
		if (data)
			data += used;
		n -= used;
	}
}

uint64_t sfe_messages_skips(void *reader)
{
	const struct sfe_message_reader *r = reader;

	return r->mode == SFE_READ_BODY ? r->left : 0;
}

void sfe_messages_free(struct sfe_message_reader *r)
{
	free(r->head);
	free(r->message.parts);
	http_head_clear(&r->parsed);
}

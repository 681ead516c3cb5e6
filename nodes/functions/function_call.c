/* SPDX-License-Identifier: MIT */
#include "nodes/functions/function_call.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nodes/base/wide_xxh3.h"

/* The first rule that a function breaks is the reason. */
#define BREAK(c, ...)                                                                              \
	((c)->reason[0] ? (void)0 : (void)snprintf((c)->reason, sizeof((c)->reason), __VA_ARGS__))

static struct function_call *of(struct sfe_call *call)
{
	return (struct function_call *)call;
}

static bool too_large(struct function_call *c, const char *what, uint64_t bytes)
{
	if (bytes <= FUNCTION_MAX_BYTES)
		return false;
	BREAK(c, "%s of %" PRIu64 " bytes, it may have 1 GiB", what, bytes);
	return true;
}

void *function_call_output(struct function_call *c, uint64_t bytes)
{
	slice_drop(&c->output);
	if (too_large(c, "an output", bytes))
		return NULL;
	if (!slice_new(c->buffers, bytes, &c->output))
		return c->output.data;
	BREAK(c, "out of memory for an output of %" PRIu64 " bytes", bytes);
	return NULL;
}

static void *output(struct sfe_call *call, uint64_t bytes)
{
	void *data = function_call_output(of(call), bytes);

	if (data)
		memset(data, 0, bytes);
	return data;
}

/* The state, if the function may change it. */
static struct function_state *changing(struct function_call *c, uint32_t i)
{
	if (i >= c->face.n_states) {
		BREAK(c, "it changes a state that it does not use");
		return NULL;
	}
	if (c->faces[i].access == SFE_STATE_READ_ONLY) {
		BREAK(c, "it changes the state %s, which it only reads", c->states[i].name);
		return NULL;
	}
	return &c->states[i];
}

/* The face follows from the slice. */
static void show(struct function_call *c, uint32_t i)
{
	c->faces[i].data = c->states[i].bytes->data;
	c->faces[i].bytes = c->states[i].bytes->size;
}

/* Bytes of the state; not NULL, also if it has none. */
static void *bytes_at(const struct function_state *s, uint64_t offset)
{
	static uint8_t none[1];

	return s->bytes->data ? s->bytes->data + offset : none;
}

static void *change(struct sfe_call *call, uint32_t i, uint64_t offset, uint64_t bytes)
{
	struct function_call *c = of(call);
	struct function_state *s = changing(c, i);

	if (!s)
		return NULL;
	if (offset > s->bytes->size || bytes > s->bytes->size - offset) {
		BREAK(c,
			"it changes %" PRIu64 " bytes at %" PRIu64
			" of the state %.64s, which has %" PRIu64,
			bytes, offset, s->name, s->bytes->size);
		return NULL;
	}
	changes_add(&s->changes, offset, bytes);
	changes_add(&s->asked, offset, bytes);
	return bytes_at(s, offset);
}

/* How many bytes the slice can have without a new buffer. Another slice may use the bytes behind
 * it, unless the buffer is its own. */
static uint64_t room_of(const struct slice *slice)
{
	const struct buffer *b = slice->buffer;

	if (!b || b->references > 1)
		return slice->size;
	return (1ull << b->class) - (uint64_t)(slice->data - b->bytes);
}

/* A slice of that size with the same bytes at its start. */
static int grow(struct function_call *c, struct slice *slice, uint64_t bytes)
{
	struct slice larger;

	if (bytes > room_of(slice)) {
		if (slice_new(c->buffers, bytes, &larger))
			return -ENOMEM;
		if (slice->size)
			memcpy(larger.data, slice->data, slice->size);
		slice_drop(slice);
		*slice = larger;
	}
	slice->size = bytes;
	return 0;
}

static int resize(struct sfe_call *call, uint32_t i, uint64_t bytes)
{
	struct function_call *c = of(call);
	struct function_state *s = changing(c, i);
	uint64_t before = s ? s->bytes->size : 0;

	if (!s || too_large(c, "a state", bytes))
		return -1;
	if (bytes > before && grow(c, s->bytes, bytes)) {
		BREAK(c, "out of memory for a state of %" PRIu64 " bytes", bytes);
		return -1;
	}
	if (bytes > before)
		memset(s->bytes->data + before, 0, bytes - before);
	if (bytes > before) {
		changes_add(&s->changes, before, bytes - before);
		changes_add(&s->asked, before, bytes - before);
	} else {
		changes_cut(&s->changes, bytes);
		changes_cut(&s->asked, bytes);
	}
	s->bytes->size = bytes;
	show(c, i);
	return 0;
}

static void *append(struct sfe_call *call, uint32_t i, uint64_t bytes)
{
	struct function_call *c = of(call);
	const struct function_state *s = changing(c, i);
	uint64_t before = s ? s->bytes->size : 0;

	if (!s || bytes > FUNCTION_MAX_BYTES || resize(call, i, before + bytes))
		return NULL;
	return bytes_at(s, before);
}

static void compute(struct sfe_call *call, uint64_t operations)
{
	struct function_call *c = of(call);

	if (__builtin_add_overflow(c->operations, operations, &c->operations))
		c->operations = UINT64_MAX;
}

uint64_t function_call_seed(uint64_t seed, uint32_t job, uint32_t step, uint64_t stream)
{
	const uint64_t words[] = {seed, job, step, stream};

	return XXH3_64bits(words, stream ? sizeof(words) : sizeof(words) - sizeof(stream));
}

static struct function_stream *find_stream(struct function_call *c, const char *name)
{
	for (uint32_t i = 0; i < c->n_streams; i++)
		if (!strcmp(c->streams[i].name, name))
			return &c->streams[i];
	if (!c->streams)
		c->streams = calloc(FUNCTION_MAX_STREAMS, sizeof(*c->streams));
	if (!c->streams || c->n_streams == FUNCTION_MAX_STREAMS ||
		strlen(name) >= FUNCTION_STREAM_NAME)
		return NULL;
	struct function_stream *s = &c->streams[c->n_streams++];
	snprintf(s->name, sizeof(s->name), "%s", name);
	s->stream = sfe_stream_named(
		function_call_seed(c->seed, c->face.job, c->face.step_number, c->stream), name);
	return s;
}

static uint64_t next_random(struct sfe_call *call, const char *name)
{
	struct function_stream *s = find_stream(of(call), name);

	if (s)
		return sfe_stream_u64(&s->stream);
	BREAK(of(call), "more than %u random streams, or one with a name of more than %u bytes",
		FUNCTION_MAX_STREAMS, FUNCTION_STREAM_NAME - 1);
	return 0;
}

static void refuse(struct sfe_call *call, const char *reason)
{
	BREAK(of(call), "%s", *reason ? reason : "it gives no reason");
}

/* ---- calls of other functions */

/* Whether it may make another call. */
static bool may_call(struct function_call *c, const char *function, uint64_t bytes)
{
	size_t length = strnlen(function, FUNCTION_NAME);

	for (size_t i = 0; i < length; i++)
		if (function[i] <= ' ' || function[i] > '~')
			length = 0;
	if (!length || length == FUNCTION_NAME)
		BREAK(c, "it calls a function by a text that is no name");
	else if (c->n_calls == FUNCTION_MAX_CALLS)
		BREAK(c, "it calls more than %u functions", FUNCTION_MAX_CALLS);
	else if (c->first_call + c->n_calls == CALL_PATH_MOST)
		BREAK(c, "it calls more than %u functions in all of its runs", CALL_PATH_MOST);
	else if (call_path_is_deepest(c->path))
		BREAK(c, "it calls %s, at a depth of more than %u calls", function,
			CALL_PATH_DEPTH);
	else if (bytes > FUNCTION_MAX_BYTES - c->call_bytes)
		BREAK(c, "arguments of its calls of more than 1 GiB");
	return !c->reason[0];
}

/* Waits until the request is served. 0, or -1: it has failed, and with it the invocation. */
static int ask(struct function_call *c, struct function_request *request, const void *argument,
	uint64_t bytes)
{
	slice_drop(&c->answer);
	if (!may_call(c, request->function, bytes))
		return -1;
	if (slice_new(c->buffers, bytes, &request->argument)) {
		BREAK(c, "out of memory for an argument of %" PRIu64 " bytes", bytes);
		return -1;
	}
	if (bytes)
		memcpy(request->argument.data, argument, bytes);
	request->path = call_path_of(c->path, c->first_call + ++c->n_calls);
	request->stream = call_path_of(c->stream, c->n_calls);
	c->call_bytes += bytes;
	c->serve(c, request);
	c->answer = slice_move(&request->output);
	if (request->reason[0])
		BREAK(c, "%s", request->reason);
	return request->reason[0] ? -1 : 0;
}

static int call_function(struct sfe_call *call, const char *function, const void *argument,
	uint64_t bytes, const void **out, uint64_t *out_bytes)
{
	static const uint8_t none[1];
	struct function_call *c = of(call);
	struct function_request request = {.kind = FUNCTION_CALLS, .function = function};
	int r = ask(c, &request, argument, bytes);

	*out = c->answer.data ? c->answer.data : none;
	*out_bytes = c->answer.size;
	return r;
}

static int cast(struct sfe_call *call, const char *function, const void *argument, uint64_t bytes,
	uint64_t delay_ns)
{
	struct function_request request = {
		.kind = FUNCTION_CASTS, .function = function, .delay_ns = delay_ns};

	if (delay_ns > CALL_MAX_DELAY_NS)
		BREAK(of(call), "it casts %.64s with a delay of more than an hour", function);
	return ask(of(call), &request, argument, bytes);
}

/* ---- states by name */

/* Waits until the home has answered. */
static int use_name(struct function_call *c, enum sfe_by_name access, const char *name,
	const void *data, uint64_t bytes)
{
	struct function_name *n = function_names_use(&c->names, name, c->reason);
	struct function_request request = {
		.kind = FUNCTION_USES_NAME, .state = name, .access = access};

	if (!n || too_large(c, "a state", bytes))
		return -1;
	if (access == SFE_BY_NAME_PUT && slice_new(c->buffers, bytes, &request.argument)) {
		BREAK(c, "out of memory for a state of %" PRIu64 " bytes", bytes);
		return -1;
	}
	if (bytes)
		memcpy(request.argument.data, data, bytes);
	if (access != SFE_BY_NAME_GET)
		request.change = n->changes + 1;
	request.unread = !n->known;
	request.epoch = n->epoch;
	request.version = n->version;
	c->serve(c, &request);
	if (access == SFE_BY_NAME_GET) {
		slice_drop(&c->answer);
		c->answer = slice_move(&request.output);
	}
	if (request.reason[0]) {
		BREAK(c, "%s", request.reason);
		return -1;
	}
	function_names_answered(n, request.change, request.code, request.epoch, request.version);
	return request.code;
}

static int get(struct sfe_call *call, const char *name, const void **data, uint64_t *bytes)
{
	static const uint8_t none[1];
	struct function_call *c = of(call);
	int r = use_name(c, SFE_BY_NAME_GET, name, NULL, 0);

	*data = !r && c->answer.data ? c->answer.data : none;
	*bytes = r ? 0 : c->answer.size;
	return r;
}

static int put(struct sfe_call *call, const char *name, const void *data, uint64_t bytes)
{
	return use_name(of(call), SFE_BY_NAME_PUT, name, data, bytes);
}

static int delete_state(struct sfe_call *call, const char *name)
{
	return use_name(of(call), SFE_BY_NAME_DELETE, name, NULL, 0);
}

static const struct sfe_call_operations operations = {output, change, append, resize, compute,
	next_random, refuse, call_function, cast, get, put, delete_state};

int function_call_open(struct function_call *c, uint32_t n_states)
{
	c->states = calloc((size_t)n_states + 1, sizeof(*c->states));
	c->faces = calloc((size_t)n_states + 1, sizeof(*c->faces));
	if (!c->states || !c->faces) {
		function_call_close(c);
		return -ENOMEM;
	}
	c->face.operations = &operations;
	c->face.n_states = n_states;
	c->face.states = c->faces;
	snprintf(c->step_name, sizeof(c->step_name), "%" PRIu32, c->face.step_number);
	c->face.step = c->step_name;
	return 0;
}

void function_call_state(struct function_call *c, uint32_t i, const char *name, struct slice *bytes,
	uint32_t index, uint64_t nominal_bytes, enum sfe_state_access access)
{
	struct function_state *s = &c->states[i];

	*s = (struct function_state){
		.bytes = bytes, .index = index, .nominal_bytes = nominal_bytes};
	if (name)
		snprintf(s->name, sizeof(s->name), "%s", name);
	else
		snprintf(s->name, sizeof(s->name), "s%" PRIu32, index);
	if (access == SFE_STATE_WRITTEN)
		slice_drop(bytes);
	c->faces[i].name = s->name;
	c->faces[i].access = access;
	show(c, i);
}

/* C code could write to what it only reads all the same. */
static void look_at_read_only(struct function_call *c, bool after)
{
	for (uint32_t i = 0; i < c->face.n_states; i++) {
		struct function_state *s = &c->states[i];
		if (c->faces[i].access != SFE_STATE_READ_ONLY)
			continue;
		uint64_t digest = XXH3_64bits(s->bytes->data, s->bytes->size);
		if (!after)
			s->digest = digest;
		else if (digest != s->digest)
			BREAK(c, "it changes the state %s, which it only reads", s->name);
	}
}

/* The same for bytes of what it updates that it did not ask for: they would not travel. 0 or
 * -ENOMEM. */
static int keep_updated(struct function_call *c)
{
	for (uint32_t i = 0; i < c->face.n_states; i++) {
		struct function_state *s = &c->states[i];
		if (c->faces[i].access != SFE_STATE_UPDATED || !s->bytes->size)
			continue;
		if (slice_new(c->buffers, s->bytes->size, &s->before))
			return -ENOMEM;
		memcpy(s->before.data, s->bytes->data, s->bytes->size);
	}
	return 0;
}

static void look_at_updated(struct function_call *c)
{
	for (uint32_t i = 0; i < c->face.n_states; i++) {
		struct function_state *s = &c->states[i];
		uint64_t other;
		if (s->before.buffer && !changes_are_all(&s->asked, &s->before, s->bytes, &other))
			BREAK(c,
				"it changes bytes of the state %.64s that it did not ask for, "
				"first at "
				"%" PRIu64 " of %" PRIu64,
				s->name, other, s->bytes->size);
		slice_drop(&s->before);
	}
}

/* A function of the user's. */
static int run_checked(struct function_call *c, const struct sfe_function_plugin *plugin)
{
	int r = keep_updated(c);

	look_at_read_only(c, false);
	if (r)
		BREAK(c, "out of memory to keep what its states were");
	else
		r = plugin->invoke(&c->face);
	look_at_read_only(c, true);
	look_at_updated(c);
	return r;
}

int function_call_run(struct function_call *c, const struct sfe_function_plugin *plugin)
{
	int r = c->trusted ? plugin->invoke(&c->face) : run_checked(c, plugin);

	if (r)
		BREAK(c, "it returned %d", r);
	return c->reason[0] ? r < 0 && c->trusted ? r : -EREMOTEIO : 0;
}

void function_call_close(struct function_call *c)
{
	free(c->states);
	free(c->faces);
	free(c->streams);
	slice_drop(&c->answer);
	function_names_clear(&c->names);
	c->states = NULL;
	c->faces = NULL;
	c->streams = NULL;
}

/* SPDX-License-Identifier: MIT */
#include "emu/results/trace_events.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "emu/results/results_file.h"
#include "emu/results/trace_slices.h"
#include "emu/security/beneath.h"
#include "emu/security/folder.h"

#define BEGIN "{\"displayTimeUnit\":\"ns\",\"traceEvents\":[\n"
#define END "\n]}\n"

static const char *const group_names[SFE_TRACE_GROUPS] = {
	"jobs", "invocations", "sending", "receiving", "not answered", "faults"};
#define THREADS_A_GROUP 100000u

struct trace {
	const struct sfe_experiment *e;
	const struct sfe_replay *r;
	struct sfe_trace_slices s;
	uint32_t strategy; /* index of the strategy in the run */
	FILE *out;
	bool comma;
};

static const char *node_name(const struct trace *t, uint32_t node)
{
	return t->e->topology->nodes[node].name;
}

static uint32_t process(const struct trace *t, uint32_t node)
{
	return 1 + t->strategy * t->e->topology->n_nodes + node;
}

static uint32_t thread(const struct sfe_trace_slice *s)
{
	return 1 + s->group * THREADS_A_GROUP + s->lane;
}

static struct json_object *event(
	const struct trace *t, const char *phase, const struct sfe_trace_slice *s, const char *name)
{
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "ph", json_object_new_string(phase));
	json_object_object_add(o, "pid", json_object_new_int64(process(t, s->node)));
	json_object_object_add(o, "tid", json_object_new_int64(thread(s)));
	json_object_object_add(o, "name", json_object_new_string(name));
	return o;
}

static void add_us(struct json_object *o, const char *key, uint64_t ns)
{
	char text[40];

	snprintf(text, sizeof(text), "%" PRIu64 ".%03" PRIu64, ns / 1000, ns % 1000);
	json_object_object_add(o, key, json_object_new_double_s((double)ns / 1e3, text));
}

static void write_event(struct trace *t, struct json_object *o)
{
	fprintf(t->out, "%s%s", t->comma ? ",\n" : "",
		json_object_to_json_string_ext(
			o, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	t->comma = true;
	json_object_put(o);
}

static void write_metadata(struct trace *t, const char *what, const struct sfe_trace_slice *s,
	const char *key, struct json_object *value)
{
	struct json_object *o = event(t, "M", s, what), *args = json_object_new_object();

	json_object_object_add(args, key, value);
	json_object_object_add(o, "args", args);
	write_event(t, o);
}

static int by_thread(const void *a, const void *b)
{
	const struct sfe_trace_slice *x = *(struct sfe_trace_slice *const *)a,
				     *y = *(struct sfe_trace_slice *const *)b;

	if (x->node != y->node)
		return x->node < y->node ? -1 : 1;
	return (thread(x) > thread(y)) - (thread(x) < thread(y));
}

/* Writes the names of the processes and threads in use. */
static void write_names(struct trace *t, struct sfe_trace_slice **order)
{
	char name[2 * SFE_MAX_NAME];

	if (t->s.n)
		qsort(order, t->s.n, sizeof(*order), by_thread);
	for (uint32_t i = 0; i < t->s.n; i++) {
		const struct sfe_trace_slice *s = order[i], *before = i ? order[i - 1] : NULL;
		if (!before || before->node != s->node) {
			snprintf(name, sizeof(name), "%s %s", t->r->strategy->name,
				node_name(t, s->node));
			write_metadata(t, "process_name", s, "name", json_object_new_string(name));
			write_metadata(t, "process_sort_index", s, "sort_index",
				json_object_new_int64(process(t, s->node)));
		}
		if (before && before->node == s->node && thread(before) == thread(s))
			continue;
		snprintf(name, sizeof(name), s->lane ? "%s %" PRIu32 : "%s", group_names[s->group],
			s->lane + 1);
		write_metadata(t, "thread_name", s, "name", json_object_new_string(name));
		write_metadata(
			t, "thread_sort_index", s, "sort_index", json_object_new_int64(thread(s)));
	}
}

/* By time; enclosing slices first. */
static int by_time(const void *a, const void *b)
{
	const struct sfe_trace_slice *x = *(struct sfe_trace_slice *const *)a,
				     *y = *(struct sfe_trace_slice *const *)b;

	if (x->begin_ns != y->begin_ns)
		return x->begin_ns < y->begin_ns ? -1 : 1;
	if (x->end_ns != y->end_ns)
		return x->end_ns > y->end_ns ? -1 : 1;
	return (x > y) - (x < y);
}

static void write_arrow_end(struct trace *t, uint32_t arrow, bool start)
{
	const struct sfe_trace_slice *s =
		&t->s.slice[start ? t->s.arrow[arrow].from : t->s.arrow[arrow].to];
	struct json_object *o = event(t, start ? "s" : "f", s, "message");
	char id[32];

	snprintf(id, sizeof(id), "%" PRIu32 ".%" PRIu32, t->strategy, arrow);
	json_object_object_add(o, "cat", json_object_new_string("message"));
	json_object_object_add(o, "id", json_object_new_string(id));
	if (!start)
		json_object_object_add(o, "bp", json_object_new_string("e"));
	add_us(o, "ts", s->begin_ns);
	write_event(t, o);
}

static void write_slice(struct trace *t, struct sfe_trace_slice *s)
{
	struct json_object *o = event(t, "X", s, s->name);

	json_object_object_add(o, "cat", json_object_new_string(group_names[s->group]));
	add_us(o, "ts", s->begin_ns);
	add_us(o, "dur", s->end_ns - s->begin_ns);
	if (s->args)
		json_object_object_add(o, "args", json_object_get(s->args));
	write_event(t, o);
}

/* The arrow that begins or ends at each slice, in `arrow_at`; SFE_NONE: none. */
static void write_events(struct trace *t, struct sfe_trace_slice **order, const uint32_t *arrow_at)
{
	if (t->s.n)
		qsort(order, t->s.n, sizeof(*order), by_time);
	for (uint32_t i = 0; i < t->s.n; i++) {
		uint32_t arrow = arrow_at[order[i] - t->s.slice];
		write_slice(t, order[i]);
		if (arrow != SFE_NONE)
			write_arrow_end(t, arrow, order[i]->group == SFE_TRACE_SENDING);
	}
}

/* Writes the schedule's changes as marks, in a process after those of all nodes. */
static void write_schedule(struct trace *t)
{
	const struct sfe_trace_slice all = {0};
	char name[2 * SFE_MAX_NAME + SFE_EVENT_TEXT];
	int64_t pid =
		1 + (int64_t)t->e->scenario->n_strategies * t->e->topology->n_nodes + t->strategy;

	for (uint32_t i = 0; i < t->r->n_events; i++) {
		const struct sfe_event *e = &t->r->events[i];
		struct json_object *o;
		if (!i) {
			snprintf(name, sizeof(name), "%s schedule", t->r->strategy->name);
			o = event(t, "M", &all, "process_name");
			json_object_object_add(o, "pid", json_object_new_int64(pid));
			struct json_object *args = json_object_new_object();
			json_object_object_add(args, "name", json_object_new_string(name));
			json_object_object_add(o, "args", args);
			write_event(t, o);
		}
		snprintf(name, sizeof(name), "%s%s%s",
			e->link != SFE_NONE   ? t->e->topology->links[e->link].name
			: e->node != SFE_NONE ? node_name(t, e->node)
					      : "",
			e->link != SFE_NONE || e->node != SFE_NONE ? ": " : "", e->what);
		o = event(t, "i", &all, name);
		json_object_object_add(o, "pid", json_object_new_int64(pid));
		json_object_object_add(o, "cat", json_object_new_string("schedule"));
		json_object_object_add(o, "s", json_object_new_string("p"));
		add_us(o, "ts", e->done_ns);
		write_event(t, o);
	}
}

static int write_all(struct trace *t)
{
	struct sfe_trace_slice **order = calloc((size_t)t->s.n + 1, sizeof(*order));
	uint32_t *arrow_at = malloc(((size_t)t->s.n + 1) * sizeof(*arrow_at));
	int r = order && arrow_at ? 0 : -ENOMEM;

	if (!r) {
		memset(arrow_at, 0xff, t->s.n * sizeof(*arrow_at));
		for (uint32_t a = 0; a < t->s.n_arrows; a++)
			arrow_at[t->s.arrow[a].from] = arrow_at[t->s.arrow[a].to] = a;
		for (uint32_t i = 0; i < t->s.n; i++)
			order[i] = &t->s.slice[i];
		write_names(t, order);
		write_events(t, order, arrow_at);
		write_schedule(t);
	}
	free(order);
	free(arrow_at);
	return r;
}

/* Appends to the existing file, overwriting its end. */
static int open_file(struct trace *t, int dir, bool first, struct sfe_error *err)
{
	t->out = sfe_results_open(dir, SFE_TRACE_FILE, first ? "w" : "r+", err);
	if (!t->out)
		return err ? err->code : -EIO;
	if (first)
		fputs(BEGIN, t->out);
	else if (fseek(t->out, -(long)strlen(END), SEEK_END))
		return sfe_fail(err, -errno, SFE_TRACE_FILE, NULL, "cannot go on with it: %s",
			strerror(errno));
	t->comma = !first;
	return 0;
}

int sfe_trace_write(int dir, const struct sfe_experiment *e, const struct sfe_replay *r,
	const struct sfe_explanation *x, bool first, struct sfe_error *err)
{
	struct trace t = {.e = e, .r = r};
	int rc = sfe_trace_slices_make(&t.s, e, r, x);

	while (t.strategy < e->scenario->n_strategies &&
		e->scenario->strategies[t.strategy] != r->strategy)
		t.strategy++;
	if (rc) {
		sfe_fail(err, rc, NULL, NULL, "out of memory for " SFE_TRACE_FILE);
	} else {
		rc = open_file(&t, dir, first, err);
		if (!rc && (rc = write_all(&t)))
			sfe_fail(err, rc, NULL, NULL, "out of memory for " SFE_TRACE_FILE);
		if (t.out) {
			fputs(END, t.out);
			int closed = sfe_results_close(t.out, SFE_TRACE_FILE, err);
			rc = rc ? rc : closed;
		}
	}
	sfe_trace_slices_free(&t.s);
	return rc;
}

/* ---- putting files together */

#define COPY_BYTES (256u << 10)

/* The bytes between BEGIN and END; -1: the file is not complete. */
static long body_of(FILE *in)
{
	const long begin = (long)strlen(BEGIN), end = (long)strlen(END);
	char head[sizeof(BEGIN)] = "", tail[sizeof(END)] = "";

	if (fread(head, 1, strlen(BEGIN), in) != strlen(BEGIN) || strcmp(head, BEGIN) != 0 ||
		fseek(in, -end, SEEK_END))
		return -1;
	long at = ftell(in);
	if (at < begin || fread(tail, 1, strlen(END), in) != strlen(END) ||
		strcmp(tail, END) != 0 || fseek(in, begin, SEEK_SET))
		return -1;
	return at - begin;
}

/* Copies the events, behind those that are there. */
static int append_body(int dir, FILE *in, long left, struct sfe_error *err)
{
	struct trace t = {0};
	char *buffer = malloc(COPY_BYTES);
	size_t n = 1;
	int r = buffer ? open_file(&t, dir, !sfe_beneath_exists(dir, SFE_TRACE_FILE), err)
		       : sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");

	if (!r && t.comma && ftell(t.out) > (long)strlen(BEGIN) && left)
		fputs(",\n", t.out);
	for (; !r && left > 0 && n; left -= (long)n) {
		n = fread(buffer, 1, left < COPY_BYTES ? (size_t)left : COPY_BYTES, in);
		fwrite(buffer, 1, n, t.out);
	}
	if (!r && left)
		r = sfe_fail(err, -EIO, SFE_TRACE_FILE, NULL, "cannot be read");
	if (t.out) {
		fputs(END, t.out);
		int closed = sfe_results_close(t.out, SFE_TRACE_FILE, r ? NULL : err);
		r = r ? r : closed;
	}
	free(buffer);
	return r;
}

int sfe_trace_append(int dir, int part, bool whole, struct sfe_error *err)
{
	struct sfe_error why = {0};
	FILE *in = sfe_folder_open(part, SFE_TRACE_FILE, UINT64_MAX, &why);
	long body = in ? body_of(in) : -1;
	int r = 0;

	if (body >= 0)
		r = append_body(dir, in, body, err);
	else if (whole)
		r = in ? sfe_fail(err, -EPROTO, SFE_TRACE_FILE, NULL, "is not complete")
		       : sfe_fail(err, why.code, SFE_TRACE_FILE, NULL, "%s", why.what);
	if (in)
		fclose(in);
	return r;
}

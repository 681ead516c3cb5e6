/* SPDX-License-Identifier: MIT */
#include "emu/results/trace_events.h"

#include <errno.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "emu/results/results_file.h"
#include "emu/results/table_columns.h"

#define BEGIN "{\"displayTimeUnit\":\"ns\",\"traceEvents\":[\n"
#define END "\n]}\n"

/* Groups of threads of a process; each group has as many threads as its slices overlap. */
enum group { JOBS, INVOCATIONS, SENDING, RECEIVING, UNANSWERED, FAULTS, N_GROUPS };
static const char *const group_names[] = {
	"jobs", "invocations", "sending", "receiving", "not answered", "faults"};
#define THREADS_A_GROUP 100000u

struct slice {
	uint32_t node;
	enum group group;
	uint32_t lane;
	uint32_t parent; /* the slice that contains this one; SFE_NONE: it gets its own lane */
	uint64_t begin_ns, end_ns; /* from the start of the replay */
	char name[96];
	struct json_object *args; /* owned; may be NULL */
};

struct arrow {
	uint32_t from, to; /* slices */
};

struct trace {
	const struct sfe_experiment *e;
	const struct sfe_replay *r;
	const struct sfe_explanation *x;
	uint32_t strategy; /* index of the strategy in the run */
	struct slice *slices;
	struct arrow *arrows;
	uint32_t n_slices, n_arrows;
	FILE *out;
	bool comma;
};

/* ---- slices and arrows */

static uint64_t since(const struct trace *t, uint64_t ns)
{
	return ns > t->r->start_ns ? ns - t->r->start_ns : 0;
}

static struct slice *add(struct trace *t, uint32_t node, enum group group, uint64_t begin_ns,
	uint64_t end_ns, uint32_t parent)
{
	struct slice *s = &t->slices[t->n_slices++];

	*s = (struct slice){.node = node, .group = group, .parent = parent};
	s->begin_ns = since(t, begin_ns);
	s->end_ns = since(t, end_ns);
	if (s->end_ns < s->begin_ns)
		s->end_ns = s->begin_ns;
	return s;
}

static void add_arg(struct slice *s, const char *key, struct json_object *value)
{
	if (!s->args)
		s->args = json_object_new_object();
	json_object_object_add(s->args, key, value);
}

static void add_number_arg(struct slice *s, const char *key, uint64_t value)
{
	add_arg(s, key, json_object_new_int64((int64_t)value));
}

static void add_us_arg(struct slice *s, const char *key, double seconds)
{
	char text[40];

	snprintf(text, sizeof(text), "%.3f", 1e6 * seconds);
	add_arg(s, key, json_object_new_double_s(1e6 * seconds, text));
}

static const char *node_name(const struct trace *t, uint32_t node)
{
	return t->e->topology->nodes[node].name;
}

static void add_jobs(struct trace *t)
{
	for (uint32_t j = 0; j < t->r->n_jobs; j++) {
		const struct sfe_job_result *job = &t->r->jobs[j];
		if (!job->ended)
			continue;
		struct slice *s =
			add(t, t->e->jobs[j].client, JOBS, job->start_ns, job->end_ns, SFE_NONE);
		snprintf(s->name, sizeof(s->name), "job %" PRIu32, t->e->jobs[j].job->number);
		add_number_arg(s, "steps", t->e->jobs[j].job->n_steps);
		add_number_arg(s, "state_bytes", t->e->jobs[j].job->states_total_bytes);
		if (job->status) {
			add_arg(s, "failed", json_object_new_string(job->reason));
			continue;
		}
		add_us_arg(s, "processing_us", (double)job->processing_ns / 1e9);
		add_us_arg(s, "predicted_network_us", t->x->jobs[j].predicted_net_delay_s);
		add_us_arg(s, "unexplained_us", t->x->jobs[j].parts.unexplained_s);
	}
}

static void add_invocations(struct trace *t)
{
	for (uint32_t i = 0; i < t->r->n_invocations; i++) {
		const struct sfe_ctl_invocation *v = &t->r->invocations[i];
		const struct sfe_job *job = t->e->jobs[v->job].job;
		const struct sfe_step *step = &job->steps[v->step < job->n_steps ? v->step : 0];
		uint32_t parent = t->n_slices;
		struct slice *s =
			add(t, v->header.node, INVOCATIONS, v->request_ns, v->finish_ns, SFE_NONE);
		snprintf(s->name, sizeof(s->name), "%s, job %" PRIu32 " step %" PRIu32,
			t->e->workload->function_names[step->function], job->number, v->step);
		add_number_arg(s, "operations", v->ops);
		add_number_arg(s, "used_state_bytes", v->state_bytes);
		s = add(t, v->header.node, INVOCATIONS, v->request_ns, v->ready_ns, parent);
		snprintf(s->name, sizeof(s->name), "waiting for argument and states");
		s = add(t, v->header.node, INVOCATIONS, v->ready_ns, v->finish_ns, parent);
		snprintf(s->name, sizeof(s->name), "computing");
	}
}

static void describe(const struct trace *t, struct slice *s, uint32_t i)
{
	const struct sfe_ctl_transfer *m = &t->r->transfers[i];
	const struct sfe_parts *p = &t->x->transfers[i].parts;

	add_number_arg(s, "payload_bytes", m->payload_bytes);
	add_us_arg(s, "predicted_us", t->x->transfers[i].predicted_s);
	add_us_arg(s, "propagation_us", p->propagation_s);
	add_us_arg(s, "pipelining_us", p->pipelining_s);
	add_us_arg(s, "queueing_us", p->queueing_s);
	add_us_arg(s, "tcp_start_us", p->tcp_start_s);
	add_us_arg(s, "headers_us", p->headers_s);
	add_us_arg(s, "unexplained_us", p->unexplained_s);
}

static void add_transfers(struct trace *t)
{
	for (uint32_t i = 0; i < t->r->n_transfers; i++) {
		const struct sfe_ctl_transfer *m = &t->r->transfers[i];
		uint32_t number = t->e->jobs[m->job].job->number, from = t->n_slices;
		struct slice *s =
			add(t, m->from, SENDING, t->x->transfers[i].start_ns, m->done_ns, SFE_NONE);
		snprintf(s->name, sizeof(s->name), "%s to %s, job %" PRIu32 " step %" PRIu32,
			sfe_transfer_kind_names[m->kind], node_name(t, m->header.node), number,
			m->step);
		describe(t, s, i);
		uint32_t to = t->n_slices;
		s = add(t, m->header.node, RECEIVING, m->head_ns, m->done_ns, SFE_NONE);
		snprintf(s->name, sizeof(s->name), "%s from %s, job %" PRIu32 " step %" PRIu32,
			sfe_transfer_kind_names[m->kind], node_name(t, m->from), number, m->step);
		t->arrows[t->n_arrows++] = (struct arrow){from, to};
	}
}

static void add_attempts(struct trace *t)
{
	for (uint32_t i = 0; i < t->r->n_attempts; i++) {
		const struct sfe_ctl_attempt *a = &t->r->attempts[i];
		struct slice *s =
			add(t, a->header.node, UNANSWERED, a->begin_ns, a->end_ns, SFE_NONE);
		snprintf(s->name, sizeof(s->name), "%s of %s, job %" PRIu32 " step %" PRIu32,
			sfe_transfer_kind_names[a->kind], node_name(t, a->to),
			t->e->jobs[a->job].job->number, a->step);
		add_number_arg(s, "number", a->number);
		add_arg(s, "error", json_object_new_string(sfe_ctl_reason(a->code)));
		add_arg(s, "last", json_object_new_boolean(a->last));
	}
}

/* The end of the last job. */
static uint64_t end_of_jobs(const struct trace *t)
{
	uint64_t end = t->r->start_ns;

	for (uint32_t j = 0; j < t->r->n_jobs; j++)
		if (t->r->jobs[j].ended && t->r->jobs[j].end_ns > end)
			end = t->r->jobs[j].end_ns;
	return end;
}

/* A crashed node is down until its restart, or until the end. */
static void add_crashes(struct trace *t)
{
	for (uint32_t i = 0; i < t->r->n_events; i++) {
		const struct sfe_event *crash = &t->r->events[i], *e = crash + 1;
		if (crash->act != SFE_SCHEDULE_CRASH || crash->already)
			continue;
		while (e < t->r->events + t->r->n_events &&
			(e->act != SFE_SCHEDULE_RESTART || e->already || e->node != crash->node))
			e++;
		uint64_t end = e < t->r->events + t->r->n_events ? t->r->start_ns + e->done_ns
								 : end_of_jobs(t);
		struct slice *s =
			add(t, crash->node, FAULTS, t->r->start_ns + crash->done_ns, end, SFE_NONE);
		snprintf(s->name, sizeof(s->name), "down");
		add_arg(s, "schedule", json_object_new_string(crash->what));
	}
}

/* ---- lanes: overlapping slices go to different threads */

static int by_row(const void *a, const void *b)
{
	const struct slice *x = *(struct slice *const *)a, *y = *(struct slice *const *)b;

	if (x->node != y->node)
		return x->node < y->node ? -1 : 1;
	if (x->group != y->group)
		return x->group < y->group ? -1 : 1;
	if (x->begin_ns != y->begin_ns)
		return x->begin_ns < y->begin_ns ? -1 : 1;
	return (x > y) - (x < y);
}

static int assign_lanes(struct trace *t)
{
	struct slice **order = calloc((size_t)t->n_slices + 1, sizeof(*order));
	uint64_t *free_at = calloc((size_t)t->n_slices + 1, sizeof(*free_at)); /* per lane */
	uint32_t n = 0, lanes = 0;

	for (uint32_t i = 0; order && i < t->n_slices; i++)
		if (t->slices[i].parent == SFE_NONE)
			order[n++] = &t->slices[i];
	if (order && free_at && n)
		qsort(order, n, sizeof(*order), by_row);
	for (uint32_t i = 0; order && free_at && i < n; i++) {
		struct slice *s = order[i];
		if (!i || order[i - 1]->node != s->node || order[i - 1]->group != s->group)
			lanes = 0;
		while (s->lane < lanes && free_at[s->lane] > s->begin_ns)
			s->lane++;
		lanes += s->lane == lanes;
		free_at[s->lane] = s->end_ns;
	}
	for (uint32_t i = 0; i < t->n_slices; i++)
		if (t->slices[i].parent != SFE_NONE)
			t->slices[i].lane = t->slices[t->slices[i].parent].lane;
	int r = order && free_at ? 0 : -ENOMEM;
	free(order);
	free(free_at);
	return r;
}

/* ---- writing */

static uint32_t process(const struct trace *t, uint32_t node)
{
	return 1 + t->strategy * t->e->topology->n_nodes + node;
}

static uint32_t thread(const struct slice *s)
{
	return 1 + s->group * THREADS_A_GROUP + s->lane;
}

static struct json_object *event(
	const struct trace *t, const char *phase, const struct slice *s, const char *name)
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

static void write_metadata(struct trace *t, const char *what, const struct slice *s,
	const char *key, struct json_object *value)
{
	struct json_object *o = event(t, "M", s, what), *args = json_object_new_object();

	json_object_object_add(args, key, value);
	json_object_object_add(o, "args", args);
	write_event(t, o);
}

static int by_thread(const void *a, const void *b)
{
	const struct slice *x = *(struct slice *const *)a, *y = *(struct slice *const *)b;

	if (x->node != y->node)
		return x->node < y->node ? -1 : 1;
	return (thread(x) > thread(y)) - (thread(x) < thread(y));
}

/* Writes the names of the processes and threads in use. */
static void write_names(struct trace *t, struct slice **order)
{
	char name[2 * SFE_MAX_NAME];

	if (t->n_slices)
		qsort(order, t->n_slices, sizeof(*order), by_thread);
	for (uint32_t i = 0; i < t->n_slices; i++) {
		const struct slice *s = order[i], *before = i ? order[i - 1] : NULL;
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
	const struct slice *x = *(struct slice *const *)a, *y = *(struct slice *const *)b;

	if (x->begin_ns != y->begin_ns)
		return x->begin_ns < y->begin_ns ? -1 : 1;
	if (x->end_ns != y->end_ns)
		return x->end_ns > y->end_ns ? -1 : 1;
	return (x > y) - (x < y);
}

static void write_arrow_end(struct trace *t, uint32_t arrow, bool start)
{
	const struct slice *s = &t->slices[start ? t->arrows[arrow].from : t->arrows[arrow].to];
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

static void write_slice(struct trace *t, struct slice *s)
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
static void write_events(struct trace *t, struct slice **order, const uint32_t *arrow_at)
{
	if (t->n_slices)
		qsort(order, t->n_slices, sizeof(*order), by_time);
	for (uint32_t i = 0; i < t->n_slices; i++) {
		uint32_t arrow = arrow_at[order[i] - t->slices];
		write_slice(t, order[i]);
		if (arrow != SFE_NONE)
			write_arrow_end(t, arrow, order[i]->group == SENDING);
	}
}

/* Writes the schedule's changes as marks, in a process after those of all nodes. */
static void write_schedule(struct trace *t)
{
	const struct slice all = {0};
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
	struct slice **order = calloc((size_t)t->n_slices + 1, sizeof(*order));
	uint32_t *arrow_at = malloc(((size_t)t->n_slices + 1) * sizeof(*arrow_at));
	int r = order && arrow_at ? assign_lanes(t) : -ENOMEM;

	if (!r) {
		memset(arrow_at, 0xff, t->n_slices * sizeof(*arrow_at));
		for (uint32_t a = 0; a < t->n_arrows; a++)
			arrow_at[t->arrows[a].from] = arrow_at[t->arrows[a].to] = a;
		for (uint32_t i = 0; i < t->n_slices; i++)
			order[i] = &t->slices[i];
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

static void end_process(struct trace *t)
{
	for (uint32_t i = 0; i < t->n_slices; i++)
		json_object_put(t->slices[i].args);
	free(t->slices);
	free(t->arrows);
}

int sfe_trace_write(int dir, const struct sfe_experiment *e, const struct sfe_replay *r,
	const struct sfe_explanation *x, bool first, struct sfe_error *err)
{
	struct trace t = {.e = e, .r = r, .x = x};
	size_t slices = (size_t)r->n_jobs + 3 * (size_t)r->n_invocations +
			2 * (size_t)r->n_transfers + r->n_attempts + r->n_events;
	int rc = -ENOMEM;

	while (t.strategy < e->scenario->n_strategies &&
		e->scenario->strategies[t.strategy] != r->strategy)
		t.strategy++;
	t.slices = calloc(slices + 1, sizeof(*t.slices));
	t.arrows = calloc((size_t)r->n_transfers + 1, sizeof(*t.arrows));
	if (t.slices && t.arrows) {
		add_jobs(&t);
		add_invocations(&t);
		add_transfers(&t);
		add_attempts(&t);
		add_crashes(&t);
		rc = open_file(&t, dir, first, err);
		if (!rc && (rc = write_all(&t)))
			sfe_fail(err, rc, NULL, NULL, "out of memory for " SFE_TRACE_FILE);
		if (t.out) {
			fputs(END, t.out);
			int closed = sfe_results_close(t.out, SFE_TRACE_FILE, err);
			rc = rc ? rc : closed;
		}
	} else {
		sfe_fail(err, rc, NULL, NULL, "out of memory for " SFE_TRACE_FILE);
	}
	end_process(&t);
	return rc;
}

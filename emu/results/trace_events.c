/* SPDX-License-Identifier: MIT */
#include "emu/results/trace_events.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "emu/model/base/printable.h"
#include "emu/results/results_file.h"
#include "emu/results/table_columns.h"
#include "emu/results/trace_slices.h"
#include "emu/security/beneath.h"
#include "emu/security/folder.h"
#include "sfemu/workflow.h"

#define BEGIN "{\"displayTimeUnit\":\"ns\",\"traceEvents\":[\n"
#define END "\n]}\n"

static const char *const group_names[SFE_TRACE_GROUPS] = {
	"jobs", "invocations", "sending", "receiving", "not answered", "faults"};
#define THREADS_A_GROUP 100000u
#define SLICE_NAME 96
/* After so many slices the file is closed and opened again: a guest's memory has what was written
 * to a file of the host until then. */
#define SLICES_AT_ONCE 4096u

struct trace {
	const struct sfe_experiment *e;
	const struct sfe_replay *r;
	const struct sfe_explanation *x;
	struct sfe_trace_slices s;
	uint32_t strategy; /* index of the strategy in the run */
	int dir;
	FILE *out;
	bool comma; /* an event was written */
	bool args;  /* the event has arguments already */
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

/* ---- one event: an object of JSON */

static void begin_event(
	struct trace *t, const char *phase, int64_t pid, uint32_t tid, const char *name)
{
	fprintf(t->out, "%s{\"ph\":\"%s\",\"pid\":%" PRId64 ",\"tid\":%" PRIu32 ",\"name\":",
		t->comma ? ",\n" : "", phase, pid, tid);
	sfe_print_json_text(name, t->out);
	t->comma = true;
}

static void begin_slice_event(
	struct trace *t, const char *phase, const struct sfe_trace_slice *s, const char *name)
{
	begin_event(t, phase, process(t, s->node), thread(s), name);
}

static void end_event(struct trace *t)
{
	fputc('}', t->out);
}

static void add_text(struct trace *t, const char *key, const char *value)
{
	fprintf(t->out, ",\"%s\":", key);
	sfe_print_json_text(value, t->out);
}

static void add_us(struct trace *t, const char *key, uint64_t ns)
{
	fprintf(t->out, ",\"%s\":%" PRIu64 ".%03" PRIu64, key, ns / 1000, ns % 1000);
}

/* ---- arguments of a slice */

/* Begins an argument; ends with its value. */
static void arg(struct trace *t, const char *key)
{
	fprintf(t->out, "%s\"%s\":", t->args ? "," : ",\"args\":{", key);
	t->args = true;
}

static void arg_number(struct trace *t, const char *key, uint64_t value)
{
	arg(t, key);
	fprintf(t->out, "%" PRId64, (int64_t)value);
}

static void arg_us(struct trace *t, const char *key, double seconds)
{
	arg(t, key);
	fprintf(t->out, "%.3f", 1e6 * seconds);
}

static void arg_text(struct trace *t, const char *key, const char *value)
{
	arg(t, key);
	sfe_print_json_text(value, t->out);
}

static void end_args(struct trace *t)
{
	if (t->args)
		fputc('}', t->out);
	t->args = false;
}

static void job_args(struct trace *t, uint32_t j)
{
	const struct sfe_job_result *job = &t->r->jobs[j];
	const struct sfe_job *spec = t->e->jobs[j].job;

	arg_number(t, "steps", spec->n_steps);
	arg_number(t, "state_bytes", spec->states_total_bytes);
	if (job->status) {
		arg_text(t, "failed", job->reason);
		return;
	}
	arg_us(t, "processing_us", (double)job->processing_ns / 1e9);
	arg_us(t, "predicted_network_us", t->x->jobs[j].predicted_net_delay_s);
	arg_us(t, "unexplained_us", t->x->jobs[j].parts.unexplained_s);
}

static void invocation_args(struct trace *t, uint32_t i)
{
	const struct sfe_ctl_invocation *v = &t->r->invocations[i];
	const char *step = sfe_step_name(t->e->workload, t->e->jobs[v->job].job, v->step);

	if (step)
		arg_text(t, "step", step);
	arg_number(t, "operations", v->ops);
	arg_number(t, "used_state_bytes", v->state_bytes);
}

static void callee_args(struct trace *t, uint32_t i)
{
	const struct sfe_ctl_call_run *v = &t->r->call_runs[i];

	arg_number(t, "operations", v->ops);
	arg_us(t, "waited_for_callees_us", (double)v->waited_ns / 1e9);
}

static void transfer_args(struct trace *t, uint32_t i)
{
	const struct sfe_explained_transfer *x = &t->x->transfers[i];
	const struct sfe_parts *p = &x->parts;

	arg_number(t, "payload_bytes", t->r->transfers[i].payload_bytes);
	arg_us(t, "predicted_us", x->predicted_s);
	arg_us(t, "propagation_us", p->propagation_s);
	arg_us(t, "pipelining_us", p->pipelining_s);
	arg_us(t, "queueing_us", p->queueing_s);
	arg_us(t, "tcp_start_us", p->tcp_start_s);
	arg_us(t, "headers_us", p->headers_s);
	arg_us(t, "retries_us", p->retries_s);
	arg_us(t, "link_changes_us", p->link_changes_s);
	arg_us(t, "retransmissions_us", p->retransmissions_s);
	arg_us(t, "window_us", p->window_s);
	arg_us(t, "queue_waits_us", p->queue_waits_s);
	arg_us(t, "unexplained_us", p->unexplained_s);
}

static void attempt_args(struct trace *t, uint32_t i)
{
	const struct sfe_ctl_attempt *a = &t->r->attempts[i];

	arg_number(t, "number", a->number);
	arg_text(t, "error", sfe_ctl_reason(a->code));
	arg(t, "last");
	fputs(a->last ? "true" : "false", t->out);
}

static void slice_args(struct trace *t, const struct sfe_trace_slice *s)
{
	if (s->part == SFE_TRACE_CALLEE)
		callee_args(t, s->of);
	else if (s->part == SFE_TRACE_VAIN)
		arg_number(t, "operations", t->r->shared[s->of].ops);
	else if (s->part != SFE_TRACE_WHOLE)
		return;
	else if (s->group == SFE_TRACE_JOBS)
		job_args(t, s->of);
	else if (s->group == SFE_TRACE_INVOCATIONS)
		invocation_args(t, s->of);
	else if (s->group == SFE_TRACE_SENDING)
		transfer_args(t, s->of);
	else if (s->group == SFE_TRACE_UNANSWERED)
		attempt_args(t, s->of);
	else if (s->group == SFE_TRACE_FAULTS)
		arg_text(t, "schedule", t->r->events[s->of].what);
	end_args(t);
}

/* ---- names of slices */

static void name_callee(const struct trace *t, uint32_t i, char *name)
{
	const struct sfe_ctl_call_run *v = &t->r->call_runs[i];
	char path[CALL_PATH_TEXT];

	snprintf(name, SLICE_NAME, "%.40s, job %" PRIu32 " step %" PRIu32 " call %s",
		t->e->workload->function_names[v->key.function], t->e->jobs[v->key.job].job->number,
		v->key.step, call_path_text(v->key.path, path));
}

static void name_step(const struct trace *t, uint32_t i, char *name)
{
	const struct sfe_ctl_invocation *v = &t->r->invocations[i];
	const struct sfe_job *job = t->e->jobs[v->job].job;
	const struct sfe_step *step = &job->steps[v->step < job->n_steps ? v->step : 0];

	snprintf(name, SLICE_NAME, "%s, job %" PRIu32 " step %" PRIu32,
		t->e->workload->function_names[step->function], job->number, v->step);
}

static void name_invocation(const struct trace *t, const struct sfe_trace_slice *s, char *name)
{
	switch ((enum sfe_trace_part)s->part) {
	case SFE_TRACE_WHOLE:
		name_step(t, s->of, name);
		break;
	case SFE_TRACE_WAITING:
		snprintf(name, SLICE_NAME, "waiting for argument and states");
		break;
	case SFE_TRACE_VAIN:
		snprintf(name, SLICE_NAME, "computing in vain");
		break;
	case SFE_TRACE_CALLEE:
		name_callee(t, s->of, name);
		break;
	case SFE_TRACE_CALLEE_WAITING:
		snprintf(name, SLICE_NAME, "waiting for its argument");
		break;
	case SFE_TRACE_COMPUTING:
	case SFE_TRACE_CALLEE_COMPUTING:
		snprintf(name, SLICE_NAME, "computing");
		break;
	}
}

/* A message or a request, as one of its ends sees it. */
static void name_message(const struct trace *t, uint32_t kind, const char *how, uint32_t other,
	uint32_t job, uint32_t step, char *name)
{
	snprintf(name, SLICE_NAME, "%s %s %s, job %" PRIu32 " step %" PRIu32,
		sfe_transfer_kind_names[kind], how, node_name(t, other),
		t->e->jobs[job].job->number, step);
}

static void name_transfer(const struct trace *t, const struct sfe_trace_slice *s, char *name)
{
	const struct sfe_ctl_transfer *m = &t->r->transfers[s->of];
	bool sending = s->group == SFE_TRACE_SENDING;

	name_message(t, m->kind, sending ? "to" : "from", sending ? m->header.node : m->from,
		m->job, m->step, name);
}

static void name_attempt(const struct trace *t, const struct sfe_trace_slice *s, char *name)
{
	const struct sfe_ctl_attempt *a = &t->r->attempts[s->of];

	name_message(t, a->kind, "of", a->to, a->job, a->step, name);
}

static void name_slice(const struct trace *t, const struct sfe_trace_slice *s, char *name)
{
	switch ((enum sfe_trace_group)s->group) {
	case SFE_TRACE_JOBS:
		snprintf(name, SLICE_NAME, "job %" PRIu32, t->e->jobs[s->of].job->number);
		break;
	case SFE_TRACE_INVOCATIONS:
		name_invocation(t, s, name);
		break;
	case SFE_TRACE_SENDING:
	case SFE_TRACE_RECEIVING:
		name_transfer(t, s, name);
		break;
	case SFE_TRACE_UNANSWERED:
		name_attempt(t, s, name);
		break;
	case SFE_TRACE_FAULTS:
	case SFE_TRACE_GROUPS:
		snprintf(name, SLICE_NAME, "down");
		break;
	}
}

/* ---- processes and threads in use */

static int by_thread(const void *a, const void *b, void *slices)
{
	const struct sfe_trace_slice *all = slices;
	const struct sfe_trace_slice *x = &all[*(const uint32_t *)a],
				     *y = &all[*(const uint32_t *)b];

	if (x->node != y->node)
		return x->node < y->node ? -1 : 1;
	return (thread(x) > thread(y)) - (thread(x) < thread(y));
}

static void name_it(
	struct trace *t, const char *what, const struct sfe_trace_slice *s, const char *name)
{
	begin_slice_event(t, "M", s, what);
	arg_text(t, "name", name);
	end_args(t);
	end_event(t);
}

static void order_it(
	struct trace *t, const char *what, const struct sfe_trace_slice *s, uint32_t place)
{
	begin_slice_event(t, "M", s, what);
	arg_number(t, "sort_index", place);
	end_args(t);
	end_event(t);
}

static void write_names(struct trace *t, uint32_t *order)
{
	char name[2 * SFE_MAX_NAME];

	if (t->s.n)
		qsort_r(order, t->s.n, sizeof(*order), by_thread, t->s.slice);
	for (uint32_t i = 0; i < t->s.n; i++) {
		const struct sfe_trace_slice *s = &t->s.slice[order[i]],
					     *before = i ? &t->s.slice[order[i - 1]] : NULL;
		if (!before || before->node != s->node) {
			snprintf(name, sizeof(name), "%s %s", t->r->strategy->name,
				node_name(t, s->node));
			name_it(t, "process_name", s, name);
			order_it(t, "process_sort_index", s, process(t, s->node));
		}
		if (before && before->node == s->node && thread(before) == thread(s))
			continue;
		snprintf(name, sizeof(name), s->lane ? "%s %" PRIu32 : "%s", group_names[s->group],
			s->lane + 1);
		name_it(t, "thread_name", s, name);
		order_it(t, "thread_sort_index", s, thread(s));
	}
}

/* ---- slices, and the arrows between those of a message */

/* By time; enclosing slices first. */
static int by_time(const void *a, const void *b, void *slices)
{
	const struct sfe_trace_slice *all = slices;
	const struct sfe_trace_slice *x = &all[*(const uint32_t *)a],
				     *y = &all[*(const uint32_t *)b];

	if (x->begin_ns != y->begin_ns)
		return x->begin_ns < y->begin_ns ? -1 : 1;
	if (x->end_ns != y->end_ns)
		return x->end_ns > y->end_ns ? -1 : 1;
	return (x > y) - (x < y);
}

static void write_arrow_end(struct trace *t, const struct sfe_trace_slice *s)
{
	bool start = s->group == SFE_TRACE_SENDING;
	char id[32];

	begin_slice_event(t, start ? "s" : "f", s, "message");
	add_text(t, "cat", "message");
	snprintf(id, sizeof(id), "%" PRIu32 ".%" PRIu32, t->strategy, s->of);
	add_text(t, "id", id);
	if (!start)
		add_text(t, "bp", "e");
	add_us(t, "ts", s->begin_ns);
	end_event(t);
}

static void write_slice(struct trace *t, const struct sfe_trace_slice *s)
{
	char name[SLICE_NAME];

	name_slice(t, s, name);
	begin_slice_event(t, "X", s, name);
	add_text(t, "cat", group_names[s->group]);
	add_us(t, "ts", s->begin_ns);
	add_us(t, "dur", s->end_ns - s->begin_ns);
	slice_args(t, s);
	end_event(t);
}

static int open_again(struct trace *t, struct sfe_error *err)
{
	int r = sfe_results_close(t->out, SFE_TRACE_FILE, err);

	t->out = r ? NULL : sfe_results_open(t->dir, SFE_TRACE_FILE, "a", err);
	return r ? r : t->out ? 0 : err ? err->code : -EIO;
}

static int write_events(struct trace *t, uint32_t *order, struct sfe_error *err)
{
	int r = 0;

	if (t->s.n)
		qsort_r(order, t->s.n, sizeof(*order), by_time, t->s.slice);
	for (uint32_t i = 0; i < t->s.n && !r; i++) {
		const struct sfe_trace_slice *s = &t->s.slice[order[i]];
		write_slice(t, s);
		if (s->group == SFE_TRACE_SENDING || s->group == SFE_TRACE_RECEIVING)
			write_arrow_end(t, s);
		if ((i + 1) % SLICES_AT_ONCE == 0)
			r = open_again(t, err);
	}
	return r;
}

/* Writes the schedule's changes as marks, in a process after those of all nodes. */
static void write_schedule(struct trace *t)
{
	char name[2 * SFE_MAX_NAME + SFE_EVENT_TEXT];
	int64_t pid =
		1 + (int64_t)t->e->scenario->n_strategies * t->e->topology->n_nodes + t->strategy;

	for (uint32_t i = 0; i < t->r->n_events; i++) {
		const struct sfe_event *e = &t->r->events[i];
		if (!i) {
			snprintf(name, sizeof(name), "%s schedule", t->r->strategy->name);
			begin_event(t, "M", pid, 1, "process_name");
			arg_text(t, "name", name);
			end_args(t);
			end_event(t);
		}
		snprintf(name, sizeof(name), "%s%s%s",
			e->link != SFE_NONE   ? t->e->topology->links[e->link].name
			: e->node != SFE_NONE ? node_name(t, e->node)
					      : "",
			e->link != SFE_NONE || e->node != SFE_NONE ? ": " : "", e->what);
		begin_event(t, "i", pid, 1, name);
		add_text(t, "cat", "schedule");
		add_text(t, "s", "p");
		add_us(t, "ts", e->done_ns);
		end_event(t);
	}
}

static int write_all(struct trace *t, struct sfe_error *err)
{
	uint32_t *order = calloc((size_t)t->s.n + 1, sizeof(*order));

	if (!order)
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory for " SFE_TRACE_FILE);
	for (uint32_t i = 0; i < t->s.n; i++)
		order[i] = i;
	write_names(t, order);
	int r = write_events(t, order, err);
	if (!r)
		write_schedule(t);
	free(order);
	return r;
}

/* Appends to the existing file, overwriting its end. */
static int open_file(struct trace *t, bool first, struct sfe_error *err)
{
	t->out = sfe_results_open(t->dir, SFE_TRACE_FILE, first ? "w" : "r+", err);
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
	struct trace t = {.e = e, .r = r, .x = x, .dir = dir};
	int rc = sfe_trace_slices_make(&t.s, e, r, x);

	while (t.strategy < e->scenario->n_strategies &&
		e->scenario->strategies[t.strategy] != r->strategy)
		t.strategy++;
	if (rc) {
		sfe_fail(err, rc, NULL, NULL, "out of memory for " SFE_TRACE_FILE);
	} else {
		rc = open_file(&t, first, err);
		rc = rc ? rc : write_all(&t, err);
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
	struct trace t = {.dir = dir};
	char *buffer = malloc(COPY_BYTES);
	size_t n = 1;
	int r = buffer ? open_file(&t, !sfe_beneath_exists(dir, SFE_TRACE_FILE), err)
		       : sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");

	if (!r && t.comma && ftell(t.out) > (long)strlen(BEGIN) && left)
		fputs(",\n", t.out);
	for (; !r && left > 0 && n && !ferror(t.out); left -= (long)n) {
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
	FILE *in = sfe_folder_open_single(part, SFE_TRACE_FILE, UINT64_MAX, &why);
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

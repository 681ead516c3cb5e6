/* SPDX-License-Identifier: MIT */
#include "emu/results/job/job_print.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "emu/model/base/printable.h"

#define ACCESS(field, cell, unit, meaning)                                                         \
	SFE_COLUMN(struct sfe_access_row, field, SFE_CELL_##cell, unit, meaning)
static const struct sfe_column access_columns[] = {
	ACCESS(step_name, TEXT, "", ""),
	ACCESS(step, COUNT, "", ""),
	ACCESS(state, TEXT, "", ""),
	ACCESS(access, TEXT, "", ""),
	ACCESS(version_read, WHOLE, "", ""),
	ACCESS(version_left, WHOLE, "", ""),
	ACCESS(declared_bytes, BIG, "bytes", ""),
};
static const struct sfe_table access_table = {.file = "",
	.columns = access_columns,
	.n_columns = sizeof(access_columns) / sizeof(access_columns[0]),
	.row_size = sizeof(struct sfe_access_row)};

/* A table with other columns: some of it, or one more. */
struct view {
	struct sfe_table table;
	struct sfe_column columns[SFE_TABLE_MAX_COLUMNS]; /* more than any table of a run has */
};

static void view_begin(struct view *v, size_t row_size)
{
	v->table = (struct sfe_table){.file = "", .columns = v->columns, .row_size = row_size};
}

static void view_add(struct view *v, const struct sfe_column *column)
{
	v->columns[v->table.n_columns++] = *column;
}

/* The columns of these names, in this order; ended by NULL. */
static void view_pick(struct view *v, const struct sfe_table *t, const char *const *names)
{
	for (; *names; names++)
		for (unsigned i = 0; i < t->n_columns; i++)
			if (!strcmp(t->columns[i].name, *names))
				view_add(v, &t->columns[i]);
}

static void view_all(struct view *v, const struct sfe_table *t, bool optional)
{
	for (unsigned i = 0; i < t->n_columns - (optional ? 0 : t->n_optional); i++)
		view_add(v, &t->columns[i]);
}

static const struct sfe_column waited_for =
	SFE_COLUMN(struct sfe_job_transfer, waited_for, SFE_CELL_TEXT, "", "");
static const struct sfe_column bytes_are =
	SFE_COLUMN(struct sfe_job_kept, bytes_are, SFE_CELL_TEXT, "", "");

#define MOST_ROW_BYTES 2048u

/* The rows of one strategy: every row begins with its name. */
struct part {
	const char *rows;
	size_t size;
	const char *strategy;    /* NULL: all rows */
	const struct view *view; /* whose times are shown from since_s on; NULL: as they are */
	double since_s;
	char shown[MOST_ROW_BYTES]; /* the row with these times */
};

/* Whether the column is a time of the replay, and not a duration. */
static bool is_time(const struct sfe_column *c)
{
	static const char *const names[] = {"request_s", "ready_s", "finish_s", "start_s", "done_s",
		"begin_s", "end_s", "time_s", "vain_ready_s", "vain_finish_s"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(c->name, names[i]))
			return true;
	return false;
}

/* A job late in a long replay would have the same digits in all times. */
static const void *from_its_start(struct part *p, const char *row)
{
	memcpy(p->shown, row, p->size);
	for (unsigned i = 0; i < p->view->table.n_columns; i++) {
		const struct sfe_column *c = &p->view->columns[i];
		double at_s;
		if (!is_time(c))
			continue;
		memcpy(&at_s, row + c->offset, sizeof(at_s));
		at_s -= p->since_s;
		memcpy(p->shown + c->offset, &at_s, sizeof(at_s));
	}
	return p->shown;
}

static const void *row_of(void *arg, size_t i)
{
	struct part *p = arg;
	const char *row = p->rows + i * p->size;

	if (p->strategy && strcmp(row, p->strategy) != 0)
		return NULL;
	return p->view ? from_its_start(p, row) : row;
}

_Static_assert(
	!offsetof(struct sfe_job_row, strategy) && !offsetof(struct sfe_invocation_row, strategy) &&
		!offsetof(struct sfe_start_row, strategy) &&
		!offsetof(struct sfe_transfer_row, strategy) &&
		!offsetof(struct sfe_attempt_row, strategy) &&
		!offsetof(struct sfe_state_row, strategy) &&
		!offsetof(struct sfe_shared_row, strategy) &&
		!offsetof(struct sfe_choice_row, strategy) &&
		!offsetof(struct sfe_regret_row, strategy) &&
		!offsetof(struct sfe_job_transfer, row) && !offsetof(struct sfe_job_kept, row),
	"a row begins with its strategy");
_Static_assert(sizeof(struct sfe_job_transfer) <= MOST_ROW_BYTES &&
		       sizeof(struct sfe_job_kept) <= MOST_ROW_BYTES &&
		       sizeof(struct sfe_invocation_row) <= MOST_ROW_BYTES &&
		       sizeof(struct sfe_attempt_row) <= MOST_ROW_BYTES &&
		       sizeof(struct sfe_start_row) <= MOST_ROW_BYTES &&
		       sizeof(struct sfe_shared_row) <= MOST_ROW_BYTES &&
		       sizeof(struct sfe_access_row) <= MOST_ROW_BYTES,
	"MOST_ROW_BYTES");

static bool any_row(struct part *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (row_of(p, i))
			return true;
	return false;
}

/* ---- for people */

struct printing {
	const struct sfe_job_record *j;
	double since_s; /* the job's start under the strategy */
	unsigned width, left_out;
	FILE *out;
};

static void print_rows(struct printing *x, const char *title, const struct view *v,
	const void *rows, size_t n, const char *strategy)
{
	struct part p = {.rows = rows,
		.size = v->table.row_size,
		.strategy = strategy,
		.view = v,
		.since_s = x->since_s};

	if (!any_row(&p, n))
		return;
	fprintf(x->out, "\n%s\n", title);
	x->left_out += sfe_table_write_text_of(&v->table, row_of, &p, n, x->width, x->out);
}

static void print_outcome(struct printing *x, const struct sfe_job_row *o)
{
	char response[32], processing[32], net[32];

	sfe_seconds_text(o->response_s, response, sizeof(response));
	sfe_seconds_text(o->processing_s, processing, sizeof(processing));
	sfe_seconds_text(o->net_delay_s, net, sizeof(net));
	x->since_s = isfinite(o->start_s) ? o->start_s : o->arrival_s;
	fputc('\n', x->out);
	sfe_print_text(o->strategy, x->out);
	fputs(": ", x->out);
	sfe_print_text(o->status, x->out);
	if (isfinite(o->response_s))
		fprintf(x->out, " after %s (processing %s, network %s)", response, processing, net);
	if (*o->reason) {
		fputs(": ", x->out);
		sfe_print_text(o->reason, x->out);
	}
	fprintf(x->out, "\ntime 0: %.6f s of the replay; attempts: %" PRIu64, x->since_s,
		o->attempts);
	if (o->states_lost)
		fprintf(x->out, "; states lost in crashes: %" PRIu64, o->states_lost);
	fputc('\n', x->out);
}

/* Which strategy the job followed, if this one chooses, and what another choice would have saved.
 */
static void print_choice(const struct printing *x, const char *strategy)
{
	const struct sfe_job_record *j = x->j;
	const struct sfe_choice_row *followed = NULL;
	const char *before = "; predicted: ";
	char text[32];

	for (unsigned i = 0; i < j->n_choices && !followed; i++)
		if (j->choices[i].followed && !strcmp(j->choices[i].strategy, strategy))
			followed = &j->choices[i];
	if (!followed)
		return;
	fputs("follows ", x->out);
	sfe_print_text(followed->candidate, x->out);
	if (*followed->along)
		fprintf(x->out, ", along %s", followed->along);
	for (unsigned i = 0; i < j->n_choices; i++) {
		const struct sfe_choice_row *c = &j->choices[i];
		if (strcmp(c->strategy, strategy) != 0 || !isfinite(c->predicted_s))
			continue;
		fputs(before, x->out);
		sfe_print_text(c->candidate, x->out);
		fprintf(x->out, " %s", sfe_seconds_text(c->predicted_s, text, sizeof(text)));
		before = ", ";
	}
	fputc('\n', x->out);
	for (unsigned i = 0; i < j->n_regrets; i++) {
		const struct sfe_regret_row *r = &j->regrets[i];
		if (strcmp(r->strategy, strategy) != 0 || !isfinite(r->regret_s))
			continue;
		fprintf(x->out, "regret: %s, to ",
			sfe_seconds_text(r->regret_s, text, sizeof(text)));
		sfe_print_text(r->least_under, x->out);
		fprintf(x->out, " with %s\n", sfe_seconds_text(r->least_s, text, sizeof(text)));
		return;
	}
}

static void print_steps(struct printing *x, const char *strategy)
{
	static const char *const numbered[] = {"step", "function", "node", "request_s", "ready_s",
		"finish_s", "processing_s", "argument_bytes", "output_bytes", "used_state_bytes",
		"operations", "attempt", NULL};
	static const char *const named[] = {"step_name", "function", "node", "request_s", "ready_s",
		"finish_s", "processing_s", "argument_bytes", "output_bytes", "used_state_bytes",
		"operations", "attempt", "step", NULL};
	static const char *const starts[] = {
		"step", "function", "node", "attempt", "queued_s", "cold_start_s", NULL};
	const struct sfe_job_record *j = x->j;
	struct view v;

	view_begin(&v, sizeof(*j->invocations));
	view_pick(&v, &sfe_invocations_csv, j->named ? named : numbered);
	print_rows(x, "Steps: called (request), all is there (ready), ended (finish)", &v,
		j->invocations, j->n_invocations, strategy);
	view_begin(&v, sizeof(*j->starts));
	view_pick(&v, &sfe_starts_csv, starts);
	print_rows(x, "Waiting for the node", &v, j->starts, j->n_starts, strategy);
}

static void print_messages(struct printing *x, const char *strategy)
{
	static const char *const numbered[] = {"step", "kind", "from", "to", NULL};
	static const char *const named[] = {"step_name", "kind", "from", "to", NULL};
	static const char *const numbers[] = {"payload_bytes", "start_s", "done_s", "hops", NULL};
	static const char *const failed[] = {
		"step", "kind", "from", "to", "error", "number", "last", "begin_s", "end_s", NULL};
	static const char *const failed_named[] = {"step_name", "kind", "from", "to", "error",
		"number", "last", "begin_s", "end_s", NULL};
	const struct sfe_job_record *j = x->j;
	struct view v;

	view_begin(&v, sizeof(*j->transfers));
	view_pick(&v, &sfe_transfers_csv, j->named ? named : numbered);
	view_add(&v, &waited_for);
	view_pick(&v, &sfe_transfers_csv, numbers);
	print_rows(x, "Transfers", &v, j->transfers, j->n_transfers, strategy);
	view_begin(&v, sizeof(*j->attempts));
	view_pick(&v, &sfe_attempts_csv, j->named ? failed_named : failed);
	print_rows(x, "Requests without an answer", &v, j->attempts, j->n_attempts, strategy);
}

static void print_shared(struct printing *x, const char *strategy)
{
	static const char *const names[] = {"step_name", "state", "outcome", "version_read",
		"version_made", "unseen", "time_s", "vain_processing_s", "vain_ready_s",
		"vain_finish_s", "vain_operations", "vain_bytes", "state_bytes", "home", "instance",
		"scope", "access", "epoch", "kept", "attempt", "digest", NULL};
	const struct sfe_job_record *j = x->j;
	struct view v;

	view_begin(&v, sizeof(*j->shared));
	view_pick(&v, &sfe_shared_csv, names);
	print_rows(x, "States that outlive jobs: what their homes answered", &v, j->shared,
		j->n_shared, strategy);
}

static void print_vain(const struct printing *x, const struct sfe_job_row *o)
{
	const struct sfe_shared_row *s = x->j->shared;
	unsigned conflicts = 0;
	char text[32];

	for (unsigned i = 0; i < x->j->n_shared; i++)
		conflicts +=
			!strcmp(s[i].strategy, o->strategy) && !strcmp(s[i].outcome, "conflict");
	if (!conflicts)
		return;
	fprintf(x->out, "conflicts: %u", conflicts);
	if (o->vain_s > 0)
		fprintf(x->out, "; runs in vain took %s of the network's time",
			sfe_seconds_text(o->vain_s, text, sizeof(text)));
	fputc('\n', x->out);
}

static void print_kept(struct printing *x, const char *strategy)
{
	static const char *const names[] = {
		"what", "state", "version", "size_bytes", "digest", NULL};
	static const char *const places[] = {"file", "node", "condition", NULL};
	const struct sfe_job_record *j = x->j;
	struct view v;

	view_begin(&v, sizeof(*j->kept));
	view_pick(&v, &sfe_states_csv, names);
	view_add(&v, &bytes_are);
	view_pick(&v, &sfe_states_csv, places);
	print_rows(x, "Kept states, and what their files are", &v, j->kept, j->n_kept, strategy);
}

static void print_accesses(struct printing *x)
{
	static const char *const numbered[] = {
		"step", "state", "access", "version_read", "version_left", "declared_bytes", NULL};
	static const char *const named[] = {"step_name", "state", "access", "version_read",
		"version_left", "declared_bytes", NULL};
	const struct sfe_job_record *j = x->j;
	struct view v;

	view_begin(&v, sizeof(*j->accesses));
	view_pick(&v, &access_table, j->named ? named : numbered);
	print_rows(x, "States that the steps use", &v, j->accesses, j->n_accesses, NULL);
}

unsigned sfe_job_print(const struct sfe_job_record *j, unsigned width, FILE *out)
{
	struct printing x = {.j = j, .width = width, .out = out};
	const struct sfe_job_row *first = &j->outcomes[0];

	fprintf(out, "job %" PRIu32, j->number);
	if (j->named) {
		fputs(" of the workflow ", out);
		sfe_print_text(first->workflow, out);
	}
	fprintf(out, ": %" PRIu32 " steps, client ", first->steps);
	sfe_print_text(first->client, out);
	fputc('\n', out);
	print_accesses(&x);
	for (unsigned i = 0; i < j->n_outcomes; i++) {
		const char *strategy = j->outcomes[i].strategy;
		print_outcome(&x, &j->outcomes[i]);
		print_choice(&x, strategy);
		print_vain(&x, &j->outcomes[i]);
		print_steps(&x, strategy);
		print_shared(&x, strategy);
		print_messages(&x, strategy);
		print_kept(&x, strategy);
	}
	return x.left_out;
}

/* ---- for programs */

struct json { /* of one strategy */
	const struct sfe_job_record *j;
	const char *strategy;
	FILE *out;
};

/* With all columns of the file that the run has, and one more; NULL: none. */
static void json_rows(const struct json *x, const char *key, const struct sfe_table *t,
	const struct sfe_column *more, const void *rows, size_t n, size_t size)
{
	struct part p = {.rows = rows, .size = size, .strategy = x->strategy};
	struct view v;

	view_begin(&v, size);
	view_all(&v, t, x->j->named);
	if (more)
		view_add(&v, more);
	fprintf(x->out, ", \"%s\": ", key);
	sfe_table_write_json_of(&v.table, row_of, &p, n, x->out);
}

/* The columns of jobs.csv that the run has. */
static void choose_outcome(const struct sfe_job_record *j, struct sfe_table_copy *out)
{
	const struct sfe_table *t = &sfe_jobs_csv;
	const unsigned plain = t->n_columns - t->n_optional,
		       shared = plain + 1 + SFE_JOBS_DYNAMIC_COLUMNS,
		       nodes = shared + SFE_JOBS_SHARED_COLUMNS;

	sfe_table_copy_begin(out, t, j->named ? shared : plain);
	if (j->n_shared)
		sfe_table_copy_add(out, t, shared, SFE_JOBS_SHARED_COLUMNS);
	if (j->n_starts)
		sfe_table_copy_add(out, t, nodes, SFE_JOBS_NODES_COLUMNS);
}

static void json_strategy(const struct sfe_job_record *j, const struct sfe_job_row *o, FILE *out)
{
	const struct json x = {j, o->strategy, out};
	const struct sfe_table states = sfe_table_plain(&sfe_states_csv);
	struct sfe_table_copy outcome;

	choose_outcome(j, &outcome);
	fputs("{\"outcome\": ", out);
	sfe_table_write_json_row(&outcome.table, o, out);
	json_rows(&x, "steps", &sfe_invocations_csv, NULL, j->invocations, j->n_invocations,
		sizeof(*j->invocations));
	json_rows(&x, "starts", &sfe_starts_csv, NULL, j->starts, j->n_starts, sizeof(*j->starts));
	json_rows(&x, "transfers", &sfe_transfers_csv, &waited_for, j->transfers, j->n_transfers,
		sizeof(*j->transfers));
	json_rows(&x, "attempts", &sfe_attempts_csv, NULL, j->attempts, j->n_attempts,
		sizeof(*j->attempts));
	json_rows(&x, "shared_states", &sfe_shared_csv, NULL, j->shared, j->n_shared,
		sizeof(*j->shared));
	json_rows(&x, "choices", &sfe_choices_csv, NULL, j->choices, j->n_choices,
		sizeof(*j->choices));
	json_rows(
		&x, "regret", &sfe_regret_csv, NULL, j->regrets, j->n_regrets, sizeof(*j->regrets));
	json_rows(&x, "states", &states, &bytes_are, j->kept, j->n_kept, sizeof(*j->kept));
	fputc('}', out);
}

void sfe_job_print_json(const struct sfe_job_record *j, FILE *out)
{
	fprintf(out, "{\"job\": %" PRIu32 ", \"accesses\": ", j->number);
	sfe_table_write_json_of(&access_table, sfe_table_row_of,
		&(struct sfe_table_rows){&access_table, j->accesses}, j->n_accesses, out);
	fputs(", \"strategies\": [", out);
	for (unsigned i = 0; i < j->n_outcomes; i++) {
		fputs(i ? ", " : "", out);
		json_strategy(j, &j->outcomes[i], out);
	}
	fputs("], \"notes\": [", out);
	for (unsigned i = 0; i < j->n_notes; i++) {
		fputs(i ? ", " : "", out);
		sfe_json_text(j->notes[i], out);
	}
	fputs("]}\n", out);
}

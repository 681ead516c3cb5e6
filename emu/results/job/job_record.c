/* SPDX-License-Identifier: MIT */
#include "emu/results/job/job_record.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "emu/model/base/printable.h"
#include "emu/model/base/text.h"
#include "emu/results/kept_states.h"
#include "emu/results/read_limits.h"
#include "emu/results/results_read.h"

#define MOST_BYTES (64u << 20) /* of rows of one table */
#define MOST_RANGES 12u        /* of numbers, in an error */

struct wanted {
	uint32_t number;
	const char *strategy; /* NULL: all */
	/* Of jobs.csv: every number, and the strategies of the job. */
	uint32_t *numbers, n_numbers, room;
	bool no_memory;
};

void sfe_job_record_note(struct sfe_job_record *j, const char *file, const char *text)
{
	if (j->n_notes == SFE_JOB_NOTES)
		return;
	snprintf(j->notes[j->n_notes], sizeof(j->notes[0]), "%s: %s", file, text);
	sfe_one_line(j->notes[j->n_notes++]);
}

/* Rows begin with strategy and job in each of the tables; their offsets differ. */
static bool is_of(const struct wanted *w, const char *strategy, uint32_t job)
{
	return job == w->number && (!w->strategy || !strcmp(strategy, w->strategy));
}

static bool want_outcome(void *arg, const void *row)
{
	struct wanted *w = arg;
	const struct sfe_job_row *r = row;

	/* Each strategy has the numbers in the same order. */
	if (!w->n_numbers || w->numbers[w->n_numbers - 1] != r->job) {
		if (sfe_grow(&w->numbers, &w->room, w->n_numbers + 1, sizeof(*w->numbers)))
			w->no_memory = true;
		else
			w->numbers[w->n_numbers++] = r->job;
	}
	return r->job == w->number;
}

static bool want_invocation(void *arg, const void *row)
{
	const struct sfe_invocation_row *r = row;

	return is_of(arg, r->strategy, r->job);
}

static bool want_start(void *arg, const void *row)
{
	const struct sfe_start_row *r = row;

	return is_of(arg, r->strategy, r->job);
}

static bool want_transfer(void *arg, const void *row)
{
	const struct sfe_transfer_row *r = row;

	return is_of(arg, r->strategy, r->job);
}

static bool want_attempt(void *arg, const void *row)
{
	const struct sfe_attempt_row *r = row;

	return is_of(arg, r->strategy, r->job);
}

static bool want_kept(void *arg, const void *row)
{
	const struct sfe_state_row *r = row;

	/* What outlives jobs is not of one. */
	return strcmp(r->what, "shared") != 0 && !sfe_kept_is_created(r) &&
	       is_of(arg, r->strategy, r->job);
}

static bool want_shared(void *arg, const void *row)
{
	const struct sfe_shared_row *r = row;

	return is_of(arg, r->strategy, r->job);
}

static bool want_choice(void *arg, const void *row)
{
	const struct sfe_choice_row *r = row;

	return is_of(arg, r->strategy, r->job);
}

static bool want_regret(void *arg, const void *row)
{
	const struct sfe_regret_row *r = row;

	return is_of(arg, r->strategy, r->job);
}

/* The wanted rows of a table. A table that is not there has none; others that cannot be read leave
 * a note, unless they are needed. */
static int read_rows(struct sfe_job_record *j, int dir, const struct sfe_table *t,
	sfe_table_wanted_fn *want, struct wanted *w, bool needed, void *rows, unsigned *n,
	struct sfe_error *err)
{
	struct sfe_error own = {0};
	char note[400], text[1100];
	FILE *f = sfe_results_read(dir, t->file, &own);
	int r = f ? sfe_table_read_wanted(
			    t, f, want, w, MOST_BYTES, rows, n, note, sizeof(note), &own)
		  : own.code;

	if (f)
		fclose(f);
	if (!r && note[0])
		sfe_job_record_note(j, t->file, note);
	if (!r || (r == -ENOENT && !needed))
		return 0;
	if (needed || r == -ENOMEM) {
		*err = own;
		return r;
	}
	sfe_job_record_note(j, t->file, sfe_error_text(&own, text, sizeof(text)));
	return 0;
}

/* ---- what there is */

static int by_number(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* "1-60, 62": sorts the numbers. */
static void name_numbers(struct wanted *w, char *buf, size_t size)
{
	size_t used = 0;
	unsigned ranges = 0;

	buf[0] = 0;
	if (w->n_numbers)
		qsort(w->numbers, w->n_numbers, sizeof(*w->numbers), by_number);
	for (uint32_t i = 0, end; i < w->n_numbers && used < size; i = end) {
		for (end = i + 1;
			end < w->n_numbers && (w->numbers[end] == w->numbers[end - 1] ||
						      w->numbers[end] == w->numbers[end - 1] + 1);)
			end++;
		if (ranges++ == MOST_RANGES) {
			snprintf(buf + used, size - used, ", …, %" PRIu32,
				w->numbers[w->n_numbers - 1]);
			return;
		}
		used += (size_t)snprintf(
			buf + used, size - used, "%s%" PRIu32, i ? ", " : "", w->numbers[i]);
		if (w->numbers[end - 1] != w->numbers[i] && used < size)
			used += (size_t)snprintf(
				buf + used, size - used, "-%" PRIu32, w->numbers[end - 1]);
	}
}

static int no_job(struct wanted *w, struct sfe_error *err)
{
	char numbers[200], todo[240];

	name_numbers(w, numbers, sizeof(numbers));
	snprintf(todo, sizeof(todo), "the jobs of this run are %s", numbers);
	return sfe_fail(err, -EINVAL, sfe_jobs_csv.file, w->n_numbers ? todo : NULL, "%s %" PRIu32,
		w->n_numbers ? "there is no job" : "has no jobs, so none of number", w->number);
}

static int no_strategy(
	const struct sfe_job_record *j, const struct wanted *w, struct sfe_error *err)
{
	char todo[240] = "those of this run are ";

	for (unsigned i = 0; i < j->n_outcomes; i++) {
		size_t used = strlen(todo);
		snprintf(todo + used, sizeof(todo) - used, "%s%s", i ? ", " : "",
			j->outcomes[i].strategy);
	}
	return sfe_fail(err, -EINVAL, sfe_jobs_csv.file, todo,
		"the run has no strategy %.64s of job %" PRIu32, w->strategy, w->number);
}

/* One row for each strategy: a row of one that has been there is dropped. Keeps the wanted. */
static int check_outcomes(struct sfe_job_record *j, struct wanted *w, struct sfe_error *err)
{
	unsigned n = 0;

	if (w->no_memory)
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	if (!j->n_outcomes)
		return no_job(w, err);
	for (unsigned i = 0; i < j->n_outcomes; i++) {
		unsigned k = 0;
		while (k < n && strcmp(j->outcomes[k].strategy, j->outcomes[i].strategy) != 0)
			k++;
		if (k == n && n == SFE_LIMIT_SUMMARY_ROWS)
			return sfe_fail(err, -EFBIG, sfe_jobs_csv.file, NULL,
				"has more than the %u strategies that a run can have",
				SFE_LIMIT_SUMMARY_ROWS);
		if (k == n)
			j->outcomes[n++] = j->outcomes[i];
	}
	j->n_outcomes = n;
	for (unsigned i = 0; w->strategy && i < n; i++)
		if (!strcmp(j->outcomes[i].strategy, w->strategy)) {
			j->outcomes[0] = j->outcomes[i];
			j->n_outcomes = 1;
			return 0;
		}
	return w->strategy ? no_strategy(j, w, err) : 0;
}

/* ---- the whole */

/* Rows of a table as parts of larger ones, whose other fields are empty. */
static int widen(void *rows, unsigned n, size_t from, void *out, size_t to, struct sfe_error *err)
{
	char *wide = calloc((size_t)n + 1, to);

	for (unsigned i = 0; wide && i < n; i++)
		memcpy(wide + i * to, (char *)rows + i * from, from);
	free(rows);
	*(void **)out = wide;
	return wide ? 0 : sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
}

static int by_step_and_start(const void *a, const void *b)
{
	const struct sfe_transfer_row *x = &((const struct sfe_job_transfer *)a)->row,
				      *y = &((const struct sfe_job_transfer *)b)->row;

	if (x->step != y->step)
		return x->step < y->step ? -1 : 1;
	if (x->start_s != y->start_s)
		return x->start_s < y->start_s ? -1 : 1;
	return (x->done_s > y->done_s) - (x->done_s < y->done_s);
}

static int read_all(struct sfe_job_record *j, int dir, struct wanted *w, struct sfe_error *err)
{
	void *transfers = NULL, *kept = NULL;
	int r = read_rows(
		j, dir, &sfe_jobs_csv, want_outcome, w, true, &j->outcomes, &j->n_outcomes, err);

	r = r ? r : check_outcomes(j, w, err);
	r = r ? r
	      : read_rows(j, dir, &sfe_invocations_csv, want_invocation, w, false, &j->invocations,
			&j->n_invocations, err);
	r = r ? r
	      : read_rows(j, dir, &sfe_starts_csv, want_start, w, false, &j->starts, &j->n_starts,
			err);
	r = r ? r
	      : read_rows(j, dir, &sfe_attempts_csv, want_attempt, w, false, &j->attempts,
			&j->n_attempts, err);
	r = r ? r
	      : read_rows(j, dir, &sfe_transfers_csv, want_transfer, w, false, &transfers,
			&j->n_transfers, err);
	r = r ? r
	      : widen(transfers, j->n_transfers, sizeof(struct sfe_transfer_row), &j->transfers,
			sizeof(*j->transfers), err);
	r = r ? r : read_rows(j, dir, &sfe_states_csv, want_kept, w, false, &kept, &j->n_kept, err);
	r = r ? r
	      : widen(kept, j->n_kept, sizeof(struct sfe_state_row), &j->kept, sizeof(*j->kept),
			err);
	r = r ? r
	      : read_rows(j, dir, &sfe_shared_csv, want_shared, w, false, &j->shared, &j->n_shared,
			err);
	r = r ? r
	      : read_rows(j, dir, &sfe_choices_csv, want_choice, w, false, &j->choices,
			&j->n_choices, err);
	r = r ? r
	      : read_rows(j, dir, &sfe_regret_csv, want_regret, w, false, &j->regrets,
			&j->n_regrets, err);
	if (!r && j->n_transfers)
		qsort(j->transfers, j->n_transfers, sizeof(*j->transfers), by_step_and_start);
	if (!r)
		j->named = *j->outcomes[0].workflow;
	return r;
}

int sfe_job_record_read(int dir, uint32_t number, const char *strategy, struct sfe_job_record **out,
	struct sfe_error *err)
{
	struct wanted w = {.number = number, .strategy = strategy};
	struct sfe_job_record *j = calloc(1, sizeof(*j));
	struct sfe_error own = {0};

	if (!j)
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	j->number = number;
	int r = read_all(j, dir, &w, &own);
	free(w.numbers);
	if (r) {
		sfe_job_record_free(j);
		if (err)
			*err = own;
		return r;
	}
	*out = j;
	return 0;
}

void sfe_job_record_free(struct sfe_job_record *j)
{
	if (!j)
		return;
	free(j->outcomes);
	free(j->invocations);
	free(j->starts);
	free(j->transfers);
	free(j->attempts);
	free(j->kept);
	free(j->accesses);
	free(j->shared);
	free(j->choices);
	free(j->regrets);
	free(j);
}

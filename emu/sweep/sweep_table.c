/* SPDX-License-Identifier: MIT */
/* The results of a sweep in one table: the axes, then the columns of jobs.csv or summary.csv. */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "emu/results/results_read.h"
#include "emu/results/summary.h"
#include "emu/results/table.h"
#include "emu/results/table_columns.h"
#include "emu/security/folder.h"
#include "emu/sweep/sweep_engine.h"
#include "sfemu/statistics.h"

struct writer {
	const struct sfe_sweep_run *run;
	const struct sfe_sweep *sweep;
	FILE *out;
	bool header; /* written already */
};

static void put(FILE *out, const char *text)
{
	sfe_table_write_cell(text, out);
}

static void put_names(const struct writer *w, unsigned n)
{
	for (unsigned a = 0; a < n; a++) {
		put(w->out, w->sweep->axis[a].name);
		fputc(',', w->out);
	}
}

static void put_labels(const struct writer *w, uint32_t cell, unsigned n)
{
	for (unsigned a = 0; a < n; a++) {
		put(w->out, sfe_sweep_at(w->sweep, cell, a)->label);
		fputc(',', w->out);
	}
}

/* Opens the folder of a cell that is done. */
static int open_cell(const struct writer *w, uint32_t cell, struct sfe_error *err)
{
	char path[4096];
	int dir = sfe_sweep_cell_open(w->run->store, cell, "");

	return dir >= 0 ? dir
			: sfe_fail(err, dir,
				  sfe_sweep_cell_path(w->run->store, cell, "", path, sizeof(path)),
				  NULL, "cannot open it: %s", strerror(-dir));
}

static FILE *open_jobs(const struct writer *w, uint32_t cell, struct sfe_error *err)
{
	int dir = open_cell(w, cell, err);
	FILE *f = dir < 0 ? NULL : sfe_results_read(dir, sfe_jobs_csv.file, err);

	if (dir >= 0)
		close(dir);
	return f;
}

/* The columns of jobs.csv, the same of all cells. */
static void choose_jobs(const struct sfe_sweep *sweep, struct sfe_table_copy *out)
{
	const struct sfe_table *t = &sfe_jobs_csv;
	const unsigned plain = t->n_columns - t->n_optional,
		       shared = plain + 1 + SFE_JOBS_DYNAMIC_COLUMNS,
		       nodes = shared + SFE_JOBS_SHARED_COLUMNS;

	sfe_table_copy_begin(out, t, sweep->workflows ? shared : plain);
	if (sweep->shared)
		sfe_table_copy_add(out, t, shared, SFE_JOBS_SHARED_COLUMNS);
	if (sweep->workflows)
		sfe_table_copy_add(out, t, nodes, SFE_JOBS_NODES_COLUMNS);
}

/* Writes the rows of a cell's jobs.csv with the axes in place of the first column, the strategy,
 * which is one of the axes. */
static int job_rows(struct writer *w, uint32_t cell, struct sfe_error *err)
{
	struct sfe_table_copy rest;
	FILE *f = open_jobs(w, cell, err);
	void *rows = NULL;
	unsigned n = 0;

	if (!f)
		return err ? err->code : -EIO;
	int r = sfe_table_read(&sfe_jobs_csv, f, &rows, &n, err);
	fclose(f);
	if (r)
		return r;
	choose_jobs(w->sweep, &rest);
	rest.table.columns++;
	rest.table.n_columns--;
	if (!w->header) {
		put_names(w, w->sweep->n_axes);
		sfe_table_write_header(&rest.table, w->out);
		w->header = true;
	}
	for (unsigned i = 0; i < n; i++) {
		put_labels(w, cell, w->sweep->n_axes);
		sfe_table_write_row(
			&rest.table, (const char *)rows + i * rest.table.row_size, w->out);
	}
	free(rows);
	return 0;
}

static double number(const struct sfe_column *c, const char *row)
{
	switch (c->cell) {
	case SFE_CELL_COUNT:
		return *(const uint32_t *)(const void *)(row + c->offset);
	case SFE_CELL_BIG:
		return (double)*(const uint64_t *)(const void *)(row + c->offset);
	case SFE_CELL_SECONDS:
	case SFE_CELL_WHOLE:
		return *(const double *)(const void *)(row + c->offset);
	case SFE_CELL_TEXT:
	case SFE_CELL_DIGEST:
		break;
	}
	return NAN;
}

static bool is_number(const struct sfe_column *c)
{
	return c->cell != SFE_CELL_TEXT && c->cell != SFE_CELL_DIGEST;
}

/* Of summary.csv: the columns that every run has, and those that this sweep has besides. The first
 * one, the strategy, is left out, since it is one of the axes. */
static bool is_wanted(const struct writer *w, unsigned i)
{
	const struct sfe_table *t = &sfe_summary_csv;

	return (i && i < t->n_columns - t->n_optional) ||
	       (w->sweep->shared && i >= t->n_columns - SFE_SUMMARY_SHARED_COLUMNS);
}

static void summary_header(const struct writer *w)
{
	put_names(w, w->sweep->n_axes - 1);
	fputs("seeds", w->out);
	for (unsigned i = 0; i < sfe_summary_csv.n_columns; i++) {
		const struct sfe_column *c = &sfe_summary_csv.columns[i];
		if (!is_wanted(w, i))
			continue;
		fprintf(w->out, ",%s", c->name);
		if (is_number(c))
			fprintf(w->out, ",ci95_%s", c->name);
	}
	fputc('\n', w->out);
}

static void put_number(FILE *out, const struct sfe_column *c, double value)
{
	fputc(',', out);
	if (!isnan(value))
		fprintf(out, c->cell == SFE_CELL_SECONDS ? "%.9f" : "%.15g", value);
}

/* The text of several seeds in one cell: the first that is neither "ok" nor "virtual". */
static const char *word(const struct sfe_column *c, char **rows, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		const char *text = rows[i] + c->offset;
		if (*text && strcmp(text, "ok") && strcmp(text, "virtual"))
			return text;
	}
	return rows[0] + c->offset;
}

static int summary_row(
	struct writer *w, uint32_t cell, char **rows, unsigned n, struct sfe_error *err)
{
	double *x = calloc(n, sizeof(*x));

	if (!x)
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	put_labels(w, cell, w->sweep->n_axes - 1);
	fprintf(w->out, "%u", n);
	for (unsigned i = 0; i < sfe_summary_csv.n_columns; i++) {
		const struct sfe_column *c = &sfe_summary_csv.columns[i];
		unsigned m = 0;
		if (!is_wanted(w, i))
			continue;
		for (unsigned k = 0; k < n; k++) {
			x[m] = number(c, rows[k]);
			m += !isnan(x[m]);
		}
		if (is_number(c)) {
			put_number(w->out, c, sfe_mean(x, m));
			put_number(w->out, c, sfe_confidence_95(x, m));
		} else {
			fputc(',', w->out);
			put(w->out, word(c, rows, n));
		}
	}
	fputc('\n', w->out);
	free(x);
	return 0;
}

/* Reads the row of summary.csv; there is one, since a cell has one strategy. The caller frees *row.
 */
static int read_summary(struct writer *w, uint32_t cell, char **row, struct sfe_error *err)
{
	struct sfe_summary *rows = NULL;
	unsigned n;
	int dir = open_cell(w, cell, err);

	if (dir < 0)
		return dir;
	int r = sfe_summary_read(dir, &rows, &n, err);
	close(dir);
	if (!r && n != 1) {
		free(rows);
		return sfe_fail(
			err, -EINVAL, sfe_summary_csv.file, NULL, "has %u rows and not 1", n);
	}
	*row = r ? NULL : (char *)rows;
	return r;
}

/* Writes a row for the cells that differ in their seed only. They follow each other, since seed is
 * the last axis. */
static int summary_rows(struct writer *w, uint32_t first, struct sfe_error *err)
{
	unsigned seeds = w->sweep->axis[w->sweep->n_axes - 1].n, n = 0;
	char **rows = calloc(seeds, sizeof(*rows));
	int r = rows ? 0 : sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");

	if (!w->header)
		summary_header(w);
	w->header = true;
	for (uint32_t i = first; !r && i < first + seeds; i++)
		if (w->run->cell[i].state == SFE_SWEEP_DONE) {
			r = read_summary(w, i, &rows[n], err);
			n += !r;
		}
	if (!r && n)
		r = summary_row(w, first, rows, n, err);
	for (unsigned i = 0; i < n; i++)
		free(rows[i]);
	free(rows);
	return r;
}

static int rows(struct writer *w, bool summary, struct sfe_error *err)
{
	unsigned step = summary ? w->sweep->axis[w->sweep->n_axes - 1].n : 1;
	int r = 0;

	for (uint32_t i = 0; i < w->sweep->n_cells && !r; i += step) {
		if (summary)
			r = summary_rows(w, i, err);
		else if (w->run->cell[i].state == SFE_SWEEP_DONE)
			r = job_rows(w, i, err);
	}
	return r;
}

/* Writes cells.csv: the folder of each cell, and why a cell is not in the table. */
static int cells(struct writer *w, bool summary, struct sfe_error *err)
{
	static const char *const words[] = {
		[SFE_SWEEP_WAITING] = "waiting",
		[SFE_SWEEP_QUEUED] = "waiting",
		[SFE_SWEEP_RUNNING] = "waiting",
		[SFE_SWEEP_DONE] = "done",
		[SFE_SWEEP_FAILED] = "failed",
	};
	char name[256], folder[sizeof(name) + 16];

	(void)summary;
	(void)err;
	put_names(w, w->sweep->n_axes);
	fputs("state,folder,reason\n", w->out);
	for (uint32_t i = 0; i < w->sweep->n_cells; i++) {
		const struct sfe_sweep_cell *c = &w->run->cell[i];
		bool failed = c->state == SFE_SWEEP_FAILED;
		put_labels(w, i, w->sweep->n_axes);
		fprintf(w->out, "%s,", words[c->state]);
		snprintf(folder, sizeof(folder), "cells/%s%s",
			sfe_sweep_cell_name(w->sweep, i, name, sizeof(name)),
			failed ? ".part" : "");
		put(w->out, folder); /* it may have a comma, as a value of an axis may */
		fputc(',', w->out);
		put(w->out, failed && c->why ? c->why : "");
		fputc('\n', w->out);
	}
	return 0;
}

/* Writes a new file in the place of the old one, so that a table is never incomplete. */
static int write_file(const struct sfe_sweep_run *run, const char *name, bool summary,
	int (*write)(struct writer *, bool, struct sfe_error *), char **path, struct sfe_error *err)
{
	struct writer w = {.run = run, .sweep = run->store->sweep};
	struct sfe_replacement file;

	if (asprintf(path, "%s/%s", run->store->folder, name) < 0) {
		*path = NULL;
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	}
	int r = sfe_replacement_begin(run->store->dir, name, &file, err);
	if (r)
		return r;
	w.out = file.out;
	r = write(&w, summary, err);
	int ended = sfe_replacement_end(&file, !r, r ? NULL : err);
	return r ? r : ended;
}

int sfe_sweep_write_table(
	const struct sfe_sweep_run *run, bool summary, char **path, struct sfe_error *err)
{
	char *beside = NULL;
	int r = write_file(run, "cells.csv", summary, cells, &beside, err);

	free(beside);
	*path = NULL;
	return r ? r : write_file(run, "sweep.csv", summary, rows, path, err);
}

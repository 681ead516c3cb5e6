/* SPDX-License-Identifier: MIT */
#include "emu/sweep_report/swept_figures.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "emu/report/strategies.h"
#include "emu/results/read_limits.h"
#include "emu/security/beneath.h"
#include "emu/security/folder.h"

#define POINT(field, cell, unit, meaning)                                                          \
	SFE_COLUMN(struct sfe_point_row, field, SFE_CELL_##cell, unit, meaning)
#define PAIR(field, cell, unit, meaning)                                                           \
	SFE_COLUMN(struct sfe_pair_row, field, SFE_CELL_##cell, unit, meaning)
#define COUNTED(row, field, unit, meaning)                                                         \
	{                                                                                          \
#field, unit, meaning, SFE_CELL_COUNT, offsetof(struct row, p.field),              \
			sizeof(uint32_t), NULL                                                     \
	}
#define BIT(row, array, k, name, cell, unit, meaning)                                              \
	{                                                                                          \
		name, unit, meaning, SFE_CELL_##cell,                                              \
			offsetof(struct row, p.array) + (k) * sizeof(double), sizeof(double), NULL \
	}
#define POINTS(k, name, cell, unit, meaning)                                                       \
	BIT(sfe_point_row, value, k, name, cell, unit, meaning),                                   \
		BIT(sfe_point_row, ci95, k, "ci95_" name, cell, unit,                              \
			"half the width of its 95 % confidence interval")
#define PAIRS(k, name, cell, unit)                                                                 \
	BIT(sfe_pair_row, difference, k, "difference_" name, cell, unit,                           \
		"the strategy's less the baseline's, mean over the replications"),                 \
		BIT(sfe_pair_row, ci95, k, "ci95_" name, cell, unit,                               \
			"half the width of its 95 % confidence interval (paired)"),                \
		BIT(sfe_pair_row, ratio, k, "ratio_" name, SECONDS, "",                            \
			"the strategy's to the baseline's, geometric mean over the replications"), \
		BIT(sfe_pair_row, low, k, "low_" name, SECONDS, "",                                \
			"lower end of the ratio's 95 % confidence interval"),                      \
		BIT(sfe_pair_row, high, k, "high_" name, SECONDS, "", "upper end")

#define COMBINATION "number of the combination of the grid's values, from 0"
#define BY                                                                                         \
	"sweep: all jobs; chain: by the invocations of a job; states: by the bytes of all its "    \
	"states"
static const struct sfe_column point_columns[] = {
	POINT(combination, COUNT, "", COMBINATION),
	POINT(by, TEXT, "", BY),
	POINT(from, WHOLE, "invocations or bytes", "the least that is in this group"),
	POINT(below, WHOLE, "invocations or bytes",
		"the least that is above it; empty: there is no limit"),
	POINT(strategy, TEXT, "", "where the states were"),
	COUNTED(sfe_point_row, seeds, "", "replications (cells) with such a job"),
	COUNTED(sfe_point_row, jobs, "jobs", "of all of them"),
	COUNTED(sfe_point_row, done, "jobs", "those done: response time and payload are of these"),
	POINTS(SFE_FIGURE_MEAN, "mean_s", SECONDS, "s", "mean response time"),
	POINTS(SFE_FIGURE_P50, "p50_s", SECONDS, "s", "median"),
	POINTS(SFE_FIGURE_P95, "p95_s", SECONDS, "s", "95th percentile"),
	POINTS(SFE_FIGURE_P99, "p99_s", SECONDS, "s", "99th percentile"),
	POINTS(SFE_FIGURE_PAYLOAD, "payload_bytes_hops", WHOLE, "bytes x links",
		"payload of a job done, times the links that it crossed, mean"),
	POINTS(SFE_FIGURE_WIRE, "wire_bytes", WHOLE, "bytes",
		"on all links, of a job, done or not; only of all jobs"),
	POINTS(SFE_FIGURE_DONE, "done_share", SECONDS, "", "share of the jobs that were done"),
	POINTS(SFE_FIGURE_VAIN, "runs_in_vain", SECONDS, "runs",
		"runs of steps that a conflict made vain, of a job, done or not; only of all jobs, "
		"and only in sweeps with states that outlive jobs, like the columns after it"),
	POINTS(SFE_FIGURE_VAIN_OPERATIONS, "vain_operations", WHOLE, "operations",
		"of these runs, of a job"),
	POINTS(SFE_FIGURE_OVERWRITTEN, "shared_overwritten", SECONDS, "changes",
		"changes that the last version of their state does not have, of a job"),
};
#define SHARED_FIGURES 3u
static const struct sfe_column pair_columns[] = {
	PAIR(combination, COUNT, "", COMBINATION),
	PAIR(by, TEXT, "", BY),
	PAIR(from, WHOLE, "invocations or bytes", "the least that is in this group"),
	PAIR(below, WHOLE, "invocations or bytes",
		"the least that is above it; empty: there is no limit"),
	PAIR(baseline, TEXT, "", "the strategy that the other is compared with"),
	PAIR(strategy, TEXT, "", "the other strategy"),
	COUNTED(sfe_pair_row, seeds, "", "replications with a job that both have done"),
	COUNTED(sfe_pair_row, jobs, "jobs",
		"done under both: response time and payload are compared over these"),
	PAIRS(SFE_FIGURE_MEAN, "mean_s", SECONDS, "s"),
	PAIRS(SFE_FIGURE_P50, "p50_s", SECONDS, "s"),
	PAIRS(SFE_FIGURE_P95, "p95_s", SECONDS, "s"),
	PAIRS(SFE_FIGURE_P99, "p99_s", SECONDS, "s"),
	PAIRS(SFE_FIGURE_PAYLOAD, "payload_bytes_hops", WHOLE, "bytes x links"),
	PAIRS(SFE_FIGURE_WIRE, "wire_bytes", WHOLE, "bytes"),
	PAIRS(SFE_FIGURE_DONE, "done_share", SECONDS, ""),
	PAIRS(SFE_FIGURE_VAIN, "runs_in_vain", SECONDS, "runs"),
	PAIRS(SFE_FIGURE_VAIN_OPERATIONS, "vain_operations", WHOLE, "operations"),
	PAIRS(SFE_FIGURE_OVERWRITTEN, "shared_overwritten", SECONDS, "changes"),
};
static const struct sfe_column note_columns[] = {
	SFE_COLUMN(struct sfe_swept_note, text, SFE_CELL_TEXT, "", "what the report leaves out"),
};
SFE_REPORT_TABLE(points_with_shared, "points.csv",
	"a strategy in a combination and a group of jobs", point_columns, struct sfe_point_row);
SFE_REPORT_TABLE(pairs_with_shared, "pairs.csv",
	"two strategies compared in a combination and a group of jobs", pair_columns,
	struct sfe_pair_row);
/* Of sweeps without states that outlive jobs; a figure has 2 columns of points and 5 of pairs. */
static const struct sfe_table points_table = {.file = "points.csv",
	.a_row = "a strategy in a combination and a group of jobs",
	.columns = point_columns,
	.n_columns = sizeof(point_columns) / sizeof(point_columns[0]) - 2 * SHARED_FIGURES,
	.row_size = sizeof(struct sfe_point_row)};
static const struct sfe_table pairs_table = {.file = "pairs.csv",
	.a_row = "two strategies compared in a combination and a group of jobs",
	.columns = pair_columns,
	.n_columns = sizeof(pair_columns) / sizeof(pair_columns[0]) - 5 * SHARED_FIGURES,
	.row_size = sizeof(struct sfe_pair_row)};
SFE_REPORT_TABLE(notes_table, "notes.csv", "what is left out", note_columns, struct sfe_swept_note);

/* What is at hand while a combination's cells are in memory. */
struct work {
	struct sfe_swept_figures *f;
	const struct sfe_combination *c;
	uint32_t combination;
	bool all_pairs; /* else only those with the first strategy */
};

__attribute__((format(printf, 2, 3))) static int note(
	struct sfe_swept_figures *f, const char *fmt, ...)
{
	struct sfe_swept_note *n = sfe_rows_add(&f->notes);
	va_list ap;

	if (!n)
		return -ENOMEM;
	va_start(ap, fmt);
	vsnprintf(n->text, sizeof(n->text), fmt, ap);
	va_end(ap);
	return 0;
}

/* Whether rows of groups may be added. */
static bool has_room(const struct sfe_swept_figures *f)
{
	return f->points.n < SFE_SWEPT_MAX_GROUP_ROWS && f->pairs.n < SFE_SWEPT_MAX_GROUP_ROWS;
}

static const char *strategy_name(const struct work *w, uint32_t i)
{
	return sfe_swept_strategies(&w->f->sweep)->label[i];
}

static int add_point(struct work *w, struct sfe_group g, uint32_t strategy)
{
	struct sfe_swept *s = &w->f->sweep;
	struct sfe_point p;
	int r = sfe_measure(sfe_cells_of(s, w->c, strategy), sfe_swept_seeds(s)->n, g, &p);
	if (r || !p.jobs)
		return r;
	struct sfe_point_row *row = sfe_rows_add(&w->f->points);
	if (!row)
		return -ENOMEM;
	*row = (struct sfe_point_row){
		.combination = w->combination, .from = g.from, .below = g.below, .p = p};
	snprintf(row->by, sizeof(row->by), "%s", sfe_group_name(g.by));
	snprintf(row->strategy, sizeof(row->strategy), "%s", strategy_name(w, strategy));
	return 0;
}

static int add_pair(struct work *w, struct sfe_group g, const uint32_t strategy[2],
	const struct sfe_comparison *p)
{
	struct sfe_pair_row *row = sfe_rows_add(&w->f->pairs);

	if (!row)
		return -ENOMEM;
	*row = (struct sfe_pair_row){
		.combination = w->combination, .from = g.from, .below = g.below, .p = *p};
	snprintf(row->by, sizeof(row->by), "%s", sfe_group_name(g.by));
	snprintf(row->baseline, sizeof(row->baseline), "%s", strategy_name(w, strategy[0]));
	snprintf(row->strategy, sizeof(row->strategy), "%s", strategy_name(w, strategy[1]));
	return 0;
}

static int pair_of(const struct work *w, struct sfe_group g, const uint32_t strategy[2],
	struct sfe_comparison *p)
{
	const struct sfe_swept *s = &w->f->sweep;

	return sfe_measure_pair(sfe_cells_of(s, w->c, strategy[0]),
		sfe_cells_of(s, w->c, strategy[1]), sfe_swept_seeds(s)->n, g, p);
}

/* The groups of one kind under two strategies, and what they say together. */
static int pair_groups(
	struct work *w, const struct sfe_group *g, uint32_t n, const uint32_t strategy[2])
{
	struct sfe_comparison p[SFE_MAX_GROUPS];
	int r = 0;

	for (uint32_t i = 0; i < n && !r; i++) {
		r = pair_of(w, g[i], strategy, &p[i]);
		if (!r && has_room(w->f) && p[i].jobs)
			r = add_pair(w, g[i], strategy, &p[i]);
	}
	if (r || n < 2 || w->f->answers.n >= SFE_SWEPT_MAX_ANSWERS)
		return r;
	return sfe_answer_groups(
		&w->f->sweep, w->combination, w->c, g, p, n, strategy, &w->f->answers);
}

/* Calls for each two strategies that are compared. */
static int each_pair(struct work *w, const struct sfe_group *g, uint32_t n,
	int (*call)(struct work *, const struct sfe_group *, uint32_t, const uint32_t[2]))
{
	uint32_t strategies = sfe_swept_strategies(&w->f->sweep)->n;
	int r = 0;

	for (uint32_t a = 0; a < (w->all_pairs ? strategies : 1) && !r; a++)
		for (uint32_t b = a + 1; b < strategies && !r; b++)
			r = call(w, g, n, (const uint32_t[2]){a, b});
	return r;
}

static int pair_all(
	struct work *w, const struct sfe_group *g, uint32_t n, const uint32_t strategy[2])
{
	struct sfe_comparison p;
	int r = pair_of(w, *g, strategy, &p);

	(void)n;
	/* Also a pair without jobs in common: along an axis each combination has one. */
	return r ? r : add_pair(w, *g, strategy, &p);
}

static int absent(struct work *w, const struct sfe_group *g, uint32_t n)
{
	char size[40], why[200];

	if (!n || w->f->answers.n >= SFE_SWEPT_MAX_ANSWERS ||
		sfe_swept_strategies(&w->f->sweep)->n < 2)
		return 0;
	sfe_group_text(g->by, g->from, size, sizeof(size));
	snprintf(why, sizeof(why),
		g->by == SFE_BY_CHAIN ? "all its jobs have %s"
				      : "the states of all its jobs are in "
					"one class, from %s on",
		size);
	return sfe_answer_absent(
		&w->f->sweep, w->combination, sfe_group_name(g->by), why, &w->f->answers);
}

static int add_groups(struct work *w, enum sfe_group_by by)
{
	struct sfe_group g[SFE_MAX_GROUPS];
	uint32_t n = sfe_groups_of(w->c, by, g);
	uint32_t strategies = sfe_swept_strategies(&w->f->sweep)->n;
	int r = 0;

	for (uint32_t i = 0; i < n && !r; i++)
		for (uint32_t k = 0; k < strategies && has_room(w->f) && !r; k++)
			r = add_point(w, g[i], k);
	r = r ? r : each_pair(w, g, n, pair_groups);
	return r || n != 1 ? r : absent(w, g, n);
}

static int add_combination(struct work *w)
{
	struct sfe_combination c;
	struct sfe_group all = SFE_GROUP_ALL;
	int r = sfe_combination_read(&w->f->reading, &w->f->sweep, w->combination, &c);

	w->c = &c;
	for (uint32_t k = 0; k < sfe_swept_strategies(&w->f->sweep)->n && !r; k++)
		r = add_point(w, all, k);
	r = r ? r : each_pair(w, &all, 1, pair_all);
	r = r ? r : add_groups(w, SFE_BY_CHAIN);
	r = r ? r : add_groups(w, SFE_BY_STATES);
	sfe_combination_free(&c);
	return r;
}

/* Whether an axis has numbers, which "from … on" can be said of. */
static bool has_numbers(const struct sfe_swept_axis *x)
{
	for (uint32_t v = 0; v < x->n; v++)
		if (!isdigit((unsigned char)x->label[v][0]))
			return false;
	return x->n >= 2 && x->n <= SFE_MAX_GROUPS;
}

/* The pair of all jobs of a combination; pairs of the same strategies have the same place among
 * those of their combination. */
static const struct sfe_comparison *pair_at(
	const struct sfe_swept_figures *f, const uint32_t *first, uint32_t combination, uint32_t k)
{
	return &((const struct sfe_pair_row *)f->pairs.row)[first[combination] + k].p;
}

/* The answers along an axis, for all combinations of the other axes' values. */
static int answer_along(struct work *w, unsigned axis, const uint32_t *first)
{
	struct sfe_swept *s = &w->f->sweep;
	const struct sfe_swept_axis *x = &s->axis[axis];
	uint32_t strategies = sfe_swept_strategies(s)->n,
		 step = s->n_cells / sfe_swept_combinations(s);
	const struct sfe_comparison *pair[SFE_MAX_GROUPS];
	int r = 0;

	for (uint32_t i = 0; i < sfe_swept_combinations(s) && !r; i++) {
		if (sfe_swept_value(s, sfe_swept_first(s, i), axis))
			continue;
		for (uint32_t a = 0, k = 0; a < (w->all_pairs ? strategies : 1) && !r; a++)
			for (uint32_t b = a + 1; b < strategies && !r; b++, k++) {
				for (uint32_t v = 0; v < x->n; v++)
					pair[v] =
						pair_at(w->f, first, i + v * (x->stride / step), k);
				if (w->f->answers.n < SFE_SWEPT_MAX_ANSWERS)
					r = sfe_answer_axis(s, i, axis, pair,
						(const uint32_t[2]){a, b}, &w->f->answers);
			}
	}
	return r;
}

static int choose_baseline(struct work *w)
{
	struct sfe_swept_figures *f = w->f;
	const struct sfe_swept_axis *x = sfe_swept_strategies(&f->sweep);

	for (uint32_t i = 0; i < x->n && w->all_pairs; i++)
		if (!strcmp(x->label[i], "PureFaaS"))
			f->baseline = i;
	return x->n > 1 ? 0
			: sfe_answer_absent(&f->sweep, 0, "chain",
				  "it has one strategy only, and none to compare it with",
				  &f->answers);
}

static int say_limits(struct work *w)
{
	struct sfe_swept_figures *f = w->f;
	int r = 0;

	if (!w->all_pairs)
		r = note(f,
			"Strategies are compared with the first one only: all pairs are more than "
			"a page can show.");
	if (!r && !has_room(f))
		r = note(f, "Figures by number of steps and by size of states are left out for the "
			    "later "
			    "combinations: they are more than a page can show.");
	if (!r && f->answers.n >= SFE_SWEPT_MAX_ANSWERS)
		r = note(f, "There are more comparisons than the %u that a page says in words.",
			SFE_SWEPT_MAX_ANSWERS);
	return r;
}

static int measure(struct sfe_swept_figures *f)
{
	struct sfe_swept *s = &f->sweep;
	uint64_t n = sfe_swept_combinations(s), strategies = sfe_swept_strategies(s)->n;
	struct work w = {.f = f,
		.all_pairs = n * (strategies * (strategies - 1) / 2) <= SFE_SWEPT_MAX_PAIRS};
	uint32_t *first = calloc(n, sizeof(*first)); /* row of pairs of each combination */
	int r = first ? choose_baseline(&w) : -ENOMEM;

	for (; w.combination < n && !r; w.combination++) {
		first[w.combination] = f->pairs.n;
		r = add_combination(&w);
	}
	for (unsigned a = 0; a < sfe_swept_grid_axes(s) && !r && strategies > 1; a++)
		if (has_numbers(&s->axis[a]))
			r = answer_along(&w, a, first);
	free(first);
	return r ? r : say_limits(&w);
}

/* The manifest of a cell that was run, for what all have in common. */
static void read_manifest(struct sfe_swept_figures *f)
{
	char *text = NULL;
	size_t len;
	uint32_t i = 0;

	while (i < f->sweep.n_cells && f->sweep.cell[i].state != SFE_SWEPT_DONE)
		i++;
	if (i == f->sweep.n_cells)
		return;
	int dir = sfe_beneath_open(
		f->reading.dir, f->sweep.cell[i].folder, O_RDONLY | O_DIRECTORY, 0);
	if (dir < 0)
		return;
	if (!sfe_folder_load(dir, "manifest.json", SFE_LIMIT_MANIFEST_BYTES, &text, &len, NULL))
		f->manifest = json_tokener_parse(text);
	free(text);
	close(dir);
}

int sfe_swept_figures_read(int dir, struct sfe_swept_figures *f, struct sfe_error *err)
{
	*f = (struct sfe_swept_figures){.reading.dir = dir,
		.points.table = &points_table,
		.pairs.table = &pairs_table,
		.answers.table = &sfe_answers_table,
		.notes.table = &notes_table};
	int r = sfe_swept_read(dir, &f->sweep, err);
	if (r)
		return r;
	if (sfe_swept_strategies(&f->sweep)->n > SFE_REPORT_MAX_STRATEGIES)
		return sfe_fail(err, -EINVAL, SFE_SWEPT_FILE, NULL,
			"has %u strategies, more than the %u that a page can show",
			sfe_swept_strategies(&f->sweep)->n, SFE_REPORT_MAX_STRATEGIES);
	if (measure(f))
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	if (f->reading.shared) {
		f->points.table = &points_with_shared;
		f->pairs.table = &pairs_with_shared;
	}
	read_manifest(f);
	return 0;
}

void sfe_swept_figures_free(struct sfe_swept_figures *f)
{
	sfe_rows_free(&f->points);
	sfe_rows_free(&f->pairs);
	sfe_rows_free(&f->answers);
	sfe_rows_free(&f->notes);
	json_object_put(f->manifest);
	sfe_swept_free(&f->sweep);
}

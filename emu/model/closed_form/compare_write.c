/* SPDX-License-Identifier: MIT */
/* Writes the comparison as a table and as CSV. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "emu/model/base/fit_table.h"
#include "sfemu/estimate.h"

#define CELL 16
#define ALL_WIDTH 133 /* characters of a line with all columns */

/* Formats three digits with a unit: seconds in ms or s, bytes in kB, MB or GB. */
static const char *three_digits(double v, const char *unit, double scale, char buf[CELL])
{
	double x = v / scale;

	if (isnan(v))
		snprintf(buf, CELL, "-");
	else
		snprintf(buf, CELL, "%.*f %s", x < 9.995 ? 2 : x < 99.95 ? 1 : 0, x, unit);
	return buf;
}

static const char *seconds(double v, char buf[CELL])
{
	return v < 1 ? three_digits(v, "ms", 1e-3, buf) : three_digits(v, "s", 1, buf);
}

static const char *bytes(double v, char buf[CELL])
{
	if (v < 1e6)
		return three_digits(v, "kB", 1e3, buf);
	return v < 1e9 ? three_digits(v, "MB", 1e6, buf) : three_digits(v, "GB", 1e9, buf);
}

struct block { /* a block of the table: one quantity of every row */
	const char *title;
	const char *(*text)(double v, char buf[CELL]);
	const struct sfe_figure *(*figure)(const struct sfe_comparison_row *row);
	bool once; /* one line for all strategies, unless jobs are graphs */
};

static const struct sfe_figure *net_delay(const struct sfe_comparison_row *row)
{
	return &row->net_delay_s;
}

static const struct sfe_figure *proc_delay(const struct sfe_comparison_row *row)
{
	return &row->proc_delay_s;
}

static const struct sfe_figure *traffic(const struct sfe_comparison_row *row)
{
	return &row->traffic_bytes;
}

static bool is_once(const struct sfe_comparison *c, const struct block *b)
{
	return b->once && !c->graphs;
}

/* The first row of the same placement and chain: ratios are relative to its strategy. */
static const struct sfe_comparison_row *base_of(
	const struct sfe_comparison *c, const struct sfe_comparison_row *row)
{
	for (unsigned i = 0; i < c->n_rows; i++)
		if (c->rows[i].placement == row->placement && c->rows[i].chain == row->chain)
			return &c->rows[i];
	return row;
}

static void print_row(const struct sfe_comparison *c, const struct block *b,
	const struct sfe_comparison_row *row, FILE *out)
{
	const struct sfe_figure *f = b->figure(row), *base = b->figure(base_of(c, row));
	char cell[8][CELL], chain[CELL] = "all", ratio[CELL] = "";

	if (row->chain)
		snprintf(chain, sizeof(chain), "%u", row->chain);
	if (!is_once(c, b) && base->mean > 0)
		snprintf(ratio, sizeof(ratio), "%.3f", f->mean / base->mean);
	fprintf(out, "%-9s %-20s %5s %8llu %9s %9s %9s %9s %9s %9s %9s %9s %7s\n",
		sfe_placement_name(row->placement), is_once(c, b) ? "any" : row->strategy, chain,
		(unsigned long long)row->jobs, b->text(f->mean, cell[0]),
		b->text(f->mean_ci95, cell[1]), b->text(f->p50, cell[2]),
		b->text(f->p50_ci95, cell[3]), b->text(f->p95, cell[4]),
		b->text(f->p95_ci95, cell[5]), b->text(f->p99, cell[6]),
		b->text(f->p99_ci95, cell[7]), ratio);
}

static void print_all(const struct sfe_comparison *c, const struct block *b, FILE *out)
{
	const char *first = c->rows[0].strategy;

	fprintf(out, "%-9s %-20s %5s %8s %9s %9s %9s %9s %9s %9s %9s %9s %7s\n", "placement",
		"strategy", "chain", "jobs", "mean", "+/-", "p50", "+/-", "p95", "+/-", "p99",
		"+/-", is_once(c, b) ? "" : "ratio");
	for (unsigned i = 0; i < c->n_rows; i++)
		if (!is_once(c, b) || !strcmp(c->rows[i].strategy, first))
			print_row(c, b, &c->rows[i], out);
}

static unsigned print_fit(
	const struct sfe_comparison *c, const struct block *b, unsigned width, FILE *out)
{
	static const struct sfe_fit_column columns[] = {{NULL, "strategy", 0},
		{NULL, "placement", 7}, {NULL, "chain", 3}, {NULL, "jobs", 8}, {NULL, "mean", 1},
		{NULL, "+/-", 4}, {NULL, "p50", 6}, {NULL, "+/-", 9}, {NULL, "p95", 5},
		{NULL, "+/-", 10}, {NULL, "p99", 11}, {NULL, "+/-", 12}, {NULL, "ratio", 2}};
	const unsigned n_columns = sizeof(columns) / sizeof(columns[0]);
	struct sfe_fit_table t = {
		columns, is_once(c, b) ? n_columns - 1 : n_columns}; /* no ratio */
	char cell[CELL];

	for (unsigned i = 0; i < c->n_rows; i++) {
		const struct sfe_comparison_row *row = &c->rows[i];
		const struct sfe_figure *f = b->figure(row), *base = b->figure(base_of(c, row));
		if (is_once(c, b) && strcmp(row->strategy, c->rows[0].strategy))
			continue;
		sfe_fit_cell(&t, "%s", is_once(c, b) ? "any" : row->strategy);
		sfe_fit_cell(&t, "%s", sfe_placement_name(row->placement));
		if (row->chain)
			sfe_fit_cell(&t, "%u", row->chain);
		else
			sfe_fit_cell(&t, "all");
		sfe_fit_cell(&t, "%llu", (unsigned long long)row->jobs);
		for (unsigned k = 0; k < 8; k++) {
			const double v[] = {f->mean, f->mean_ci95, f->p50, f->p50_ci95, f->p95,
				f->p95_ci95, f->p99, f->p99_ci95};
			sfe_fit_cell(&t, "%s", b->text(v[k], cell));
		}
		if (!is_once(c, b) && base->mean > 0)
			sfe_fit_cell(&t, "%.3f", f->mean / base->mean);
		else if (!is_once(c, b))
			sfe_fit_cell(&t, "%s", "");
	}
	unsigned left_out = sfe_fit_print(&t, width, out);
	sfe_fit_free(&t);
	return left_out;
}

int sfe_comparison_table(
	const struct sfe_comparison *c, unsigned width, unsigned *left_out, FILE *out)
{
	static const struct block blocks[] = {
		{"network delay of a job", seconds, net_delay, false},
		{"traffic of a job: bytes x links crossed", bytes, traffic, false},
		{"processing delay of a job", seconds, proc_delay, true},
	};

	*left_out = 0;
	fprintf(out, "%u replications of %s%u of %u jobs, seeds %u to %u, %s\n", c->replications,
		c->wanted < c->pool ? "about " : "", c->wanted, c->pool, c->first_seed,
		c->first_seed + (c->replications - 1),
		c->direction == SFE_STATESIM ? "paths as the published simulator has them"
					     : "paths in their physical direction");
	fprintf(out,
		"+/-: half a 95 %% confidence interval, over the replications; ratio: of the mean "
		"to that of %s\n",
		c->rows[0].strategy);
	for (size_t i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++) {
		unsigned left = 0;
		fprintf(out, "\n%s\n", blocks[i].title);
		if (width && width < ALL_WIDTH)
			left = print_fit(c, &blocks[i], width, out);
		else
			print_all(c, &blocks[i], out);
		if (left > *left_out)
			*left_out = left;
	}
	return fflush(out) || ferror(out) ? -EIO : 0;
}

static void csv_head(FILE *out, const char *name, const char *unit)
{
	static const char *const figures[] = {"mean", "p50", "p95", "p99"};

	for (int i = 0; i < 4; i++)
		fprintf(out, ",%s_%s_%s,%s_%s_ci95_%s", name, figures[i], unit, name, figures[i],
			unit);
}

/* A field without a figure is empty. */
static void csv_value(FILE *out, double v)
{
	if (isnan(v))
		fputc(',', out);
	else
		fprintf(out, ",%.9g", v);
}

static void csv_figure(FILE *out, const struct sfe_figure *f)
{
	csv_value(out, f->mean);
	csv_value(out, f->mean_ci95);
	csv_value(out, f->p50);
	csv_value(out, f->p50_ci95);
	csv_value(out, f->p95);
	csv_value(out, f->p95_ci95);
	csv_value(out, f->p99);
	csv_value(out, f->p99_ci95);
}

int sfe_comparison_csv(const struct sfe_comparison *c, FILE *out)
{
	fprintf(out, "placement,strategy,chain,replications,jobs");
	csv_head(out, "net_delay", "s");
	csv_head(out, "proc_delay", "s");
	csv_head(out, "traffic", "bytes");
	fputc('\n', out);
	for (unsigned i = 0; i < c->n_rows; i++) {
		const struct sfe_comparison_row *row = &c->rows[i];
		fprintf(out, "%s,%s,", sfe_placement_name(row->placement), row->strategy);
		if (row->chain)
			fprintf(out, "%u", row->chain);
		else
			fprintf(out, "all");
		fprintf(out, ",%u,%llu", row->replications, (unsigned long long)row->jobs);
		csv_figure(out, &row->net_delay_s);
		csv_figure(out, &row->proc_delay_s);
		csv_figure(out, &row->traffic_bytes);
		fputc('\n', out);
	}
	return fflush(out) || ferror(out) ? -EIO : 0;
}

/* SPDX-License-Identifier: MIT */
/* The table that a sweep prints at its end. */
#include <limits.h>
#include <math.h>
#include <string.h>

#include "emu/model/base/fit_table.h"
#include "emu/sweep_report/sweep_report.h"

#define SHOWN_ROWS 60u
#define SHOWN_ANSWERS 6u
#define LABEL_BYTES 24 /* of a value of the grid */

static const char *time_text(double s, char *buf, size_t size)
{
	if (!isfinite(s))
		snprintf(buf, size, "-");
	else
		sfe_seconds_text(s, buf, size);
	return buf;
}

static const char *bytes_text(double b, char *buf, size_t size)
{
	if (isfinite(b))
		snprintf(buf, size, "%.*f MB", b < 1e7 ? 2 : b < 1e8 ? 1 : 0, b / 1e6);
	else
		snprintf(buf, size, "-");
	return buf;
}

static const char *count_text(double n, char *buf, size_t size)
{
	if (isfinite(n))
		snprintf(buf, size, "%.3g", n);
	else
		snprintf(buf, size, "-");
	return buf;
}

/* The comparison of a strategy with the baseline in a combination: its ratio. sign -1: the pair has
 * them the other way round. NULL: none. */
static const struct sfe_pair_row *find_pair(
	const struct sfe_swept_figures *f, const struct sfe_point_row *p, int *sign)
{
	const char *base = sfe_swept_strategies(&f->sweep)->label[f->baseline];
	const struct sfe_pair_row *row = f->pairs.row;

	for (unsigned i = 0; i < f->pairs.n; i++) {
		if (row[i].combination != p->combination || strcmp(row[i].by, "sweep") != 0)
			continue;
		*sign = !strcmp(row[i].baseline, base) && !strcmp(row[i].strategy, p->strategy) ? 1
			: !strcmp(row[i].strategy, base) && !strcmp(row[i].baseline, p->strategy)
				? -1
				: 0;
		if (*sign)
			return &row[i];
	}
	return NULL;
}

/* "0.70 (0.61 to 0.80)" */
static const char *ratio_text(
	const struct sfe_swept_figures *f, const struct sfe_point_row *p, char *buf, size_t size)
{
	int sign;
	const struct sfe_pair_row *row = find_pair(f, p, &sign);
	unsigned k = SFE_FIGURE_MEAN;

	snprintf(buf, size, "-");
	if (!row || !isfinite(row->p.ratio[k]))
		return buf;
	double ratio = row->p.ratio[k], low = row->p.low[k], high = row->p.high[k];
	if (sign < 0) {
		double was = low;
		ratio = 1 / ratio;
		low = 1 / high;
		high = 1 / was;
	}
	if (isfinite(low))
		snprintf(buf, size, "%.3f (%.3f to %.3f)", ratio, low, high);
	else
		snprintf(buf, size, "%.3f", ratio);
	return buf;
}

/* "50Mbit iiot StateLocal" */
static void name_cell(
	const struct sfe_swept_figures *f, const struct sfe_point_row *p, struct sfe_fit_table *t)
{
	const struct sfe_swept *s = &f->sweep;
	char name[400] = "";
	size_t used = 0;

	for (unsigned a = 0; a < sfe_swept_grid_axes(s) && used < sizeof(name); a++)
		used += (size_t)snprintf(name + used, sizeof(name) - used, "%.*s ", LABEL_BYTES,
			s->axis[a]
				.label[sfe_swept_value(s, sfe_swept_first(s, p->combination), a)]);
	if (used < sizeof(name))
		snprintf(name + used, sizeof(name) - used, "%s", p->strategy);
	sfe_fit_cell(t, "%s", name);
}

static void add_row(
	const struct sfe_swept_figures *f, const struct sfe_point_row *p, struct sfe_fit_table *t)
{
	const double *value = p->p.value;
	char b[64];

	name_cell(f, p, t);
	sfe_fit_cell(t, "%u", p->p.seeds);
	sfe_fit_cell(t, "%u/%u", p->p.done, p->p.jobs);
	sfe_fit_cell(t, "%s", time_text(value[SFE_FIGURE_MEAN], b, sizeof(b)));
	sfe_fit_cell(t, "%s", time_text(p->p.ci95[SFE_FIGURE_MEAN], b, sizeof(b)));
	sfe_fit_cell(t, "%s", time_text(value[SFE_FIGURE_P50], b, sizeof(b)));
	sfe_fit_cell(t, "%s", time_text(value[SFE_FIGURE_P95], b, sizeof(b)));
	sfe_fit_cell(t, "%s", time_text(value[SFE_FIGURE_P99], b, sizeof(b)));
	sfe_fit_cell(t, "%s", bytes_text(value[SFE_FIGURE_PAYLOAD], b, sizeof(b)));
	sfe_fit_cell(t, "%s", bytes_text(value[SFE_FIGURE_WIRE], b, sizeof(b)));
	sfe_fit_cell(t, "%s", ratio_text(f, p, b, sizeof(b)));
	if (!f->reading.shared)
		return;
	sfe_fit_cell(t, "%s", count_text(value[SFE_FIGURE_VAIN], b, sizeof(b)));
	sfe_fit_cell(t, "%s", count_text(value[SFE_FIGURE_OVERWRITTEN], b, sizeof(b)));
}

/* Prints a text in lines of that width, broken at blanks. */
static void wrap(const char *text, unsigned width, FILE *out)
{
	unsigned used = 0;

	while (*text) {
		unsigned n = (unsigned)strcspn(text, " ");
		while (text[n] && n && sfe_unit_follows(text, n))
			n += 1 + (unsigned)strcspn(text + n + 1, " ");
		if (used && used + 1 + n > width) {
			fputs("\n  ", out);
			used = 2;
		} else if (used) {
			fputc(' ', out);
			used++;
		}
		fwrite(text, 1, n, out);
		used += n;
		text += n;
		text += strspn(text, " ");
	}
	fputc('\n', out);
}

static void print_answers(const struct sfe_swept_figures *f, unsigned width, FILE *out)
{
	const struct sfe_answer_row *a = f->answers.row;
	unsigned n = 0;

	for (unsigned i = 0; i < f->answers.n; i++) {
		if (strcmp(a[i].by, "chain") != 0)
			continue;
		if (n++ >= SHOWN_ANSWERS)
			continue;
		fputs(n == 1 ? "\n" : "", out);
		wrap(a[i].text, width, out);
	}
	if (n > SHOWN_ANSWERS)
		fprintf(out, "(%u more comparisons by number of steps: report.html)\n",
			n - SHOWN_ANSWERS);
}

unsigned sfe_sweep_text(const struct sfe_swept_figures *f, unsigned width, FILE *out)
{
	static const struct sfe_fit_column columns[] = {{NULL, "", 0}, {NULL, "seeds", 8},
		{"jobs", "done", 3}, {"response time", "mean", 1}, {"response time", "+- 95 %", 5},
		{"response time", "p50", 9}, {"response time", "p95", 4},
		{"response time", "p99", 10}, {"of a job", "payload x hops", 7},
		{"of a job", "on the wire", 6}, {"mean, ratio to", NULL, 2},
		{"of a job", "runs in vain", 11}, {"of a job", "overwritten", 12}};
	struct sfe_fit_column own[sizeof(columns) / sizeof(columns[0])];
	const unsigned ratio = sizeof(columns) / sizeof(columns[0]) - 3;
	struct sfe_fit_table t = {own, ratio + (f->reading.shared ? 3 : 1)};
	const struct sfe_point_row *p = f->points.row;
	unsigned n = 0;

	memcpy(own, columns, sizeof(own));
	own[ratio].heading = sfe_swept_strategies(&f->sweep)->label[f->baseline];
	for (unsigned i = 0; i < f->points.n; i++) {
		if (strcmp(p[i].by, "sweep") != 0)
			continue;
		if (n++ < SHOWN_ROWS)
			add_row(f, &p[i], &t);
	}
	if (!n)
		return 0;
	width = width ? width : UINT_MAX;
	unsigned left_out = sfe_fit_print(&t, width, out);
	sfe_fit_free(&t);
	if (n > SHOWN_ROWS)
		fprintf(out, "(%u more rows: report.html)\n", n - SHOWN_ROWS);
	uint32_t seeds = sfe_swept_seeds(&f->sweep)->n;
	fputs("95 % intervals over ", out);
	if (seeds > 1)
		fprintf(out, "%u seeds", seeds);
	else
		fputs("the jobs of the one seed", out);
	fputs(": +- of a mean, (... to ...) of a paired ratio\n", out);
	print_answers(f, width, out);
	return left_out;
}

/* SPDX-License-Identifier: MIT */
/* Prints tables for people (aligned columns) and for programs (JSON). */
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "emu/model/base/printable.h"
#include "emu/results/table.h"

#define CELL_BYTES 320
#define GAP 2 /* blanks between columns */

void sfe_json_text(const char *s, FILE *out)
{
	sfe_print_json_text(s, out);
}

static void json_number(double x, int digits, FILE *out)
{
	if (isfinite(x))
		fprintf(out, "%.*f", digits, x);
	else
		fputs("null", out);
}

static void json_cell(const struct sfe_column *c, const void *row, FILE *out)
{
	const void *p = (const char *)row + c->offset;

	switch (c->cell) {
	case SFE_CELL_TEXT:
		sfe_json_text(p, out);
		break;
	case SFE_CELL_COUNT:
		fprintf(out, "%" PRIu32, *(const uint32_t *)p);
		break;
	case SFE_CELL_BIG:
		fprintf(out, "%" PRIu64, *(const uint64_t *)p);
		break;
	case SFE_CELL_SECONDS:
		json_number(*(const double *)p, 9, out);
		break;
	case SFE_CELL_WHOLE:
		json_number(*(const double *)p, 0, out);
		break;
	case SFE_CELL_DIGEST:
		fprintf(out, "\"0x%016" PRIx64 "\"", *(const uint64_t *)p);
		break;
	}
}

void sfe_table_write_json_row(const struct sfe_table *t, const void *row, FILE *out)
{
	fputc('{', out);
	for (unsigned i = 0; i < t->n_columns; i++) {
		fprintf(out, "%s\"%s\": ", i ? ", " : "", t->columns[i].name);
		json_cell(&t->columns[i], row, out);
	}
	fputc('}', out);
}

void sfe_table_write_json_values(const struct sfe_table *t, const void *row, FILE *out)
{
	fputc('[', out);
	for (unsigned i = 0; i < t->n_columns; i++) {
		fputs(i ? ", " : "", out);
		json_cell(&t->columns[i], row, out);
	}
	fputc(']', out);
}

const void *sfe_table_row_of(void *arg, size_t i)
{
	const struct sfe_table_rows *r = arg;

	return (const char *)r->at + i * r->table->row_size;
}

void sfe_table_write_json_of(
	const struct sfe_table *t, sfe_table_row_fn *row, void *arg, size_t n, FILE *out)
{
	bool any = false;

	fputc('[', out);
	for (size_t r = 0; r < n; r++) {
		const void *p = row(arg, r);
		if (!p)
			continue;
		fputs(any ? ",\n  " : "\n  ", out);
		sfe_table_write_json_row(t, p, out);
		any = true;
	}
	fputs(any ? "\n]" : "]", out);
}

const char *sfe_seconds_text(double s, char *buf, size_t size)
{
	double a = fabs(s);

	if (!isfinite(s))
		buf[0] = 0;
	else if (s == 0)
		snprintf(buf, size, "0");
	else if (a < 1e-3)
		snprintf(buf, size, "%.*f us", a < 1e-5 ? 2 : a < 1e-4 ? 1 : 0, 1e6 * s);
	else if (a < 1)
		snprintf(buf, size, "%.*f ms", a < 0.01 ? 2 : a < 0.1 ? 1 : 0, 1e3 * s);
	else
		snprintf(buf, size, "%.*f s", a < 10 ? 2 : a < 100 ? 1 : 0, s);
	return buf;
}

static void text_cell(const struct sfe_column *c, const void *row, char *buf)
{
	const void *p = (const char *)row + c->offset;

	switch (c->cell) {
	case SFE_CELL_TEXT:
		snprintf(buf, CELL_BYTES, "%s", (const char *)p);
		sfe_make_printable(buf);
		break;
	case SFE_CELL_COUNT:
		snprintf(buf, CELL_BYTES, "%" PRIu32, *(const uint32_t *)p);
		break;
	case SFE_CELL_BIG:
		snprintf(buf, CELL_BYTES, "%" PRIu64, *(const uint64_t *)p);
		break;
	case SFE_CELL_SECONDS:
		sfe_seconds_text(*(const double *)p, buf, CELL_BYTES);
		break;
	case SFE_CELL_WHOLE:
		buf[0] = 0;
		if (isfinite(*(const double *)p))
			snprintf(buf, CELL_BYTES, "%.0f", *(const double *)p);
		break;
	case SFE_CELL_DIGEST:
		snprintf(buf, CELL_BYTES, "0x%016" PRIx64, *(const uint64_t *)p);
		break;
	}
}

/* The column's name without its unit, if the cells show the unit. */
static int name_length(const struct sfe_column *c)
{
	size_t n = strlen(c->name);

	if (c->cell == SFE_CELL_SECONDS && n > 2 && !strcmp(c->name + n - 2, "_s"))
		n -= 2;
	return (int)n;
}

/* Aligns texts to the left and numbers to the right; lines have no trailing blanks. */
static void put(const char *text, int length, int width, bool left, bool last, FILE *out)
{
	int pad = width > length ? width - length : 0;

	if (!left)
		fprintf(out, "%*s", pad, "");
	fprintf(out, "%.*s", length, text);
	if (left && !last)
		fprintf(out, "%*s", pad, "");
	if (last)
		fputc('\n', out);
	else
		fprintf(out, "%*s", GAP, "");
}

/* What each column needs, and whether it says anything: not only zeros and empty cells. */
struct measured {
	int width;
	bool says;
};

static void measure(const struct sfe_table *t, sfe_table_row_fn *row, void *arg, size_t n,
	struct measured *column)
{
	char cell[CELL_BYTES];

	for (unsigned i = 0; i < t->n_columns; i++)
		column[i] = (struct measured){.width = name_length(&t->columns[i])};
	for (size_t r = 0; r < n; r++) {
		const void *p = row(arg, r);
		for (unsigned i = 0; p && i < t->n_columns; i++) {
			text_cell(&t->columns[i], p, cell);
			if ((int)strlen(cell) > column[i].width)
				column[i].width = (int)strlen(cell);
			column[i].says |= cell[0] && strcmp(cell, "0");
		}
	}
}

/* Texts name the row and matter most; columns that say nothing matter least. */
static int class_of(const struct sfe_column *c, const struct measured *m)
{
	return !m->says ? 2 : c->cell == SFE_CELL_TEXT ? 0 : 1;
}

/* Class by class, from left to right, what has room; the first column always. */
static unsigned choose(
	const struct sfe_table *t, const struct measured *column, unsigned width, bool *chosen)
{
	unsigned used = (unsigned)column[0].width, left_out = t->n_columns - 1;

	chosen[0] = true;
	for (int class = 0; class <= 2; class ++) {
		for (unsigned i = 1; i < t->n_columns; i++) {
			unsigned more = GAP + (unsigned)column[i].width;
			if (class_of(&t->columns[i], &column[i]) != class ||
				(width && used + more > width))
				continue;
			chosen[i] = true;
			used += more;
			left_out--;
		}
	}
	return left_out;
}

static void print_headings(const struct sfe_table *t, const struct measured *column,
	const bool *chosen, unsigned last, FILE *out)
{
	for (unsigned i = 0; i <= last; i++)
		if (chosen[i])
			put(t->columns[i].name, name_length(&t->columns[i]), column[i].width,
				t->columns[i].cell == SFE_CELL_TEXT, i == last, out);
}

unsigned sfe_table_write_text_of(const struct sfe_table *t, sfe_table_row_fn *row, void *arg,
	size_t n, unsigned width, FILE *out)
{
	struct measured column[SFE_TABLE_MAX_COLUMNS];
	bool chosen[SFE_TABLE_MAX_COLUMNS] = {false};
	char cell[CELL_BYTES];

	measure(t, row, arg, n, column);
	unsigned left_out = choose(t, column, width, chosen), last = t->n_columns - 1;
	while (!chosen[last])
		last--;
	print_headings(t, column, chosen, last, out);
	for (size_t r = 0; r < n; r++) {
		const void *p = row(arg, r);
		for (unsigned i = 0; p && i <= last; i++) {
			if (!chosen[i])
				continue;
			text_cell(&t->columns[i], p, cell);
			put(cell, (int)strlen(cell), column[i].width,
				t->columns[i].cell == SFE_CELL_TEXT, i == last, out);
		}
	}
	return left_out;
}

unsigned sfe_table_write_text(
	const struct sfe_table *t, const void *rows, size_t n, unsigned width, FILE *out)
{
	return sfe_table_write_text_of(
		t, sfe_table_row_of, &(struct sfe_table_rows){t, rows}, n, width, out);
}

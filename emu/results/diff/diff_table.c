/* SPDX-License-Identifier: MIT */
/* Compares two CSV files of a run: finds the differing row that is first in time, its identity,
 * and the columns that differ. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emu/model/base/encoding.h"
#include "emu/model/base/printable.h"
#include "emu/model/base/text.h"
#include "emu/results/diff/diff_table.h"
#include "emu/results/table_columns.h"

#define MAX_COLUMNS 256
#define SHOWN 80 /* bytes of a field */

struct row {
	const char *field[MAX_COLUMNS];
	size_t len[MAX_COLUMNS];
	unsigned n;
};

struct reader {
	const char *at, *end;
};

/* Columns that identify a row, in this order. */
static const char *const naming[] = {
	"strategy", "job", "step", "client", "node", "link", "from", "to"};
/* The time of a row: the first of these columns that exists. */
static const char *const timing[] = {"request_s", "start_s", "time_s", "at_s", "arrival_s"};

/* One row; quoted fields keep their quotes, the last of the columns has all that is left. False at
 * the end. */
static bool next(struct reader *r, struct row *row)
{
	if (r->at == r->end)
		return false;
	for (row->n = 0;;) {
		const char *start = r->at;
		bool quoted = false;
		while (r->at < r->end && (quoted || (*r->at != ',' && *r->at != '\n')))
			quoted ^= *r->at++ == '"';
		if (row->n < MAX_COLUMNS) {
			row->field[row->n] = start;
			row->len[row->n++] = (size_t)(r->at - start);
		} else {
			row->len[MAX_COLUMNS - 1] = (size_t)(r->at - row->field[MAX_COLUMNS - 1]);
		}
		if (r->at == r->end)
			return true;
		if (*r->at++ == '\n')
			return true;
	}
}

static bool field_differs(const struct row *a, const struct row *b, unsigned i)
{
	return (i < a->n) != (i < b->n) ||
	       (i < a->n &&
		       (a->len[i] != b->len[i] || memcmp(a->field[i], b->field[i], a->len[i])));
}

static unsigned differing(const struct row *a, const struct row *b, unsigned *first)
{
	unsigned n = 0;

	for (unsigned i = 0; i < a->n || i < b->n; i++)
		if (field_differs(a, b, i) && !n++)
			*first = i;
	return n;
}

static unsigned column(const struct row *header, const char *name)
{
	unsigned i = 0;

	while (i < header->n &&
		(header->len[i] != strlen(name) || memcmp(header->field[i], name, header->len[i])))
		i++;
	return i;
}

static double number(const struct row *row, unsigned i)
{
	char text[64];

	if (i >= row->n)
		return INFINITY;
	snprintf(text, sizeof(text), "%.*s", (int)(row->len[i] < 63 ? row->len[i] : 63),
		row->field[i]);
	return text[0] ? strtod(text, NULL) : INFINITY;
}

static int width(const struct row *row, unsigned i)
{
	return i >= row->n ? 0 : row->len[i] < SHOWN ? (int)row->len[i] : SHOWN;
}

static const char *text(const struct row *row, unsigned i)
{
	return i < row->n ? row->field[i] : "";
}

struct found { /* the differing row that is first in time, in the first strategy that differs */
	struct row a, b;
	uint64_t line;
	double time;
	uint64_t rows;
};

/* Appends to the text, as far as there is room. */
__attribute__((format(printf, 2, 3))) static void say(
	struct sfe_difference *d, const char *fmt, ...)
{
	size_t n = strlen(d->what);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(d->what + n, sizeof(d->what) - n, fmt, ap);
	va_end(ap);
}

static void describe(const struct row *header, const struct found *f, struct sfe_difference *d)
{
	unsigned first = 0, others = differing(&f->a, &f->b, &first) - 1;
	const char *between = " (";

	d->what[0] = 0;
	say(d, "line %lu", (unsigned long)f->line);
	for (size_t i = 0; i < sizeof(naming) / sizeof(naming[0]); i++) {
		unsigned c = column(header, naming[i]);
		if (c < f->a.n && width(&f->a, c)) {
			say(d, "%s%s %.*s", between, naming[i], width(&f->a, c), text(&f->a, c));
			between = ", ";
		}
	}
	if (isfinite(f->time)) {
		say(d, "%sat %.9f s", between, f->time);
		between = ", ";
	}
	say(d, "%s: %.*s is '%.*s' and '%.*s'", *between == ',' ? ")" : "", width(header, first),
		text(header, first), width(&f->a, first), text(&f->a, first), width(&f->b, first),
		text(&f->b, first));
	if (others)
		say(d, ", %u more column%s differ%s", others, others > 1 ? "s" : "",
			others > 1 ? "" : "s");
	if (f->rows > 1)
		say(d, "; the first of %lu rows that differ", (unsigned long)f->rows);
	sfe_one_line(d->what); /* quoted fields may hold line ends */
}

static bool same_strategy(const struct row *header, const struct row *x, const struct row *y)
{
	unsigned c = column(header, "strategy");

	return c >= header->n || !field_differs(x, y, c);
}

struct columns { /* the common columns */
	unsigned in_a[MAX_COLUMNS], in_b[MAX_COLUMNS], n;
};

/* The present name of a column of this file. */
static const char *name_of(
	const char *path, const struct row *header, unsigned i, char *buf, size_t size)
{
	const char *file = strrchr(path, '/');
	const struct sfe_table *t;

	snprintf(buf, size, "%.*s", (int)header->len[i], header->field[i]);
	for (unsigned k = 0; (t = sfe_results_table(k)); k++)
		for (unsigned c = 0; !strcmp(t->file, file ? file + 1 : path) && c < t->n_columns;
			c++)
			if (t->columns[c].former && !strcmp(t->columns[c].former, buf))
				return t->columns[c].name;
	return buf;
}

__attribute__((format(printf, 2, 3))) static void say_column(
	struct sfe_difference *d, const char *fmt, ...)
{
	size_t n = strlen(d->columns);
	va_list ap;

	va_start(ap, fmt);
	n += (size_t)snprintf(d->columns + n, sizeof(d->columns) - n, "%s", n ? ", " : "");
	if (n < sizeof(d->columns))
		vsnprintf(d->columns + n, sizeof(d->columns) - n, fmt, ap);
	va_end(ap);
}

/* Matches the columns by name; describes those that only one side has, and renamed ones. */
static void match_columns(const struct sfe_pair *pair, const struct row *a, const struct row *b,
	struct columns *out, struct sfe_difference *d)
{
	bool found[MAX_COLUMNS] = {false};
	char x[SHOWN], y[SHOWN];

	out->n = 0;
	d->columns[0] = 0;
	for (unsigned i = 0; i < a->n; i++) {
		const char *name = name_of(pair->path_a, a, i, x, sizeof(x));
		unsigned k = 0;
		while (k < b->n &&
			(found[k] || strcmp(name, name_of(pair->path_b, b, k, y, sizeof(y)))))
			k++;
		if (k == b->n) {
			say_column(d, "%s is in %s only", name, pair->path_a);
			continue;
		}
		if (field_differs(&(struct row){{a->field[i]}, {a->len[i]}, 1},
			    &(struct row){{b->field[k]}, {b->len[k]}, 1}, 0))
			say_column(d, "%.*s was renamed to %.*s", width(a, i), a->field[i],
				width(b, k), b->field[k]);
		found[k] = true;
		out->in_a[out->n] = i;
		out->in_b[out->n++] = k;
	}
	for (unsigned i = 1; i < out->n; i++)
		if (out->in_b[i] < out->in_b[i - 1]) {
			say_column(d, "they stand in another order");
			break;
		}
	for (unsigned k = 0; k < b->n; k++)
		if (!found[k])
			say_column(d, "%.*s is in %s only", width(b, k), b->field[k], pair->path_b);
	sfe_one_line(d->columns);
}

/* Selects the fields of these columns; fields beyond the header stay. */
static void select_columns(struct row *row, const unsigned *column, unsigned n, unsigned n_header)
{
	struct row out = {.n = 0};

	for (unsigned i = 0; i < n && row->n; i++) {
		bool there = column[i] < row->n;
		out.field[out.n] = there ? row->field[column[i]] : "";
		out.len[out.n++] = there ? row->len[column[i]] : 0;
	}
	for (unsigned i = n_header; i < row->n && out.n < MAX_COLUMNS; i++) {
		out.field[out.n] = row->field[i];
		out.len[out.n++] = row->len[i];
	}
	*row = out;
}

/* The difference that is first in time; false: none in the common columns. */
static bool find(struct reader *a, struct reader *b, const struct row *header,
	const struct columns *both, const unsigned n_header[2], struct found *found)
{
	static const struct row none;
	unsigned when, first;
	uint64_t line = 1;

	for (when = 0; when < sizeof(timing) / sizeof(timing[0]); when++)
		if (column(header, timing[when]) < header->n)
			break;
	when = when < sizeof(timing) / sizeof(timing[0]) ? column(header, timing[when])
							 : MAX_COLUMNS;
	for (;;) {
		struct row row_a, row_b;
		bool more_a = next(a, &row_a), more_b = next(b, &row_b);
		line++;
		if (!more_a && !more_b)
			break;
		if (!more_a)
			row_a = none;
		if (!more_b)
			row_b = none;
		select_columns(&row_a, both->in_a, both->n, n_header[0]);
		select_columns(&row_b, both->in_b, both->n, n_header[1]);
		if (!differing(&row_a, &row_b, &first))
			continue;
		/* Rows missing on one side count, but the row before which it ends is named. */
		if (found->rows && !(more_a && more_b)) {
			found->rows++;
			continue;
		}
		double time = fmin(number(&row_a, when), number(&row_b, when));
		if (!found->rows++ ||
			(time < found->time && same_strategy(header, &found->a, &row_a))) {
			found->a = row_a;
			found->b = row_b;
			found->line = line;
			found->time = time;
		}
	}
	return found->rows;
}

bool sfe_diff_table(const struct sfe_pair *pair, struct sfe_difference *d)
{
	size_t mark_a = sfe_encoding_mark(pair->a, pair->size_a);
	size_t mark_b = sfe_encoding_mark(pair->b, pair->size_b);
	struct reader a = {pair->a + mark_a, pair->a + pair->size_a};
	struct reader b = {pair->b + mark_b, pair->b + pair->size_b};
	struct row header, header_b;
	struct found found = {.time = INFINITY};
	struct columns both;

	if (!next(&a, &header) || !next(&b, &header_b)) {
		snprintf(d->what, sizeof(d->what), "one of them is empty");
		return true;
	}
	const unsigned n_header[2] = {header.n, header_b.n};
	match_columns(pair, &header, &header_b, &both, d);
	if (mark_a != mark_b)
		say_column(d, "%s begins with a byte order mark",
			mark_a ? pair->path_a : pair->path_b);
	if (!both.n) {
		snprintf(d->what, sizeof(d->what), "they have no column in common");
		d->columns[0] = 0;
		return true;
	}
	select_columns(&header, both.in_a, both.n, n_header[0]);
	if (find(&a, &b, &header, &both, n_header, &found)) {
		if (!found.a.n || !found.b.n)
			snprintf(d->what, sizeof(d->what), "%s ends before line %lu",
				found.a.n ? pair->path_b : pair->path_a, (unsigned long)found.line);
		else
			describe(&header, &found, d);
		return true;
	}
	if (d->columns[0])
		return false;
	snprintf(d->what, sizeof(d->what), "its last line ends differently");
	return true;
}

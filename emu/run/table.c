/* SPDX-License-Identifier: MIT */
#include "emu/run/table.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static const void *field(const struct sfe_column *c, const void *row)
{
	return (const char *)row + c->offset;
}

void sfe_table_write_header(const struct sfe_table *t, FILE *out)
{
	for (unsigned i = 0; i < t->n_columns; i++)
		fprintf(out, "%s%s", i ? "," : "", t->columns[i].name);
	fputc('\n', out);
}

/* Quoted only where a reader would else take it apart (RFC 4180). A line stays a line. */
static void write_text(const char *s, FILE *out)
{
	bool quote = strpbrk(s, ",\"\r\n") || *s == ' ' || (*s && s[strlen(s) - 1] == ' ');

	if (!quote) {
		fputs(s, out);
		return;
	}
	fputc('"', out);
	for (; *s; s++) {
		if (*s == '"')
			fputc('"', out);
		fputc(*s == '\n' || *s == '\r' ? ' ' : *s, out);
	}
	fputc('"', out);
}

static void write_number(double x, int digits, FILE *out)
{
	if (isfinite(x))
		fprintf(out, "%.*f", digits, x);
}

static void write_cell(const struct sfe_column *c, const void *row, FILE *out)
{
	const void *p = field(c, row);

	switch (c->cell) {
	case SFE_CELL_TEXT:
		write_text(p, out);
		break;
	case SFE_CELL_COUNT:
		fprintf(out, "%" PRIu32, *(const uint32_t *)p);
		break;
	case SFE_CELL_BIG:
		fprintf(out, "%" PRIu64, *(const uint64_t *)p);
		break;
	case SFE_CELL_SECONDS:
		write_number(*(const double *)p, 9, out);
		break;
	case SFE_CELL_WHOLE:
		write_number(*(const double *)p, 0, out);
		break;
	case SFE_CELL_DIGEST:
		fprintf(out, "0x%016" PRIx64, *(const uint64_t *)p);
		break;
	}
}

void sfe_table_write_row(const struct sfe_table *t, const void *row, FILE *out)
{
	for (unsigned i = 0; i < t->n_columns; i++) {
		if (i)
			fputc(',', out);
		write_cell(&t->columns[i], row, out);
	}
	fputc('\n', out);
}

/* ---- reading */

struct cells { /* of one line, in place */
	char *cell[SFE_TABLE_MAX_COLUMNS];
	unsigned n;
};

/* Takes one field from *at (ends it with 0, unquotes it) and moves on; NULL if its quotes are
 * wrong. */
static char *take_field(char **at)
{
	char *from = *at, *to = from, *start = from;

	if (*from != '"') {
		*at = from + strcspn(from, ",");
		if (**at)
			*(*at)++ = 0;
		else
			*at = NULL;
		return start;
	}
	bool closed = false;
	for (from++; *from && !closed; from++) {
		if (*from == '"' && from[1] != '"') {
			closed = true;
			continue;
		}
		from += *from == '"';
		*to++ = *from;
	}
	if (!closed || (*from && *from != ','))
		return NULL;
	*at = *from ? from + 1 : NULL;
	*to = 0;
	return start;
}

static bool split(char *line, struct cells *out)
{
	char *at = line;

	line[strcspn(line, "\r\n")] = 0;
	for (out->n = 0; at && out->n < SFE_TABLE_MAX_COLUMNS; out->n++)
		if (!(out->cell[out->n] = take_field(&at)))
			return false;
	return !at;
}

static bool read_cell(const struct sfe_column *c, const char *text, void *row)
{
	void *p = (char *)row + c->offset;
	char *end;

	errno = 0;
	switch (c->cell) {
	case SFE_CELL_TEXT:
		return snprintf(p, c->size, "%s", text) < (int)c->size;
	case SFE_CELL_COUNT:
	case SFE_CELL_BIG:
	case SFE_CELL_DIGEST: {
		uint64_t x = strtoull(text, &end, c->cell == SFE_CELL_DIGEST ? 16 : 10);
		if (*text == '-' || end == text || *end || errno ||
			(c->cell == SFE_CELL_COUNT && x > UINT32_MAX))
			return false;
		if (c->cell == SFE_CELL_COUNT)
			*(uint32_t *)p = (uint32_t)x;
		else
			*(uint64_t *)p = x;
		return true;
	}
	case SFE_CELL_SECONDS:
	case SFE_CELL_WHOLE:
		*(double *)p = *text ? strtod(text, &end) : NAN;
		return !*text || (end != text && !*end);
	}
	return false;
}

/* Which cell of a line each column is. */
static int find_columns(
	const struct sfe_table *t, const struct cells *header, unsigned *at, struct sfe_error *err)
{
	for (unsigned i = 0; i < t->n_columns; i++) {
		for (at[i] = 0; at[i] < header->n; at[i]++)
			if (!strcmp(header->cell[at[i]], t->columns[i].name))
				break;
		if (at[i] == header->n)
			return sfe_fail_at(err, -EINVAL, t->file, 1,
				"it is of another version of sfemu: repeat the run",
				"there is no column %s", t->columns[i].name);
	}
	return 0;
}

static int read_row(const struct sfe_table *t, const unsigned *at, unsigned n_header, char *line,
	unsigned number, void *row, struct sfe_error *err)
{
	struct cells cells;

	if (!split(line, &cells) || cells.n != n_header)
		return sfe_fail_at(err, -EINVAL, t->file, number, NULL,
			"not a row of %u columns, as the header has", n_header);
	for (unsigned i = 0; i < t->n_columns; i++)
		if (!read_cell(&t->columns[i], cells.cell[at[i]], row))
			return sfe_fail_at(err, -EINVAL, t->file, number, NULL,
				"column %s: '%.40s' is not one of its values", t->columns[i].name,
				cells.cell[at[i]]);
	return 0;
}

static int read_rows(const struct sfe_table *t, FILE *in, char **line, size_t *room, char **rows,
	unsigned *n, struct sfe_error *err)
{
	unsigned at[SFE_TABLE_MAX_COLUMNS], n_room = 0;
	struct cells header;

	if (getline(line, room, in) <= 0 || !split(*line, &header))
		return sfe_fail_at(err, -EINVAL, t->file, 1, NULL, "there is no header");
	int r = find_columns(t, &header, at, err);
	for (unsigned number = 2; !r && getline(line, room, in) > 0; number++) {
		if (*n == n_room) {
			n_room = n_room ? 2 * n_room : 64;
			char *more = reallocarray(*rows, n_room, t->row_size);
			if (!more)
				return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
			*rows = more;
		}
		memset(*rows + *n * t->row_size, 0, t->row_size);
		r = read_row(t, at, header.n, *line, number, *rows + *n * t->row_size, err);
		*n += !r;
	}
	if (!r && ferror(in))
		r = sfe_fail(err, -EIO, t->file, NULL, "cannot read it to its end");
	return r;
}

int sfe_table_read(
	const struct sfe_table *t, FILE *in, void **rows, unsigned *n, struct sfe_error *err)
{
	char *line = NULL, *all = NULL;
	size_t room = 0;

	*n = 0;
	int r = read_rows(t, in, &line, &room, &all, n, err);
	free(line);
	if (r) {
		free(all);
		return r;
	}
	*rows = all;
	return 0;
}

void sfe_table_describe(const struct sfe_table *t, FILE *out)
{
	fprintf(out, "## %s\n\nA row is %s.\n\n", t->file, t->a_row);
	fprintf(out, "| column | unit | meaning |\n| --- | --- | --- |\n");
	for (unsigned i = 0; i < t->n_columns; i++)
		fprintf(out, "| `%s` | %s | %s |\n", t->columns[i].name, t->columns[i].unit,
			t->columns[i].meaning);
}

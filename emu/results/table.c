/* SPDX-License-Identifier: MIT */
#include "emu/results/table.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "emu/model/base/csv_line.h"
#include "emu/model/base/printable.h"

/* memory for rows that a short file may always use */
#define FREE_BYTES (64u << 10)

static const void *field(const struct sfe_column *c, const void *row)
{
	return (const char *)row + c->offset;
}

struct sfe_table sfe_table_without(const struct sfe_table *t, unsigned n)
{
	struct sfe_table less = *t;

	less.n_columns -= n;
	less.n_optional -= n;
	return less;
}

struct sfe_table sfe_table_plain(const struct sfe_table *t)
{
	return sfe_table_without(t, t->n_optional);
}

void sfe_table_copy_begin(struct sfe_table_copy *copy, const struct sfe_table *t, unsigned n)
{
	copy->table = *t;
	copy->table.columns = copy->columns;
	copy->table.n_columns = copy->table.n_optional = 0;
	sfe_table_copy_add(copy, t, 0, n);
}

void sfe_table_copy_add(
	struct sfe_table_copy *copy, const struct sfe_table *t, unsigned first, unsigned n)
{
	memcpy(copy->columns + copy->table.n_columns, t->columns + first,
		n * sizeof(*copy->columns));
	copy->table.n_columns += n;
}

void sfe_table_write_header(const struct sfe_table *t, FILE *out)
{
	for (unsigned i = 0; i < t->n_columns; i++)
		fprintf(out, "%s%s", i ? "," : "", t->columns[i].name);
	fputc('\n', out);
}

/* What a spreadsheet takes for a formula: it would compute it, and could fetch what it names. */
static bool is_formula(const char *s)
{
	char *end;

	if (!*s || !strchr("=+-@\t\r", *s))
		return false;
	strtod(s, &end);
	return end == s || *end;
}

/* A character, or what stands for one that a terminal would obey. A line stays a line. */
static const char *write_character(const char *s, FILE *out)
{
	int n = sfe_printable_bytes(s);

	if (*s == '"')
		fputc('"', out);
	if (n)
		fwrite(s, 1, (size_t)n, out);
	else
		fputc(*s == '\n' || *s == '\r' ? ' ' : '?', out);
	return s + (n ? n : 1);
}

/* Quoted only where a reader would else take it apart (RFC 4180). A formula becomes a text. */
void sfe_table_write_cell(const char *s, FILE *out)
{
	bool quote = strpbrk(s, ",\"\r\n") || *s == ' ' || (*s && s[strlen(s) - 1] == ' ');

	if (quote)
		fputc('"', out);
	if (is_formula(s))
		fputc('\'', out);
	while (*s)
		s = write_character(s, out);
	if (quote)
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
		sfe_table_write_cell(p, out);
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

static bool read_cell(const struct sfe_column *c, const char *text, void *row)
{
	void *p = (char *)row + c->offset;
	char *end;

	errno = 0;
	switch (c->cell) {
	case SFE_CELL_TEXT:
		if (snprintf(p, c->size, "%s", text) >= (int)c->size)
			return false;
		/* A guest may have written it. */
		sfe_make_printable(p);
		return true;
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

/* Whether the column may be missing in files of other versions. */
static bool may_be_missing(const struct sfe_column *c)
{
	return c->cell != SFE_CELL_COUNT && c->cell != SFE_CELL_DIGEST;
}

struct reading { /* state of reading one file */
	const struct sfe_table *t;
	FILE *in;
	char *line;        /* of SFE_TABLE_MAX_LINE_BYTES */
	uint64_t in_bytes; /* read so far */
	unsigned n_header;
	unsigned at[SFE_TABLE_MAX_COLUMNS]; /* the cell of a line for each column */
	char *rows;
	unsigned n, n_room;
	uint64_t most_bytes;         /* of rows in memory */
	sfe_table_wanted_fn *wanted; /* NULL: all rows are */
	void *wanted_arg;
	bool lenient;
	char *note; /* for lenient reading */
	size_t note_size;
};

/* The index of a header cell; the number of cells: none. */
static unsigned find_cell(const struct sfe_csv_cells *header, const char *name)
{
	unsigned i = 0;

	while (i < header->n && strcmp(header->at[i], name))
		i++;
	return i;
}

static int find_columns(
	struct reading *r, const struct sfe_csv_cells *header, struct sfe_error *err)
{
	const struct sfe_table *t = r->t;
	size_t said = 0;

	for (unsigned i = 0; i < t->n_columns; i++) {
		r->at[i] = find_cell(header, t->columns[i].name);
		if (r->at[i] == header->n && t->columns[i].former)
			r->at[i] = find_cell(header, t->columns[i].former);
		if (r->at[i] < header->n)
			continue;
		if (i >= t->n_columns - t->n_optional)
			continue;
		if (!r->lenient || !may_be_missing(&t->columns[i]))
			return sfe_fail_at(err, -EINVAL, t->file, 1,
				"it is of another version of sfemu: repeat the run",
				"there is no column %s", t->columns[i].name);
		if (said < r->note_size)
			said += (size_t)snprintf(r->note + said, r->note_size - said, "%s%s",
				said ? ", "
				     : "it is of another version of sfemu; it has no column ",
				t->columns[i].name);
	}
	r->n_header = header->n;
	return 0;
}

static int read_row(struct reading *r, unsigned number, void *row, struct sfe_error *err)
{
	const struct sfe_table *t = r->t;
	struct sfe_csv_cells cells;

	if (!sfe_csv_split(r->line, &cells) || cells.n != r->n_header)
		return sfe_fail_at(err, -EINVAL, t->file, number, NULL,
			"not a row of %u columns, as the header has", r->n_header);
	for (unsigned i = 0; i < t->n_columns; i++) {
		const char *text = r->at[i] < r->n_header ? cells.at[r->at[i]] : "";
		bool present = r->at[i] < r->n_header || t->columns[i].cell != SFE_CELL_BIG;
		if (present && !read_cell(&t->columns[i], text, row))
			return sfe_fail_at(err, -EINVAL, t->file, number, NULL,
				"column %s: '%.40s' is not one of its values", t->columns[i].name,
				text);
	}
	return 0;
}

/* Reads the next line into r->line: its length, 0 at the end of the file, -EFBIG for a line that
 * is too long. */
static int next_line(struct reading *r)
{
	int c = EOF, n = 0;

	flockfile(r->in);
	while (n < (int)SFE_TABLE_MAX_LINE_BYTES - 1 && c != '\n' &&
		(c = getc_unlocked(r->in)) != EOF)
		r->line[n++] = (char)c;
	funlockfile(r->in);
	r->line[n] = 0;
	r->in_bytes += (uint64_t)n;
	return c != EOF && c != '\n' ? -EFBIG : n;
}

static int add_row(struct reading *r, unsigned number, struct sfe_error *err)
{
	size_t size = r->t->row_size;

	if ((uint64_t)r->n * size > SFE_TABLE_MAX_GROWTH * r->in_bytes + FREE_BYTES)
		return sfe_fail_at(err, -EFBIG, r->t->file, number, NULL,
			"its rows are shorter than any that a run writes");
	if (((uint64_t)r->n + 1) * size > r->most_bytes)
		return sfe_fail_at(err, -EFBIG, r->t->file, number, NULL,
			"the rows of all tables take more memory than they may");
	if (r->n == r->n_room) {
		unsigned room = r->n_room ? 2 * r->n_room : 64;
		char *more = reallocarray(r->rows, room, size);
		if (!more)
			return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
		r->rows = more;
		r->n_room = room;
	}
	memset(r->rows + r->n * size, 0, size);
	int bad = read_row(r, number, r->rows + r->n * size, err);
	r->n += !bad && (!r->wanted || r->wanted(r->wanted_arg, r->rows + r->n * size));
	return bad;
}

static int read_rows(struct reading *r, struct sfe_error *err)
{
	struct sfe_csv_cells header;
	struct sfe_error wrong = {0};
	char text[1100];

	if (next_line(r) <= 0 || !sfe_csv_split(r->line, &header))
		return sfe_fail_at(err, -EINVAL, r->t->file, 1, NULL, "there is no header");
	int bad = find_columns(r, &header, err), got = 0;
	if (bad)
		return bad;
	for (unsigned number = 2; !bad && (got = next_line(r)) > 0; number++)
		bad = add_row(r, number, &wrong);
	if (!bad && got < 0)
		bad = sfe_fail(&wrong, got, r->t->file, NULL, "has a line of more than %u bytes",
			SFE_TABLE_MAX_LINE_BYTES - 1);
	if (!bad && ferror(r->in))
		bad = sfe_fail(&wrong, -EIO, r->t->file, NULL, "cannot read it to its end");
	if (bad && r->lenient && bad != -ENOMEM) {
		snprintf(r->note, r->note_size, "%s; the %u rows before it are used",
			sfe_error_text(&wrong, text, sizeof(text)), r->n);
		return 0;
	}
	if (bad && err)
		*err = wrong;
	return bad;
}

static int read_table(struct reading *r, void **rows, unsigned *n, struct sfe_error *err)
{
	r->line = malloc(SFE_TABLE_MAX_LINE_BYTES);
	int bad = r->line ? read_rows(r, err) : sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");

	free(r->line);
	*n = bad ? 0 : r->n;
	if (bad)
		free(r->rows);
	else
		*rows = r->rows;
	return bad;
}

int sfe_table_read(
	const struct sfe_table *t, FILE *in, void **rows, unsigned *n, struct sfe_error *err)
{
	struct reading r = {.t = t, .in = in, .most_bytes = UINT64_MAX};

	return read_table(&r, rows, n, err);
}

int sfe_table_read_rest(const struct sfe_table *t, FILE *in, uint64_t most_bytes, void **rows,
	unsigned *n, char *note, size_t note_size, struct sfe_error *err)
{
	struct reading r = {.t = t,
		.in = in,
		.most_bytes = most_bytes,
		.lenient = true,
		.note = note,
		.note_size = note_size};

	note[0] = 0;
	return read_table(&r, rows, n, err);
}

int sfe_table_read_wanted(const struct sfe_table *t, FILE *in, sfe_table_wanted_fn *wanted,
	void *arg, uint64_t most_bytes, void **rows, unsigned *n, char *note, size_t note_size,
	struct sfe_error *err)
{
	struct reading r = {.t = t,
		.in = in,
		.most_bytes = most_bytes,
		.wanted = wanted,
		.wanted_arg = arg,
		.lenient = true,
		.note = note,
		.note_size = note_size};

	note[0] = 0;
	return read_table(&r, rows, n, err);
}

void sfe_table_describe(const struct sfe_table *t, FILE *out)
{
	fprintf(out, "## %s\n\nA row is %s.\n\n", t->file, t->a_row);
	fprintf(out, "| column | unit | meaning |\n| --- | --- | --- |\n");
	for (unsigned i = 0; i < t->n_columns; i++)
		fprintf(out, "| `%s` | %s | %s%s%s%s |\n", t->columns[i].name, t->columns[i].unit,
			t->columns[i].meaning, t->columns[i].former ? "; formerly `" : "",
			t->columns[i].former ? t->columns[i].former : "",
			t->columns[i].former ? "`" : "");
}

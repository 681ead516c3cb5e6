/* SPDX-License-Identifier: MIT */
/*
 * A CSV file as a table of columns. Header, rows, reading and the data dictionary (docs/results.md)
 * all come from it.
 *
 * A row is a struct, a column one of its fields. The column's name is the field's name, which ends
 * with the unit. Files follow RFC 4180: texts are quoted where necessary, and a missing value is an
 * empty field, which pandas and R read as missing.
 */
#ifndef SFE_RESULTS_TABLE_H
#define SFE_RESULTS_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "sfemu/error.h"
#include "sfemu/topology.h"

/* A name in a row; also a host between two links, "a~b". */
#define SFE_NAME_BYTES (2 * SFE_MAX_NAME + 2)

/* How a field is stored and written. */
enum sfe_cell {
	SFE_CELL_TEXT,    /* char[] */
	SFE_CELL_COUNT,   /* uint32_t */
	SFE_CELL_BIG,     /* uint64_t */
	SFE_CELL_SECONDS, /* double, nine digits after the point; NaN: empty */
	SFE_CELL_WHOLE,   /* double without fraction; NaN: empty */
	SFE_CELL_DIGEST,  /* uint64_t; 0x and 16 hex digits, so that programs do not parse it as a
			     number */
};

struct sfe_column {
	const char *name, *unit, *meaning; /* unit: "" for names and texts */
	enum sfe_cell cell;
	size_t offset, size;
	const char *former; /* former name, read from older files; NULL: none */
};

/* row: the struct's type. */
#define SFE_COLUMN(row, field, cell, unit, meaning)                                                \
	{                                                                                          \
#field, unit, meaning, cell, offsetof(row, field), sizeof(((row *)0)->field)       \
	}

/* The same for a renamed column. */
#define SFE_COLUMN_RENAMED(row, field, was, cell, unit, meaning)                                   \
	{                                                                                          \
#field, unit, meaning, cell, offsetof(row, field), sizeof(((row *)0)->field), was  \
	}

#define SFE_TABLE_MAX_COLUMNS 256u
#define SFE_TABLE_MAX_LINE_BYTES (64u << 10)
/* Rows may use this many times the memory of their text, plus a little: shorter rows than sfemu
 * writes are refused. */
#define SFE_TABLE_MAX_GROWTH 16u

struct sfe_table {
	const char *file;
	const char *a_row; /* description of a row: "a job under a strategy" */
	const struct sfe_column *columns;
	unsigned n_columns;
	size_t row_size;
	unsigned n_optional; /* the last so many columns: only some runs have them */
};

/* The same table without its optional columns. */
struct sfe_table sfe_table_plain(const struct sfe_table *t);
/* The same table without the last n of them. */
struct sfe_table sfe_table_without(const struct sfe_table *t, unsigned n);

/* A table with columns of its own. */
struct sfe_table_copy {
	struct sfe_table table;
	struct sfe_column columns[SFE_TABLE_MAX_COLUMNS];
};
/* Begins a copy with the first n columns of the table, all of which every run has. */
void sfe_table_copy_begin(struct sfe_table_copy *copy, const struct sfe_table *t, unsigned n);
/* Adds n columns of it, from the first on. */
void sfe_table_copy_add(
	struct sfe_table_copy *copy, const struct sfe_table *t, unsigned first, unsigned n);

void sfe_table_write_header(const struct sfe_table *t, FILE *out);
/* A text as one cell: quoted if it needs to be (RFC 4180), without control characters, and never a
 * formula. */
void sfe_table_write_cell(const char *text, FILE *out);
void sfe_table_write_row(const struct sfe_table *t, const void *row, FILE *out);

/*
 * Reads all rows. Columns are found by name, or former name, in the header: unknown ones are
 * skipped, a missing one is an error (a file of another version) unless it is optional: then
 * uint64_t are 0 and double are NaN. *rows is an array of t->row_size, the caller's. Errors are
 * -EINVAL with file:line.
 */
int sfe_table_read(
	const struct sfe_table *t, FILE *in, void **rows, unsigned *n, struct sfe_error *err);

/*
 * The same of a file that may be damaged or of another version: keeps the rows before the first
 * that cannot be read, and takes a missing column of times or texts for empty, of uint64_t for 0. 0
 * also then: note says what was wrong, and is "" if nothing was. Errors are those where nothing can
 * be used. The rows take most_bytes of memory at most.
 */
int sfe_table_read_rest(const struct sfe_table *t, FILE *in, uint64_t most_bytes, void **rows,
	unsigned *n, char *note, size_t note_size, struct sfe_error *err);

/* The same, of the rows that are wanted only. */
typedef bool sfe_table_wanted_fn(void *arg, const void *row);
int sfe_table_read_wanted(const struct sfe_table *t, FILE *in, sfe_table_wanted_fn *wanted,
	void *arg, uint64_t most_bytes, void **rows, unsigned *n, char *note, size_t note_size,
	struct sfe_error *err);

/*
 * Rows generated one at a time, for tables larger than memory. Returns row number i, valid until
 * the next call; NULL: past the last.
 */
typedef const void *sfe_table_row_fn(void *arg, size_t i);
/* The same for an array; arg is a struct sfe_table_rows. */
struct sfe_table_rows {
	const struct sfe_table *table;
	const void *at;
};
sfe_table_row_fn sfe_table_row_of;

/* Writes rows 0 to n - 1 as a JSON array of objects. */
void sfe_table_write_json_of(
	const struct sfe_table *t, sfe_table_row_fn *row, void *arg, size_t n, FILE *out);
/*
 * Writes the same rows as aligned columns for people; reads each row twice. Writes the columns that
 * fit into lines of that width (0: all): texts first, columns of zeros last. Returns how many it
 * left out.
 */
unsigned sfe_table_write_text_of(const struct sfe_table *t, sfe_table_row_fn *row, void *arg,
	size_t n, unsigned width, FILE *out);

void sfe_table_write_json_row(const struct sfe_table *t, const void *row, FILE *out);
void sfe_table_write_json_values(
	const struct sfe_table *t, const void *row, FILE *out); /* [1, 2] */
/* sfe_table_write_text_of for the rows of an array. */
unsigned sfe_table_write_text(
	const struct sfe_table *t, const void *rows, size_t n, unsigned width, FILE *out);

/* Writes a text as a JSON string. */
void sfe_json_text(const char *s, FILE *out);

/* 12.3 ms, 4.56 s: three digits and a suitable unit; "" for NaN. Returns buf. */
const char *sfe_seconds_text(double s, char *buf, size_t size);

/* Writes the table's part of the data dictionary, in Markdown. */
void sfe_table_describe(const struct sfe_table *t, FILE *out);

#endif

/* SPDX-License-Identifier: MIT */
/* A table that fits a terminal: it omits the least important columns. */
#ifndef SFE_BASE_FIT_TABLE_H
#define SFE_BASE_FIT_TABLE_H

#include <stdio.h>

struct sfe_fit_column {
	const char *group; /* printed above adjacent columns with the same group; may be NULL */
	const char *heading;
	unsigned rank; /* 0: most important; among equal ranks the first in the table */
};

struct sfe_fit_table {
	const struct sfe_fit_column *column;
	unsigned n_columns;
	char **cell; /* row by row */
	unsigned n_cells, room;
	int failed; /* -ENOMEM: a cell is missing, and no table is printed */
};

/* Adds the next cell. Errors are kept in t->failed. */
void sfe_fit_cell(struct sfe_fit_table *t, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/*
 * Prints the columns that fit into the width, in their order, the first one always. The first
 * column is aligned to the left, others to the right. Returns the number of omitted columns.
 */
unsigned sfe_fit_print(const struct sfe_fit_table *t, unsigned width, FILE *out);
void sfe_fit_free(struct sfe_fit_table *t);

#endif

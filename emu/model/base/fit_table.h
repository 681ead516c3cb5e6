/* SPDX-License-Identifier: MIT */
/* A table that fits a terminal: of its columns, those that matter most and have room. */
#ifndef SFE_BASE_FIT_TABLE_H
#define SFE_BASE_FIT_TABLE_H

#include <stdio.h>

struct sfe_fit_column {
	const char *group; /* printed above the headings of neighbours with the same; may be NULL */
	const char *heading;
	unsigned rank; /* 0 matters most; of equal ranks the first in the table */
};

struct sfe_fit_table {
	const struct sfe_fit_column *column;
	unsigned n_columns;
	char **cell; /* row by row */
	unsigned n_cells, room;
	int failed; /* -ENOMEM */
};

/* Adds the next cell. A failure is kept in t->failed. */
void sfe_fit_cell(struct sfe_fit_table *t, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/*
 * Prints the columns that fit into a line of that width, in their order; the first one always. Text
 * of the first column stands left, all other text right. Returns how many columns were left out.
 */
unsigned sfe_fit_print(const struct sfe_fit_table *t, unsigned width, FILE *out);
void sfe_fit_free(struct sfe_fit_table *t);

#endif

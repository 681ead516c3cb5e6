/* SPDX-License-Identifier: MIT */
/* A growing array of the rows of a table: the data of a figure. */
#ifndef SFE_REPORT_ROWS_H
#define SFE_REPORT_ROWS_H

#include <stdbool.h>

#include "emu/results/table.h"

struct sfe_rows {
	const struct sfe_table *table;
	void *row;
	unsigned n, room;
	bool whole; /* of a file that is there and was read to its end */
};

/* Adds a row of zeros; NULL: out of memory. Pointers to earlier rows become invalid. */
void *sfe_rows_add(struct sfe_rows *rows);
void sfe_rows_free(struct sfe_rows *rows);

#define SFE_REPORT_TABLE(name_, file_, a_row_, columns_, row_)                                     \
	static const struct sfe_table name_ = {.file = file_,                                      \
		.a_row = a_row_,                                                                   \
		.columns = columns_,                                                               \
		.n_columns = sizeof(columns_) / sizeof((columns_)[0]),                             \
		.row_size = sizeof(row_)}

#endif

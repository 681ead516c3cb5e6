/* SPDX-License-Identifier: MIT */
/* The cells of a line of CSV (RFC 4180, without line ends in cells). */
#ifndef SFE_BASE_CSV_LINE_H
#define SFE_BASE_CSV_LINE_H

#include <stdbool.h>

#define SFE_CSV_MAX_CELLS 512u

struct sfe_csv_cells {
	char *at[SFE_CSV_MAX_CELLS]; /* into the line */
	bool quoted[SFE_CSV_MAX_CELLS];
	unsigned n;
};

/* Splits a line in place, without its line end; false: its quotes are wrong, or it has too many
 * cells. */
bool sfe_csv_split(char *line, struct sfe_csv_cells *out);

#endif

/* SPDX-License-Identifier: MIT */
/* Tables and files of a run that are put together as they are. */
#ifndef SFE_GUESTS_MERGE_TABLES_H
#define SFE_GUESTS_MERGE_TABLES_H

#include "emu/results/table.h"

/* Appends the rows of all tables in the folder part to those in the folder dir. The header stands
 * once, and is the same in each. What was appended is removed from part. */
int sfe_merge_tables(int dir, int part, struct sfe_error *err);
/* Reads a table of a guest: no link, and no file with another name. As sfe_table_read; -ENOENT:
 * there is none. */
int sfe_merge_read_table(
	int part, const struct sfe_table *table, void **rows, unsigned *n, struct sfe_error *err);
/* Copies a file if there is one. */
int sfe_merge_copy(int dir, int part, const char *name, struct sfe_error *err);

#endif

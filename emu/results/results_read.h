/* SPDX-License-Identifier: MIT */
/*
 * A results folder as somebody else's: what is read of it is a regular file beneath it, and no
 * larger than its limit. The same limits hold for folders of our own runs.
 */
#ifndef SFE_RESULTS_RESULTS_READ_H
#define SFE_RESULTS_RESULTS_READ_H

#include "emu/results/read_limits.h"
#include "emu/results/table.h"

/* A file of the folder for reading; NULL and err on failure (-ENOENT: there is none). */
FILE *sfe_results_read(int dir, const char *name, struct sfe_error *err);
/* A whole table of the folder, as sfe_table_read has it. */
int sfe_results_read_table(
	int dir, const struct sfe_table *table, void **rows, unsigned *n, struct sfe_error *err);

/* The same of a table that may be damaged, as sfe_table_read_rest has it; rows beyond the most are
 * left out with a note.
 * What the rows take of memory is taken from *room bytes. */
int sfe_results_read_rest(int dir, const struct sfe_table *table, uint64_t *room, void **rows,
	unsigned *n, char *note, size_t note_size, struct sfe_error *err);

#endif

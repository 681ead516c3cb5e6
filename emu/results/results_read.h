/* SPDX-License-Identifier: MIT */
/*
 * Reads an untrusted results folder: only regular files beneath it, up to their limits
 * (read_limits.h). The limits also hold for one's own runs.
 */
#ifndef SFE_RESULTS_RESULTS_READ_H
#define SFE_RESULTS_RESULTS_READ_H

#include "emu/results/read_limits.h"
#include "emu/results/table.h"

/* Opens a file for reading; NULL and err on failure (-ENOENT: it does not exist). */
FILE *sfe_results_read(int dir, const char *name, struct sfe_error *err);
/* Reads a whole table, as sfe_table_read. */
int sfe_results_read_table(
	int dir, const struct sfe_table *table, void **rows, unsigned *n, struct sfe_error *err);

/*
 * Calls look for each row and keeps none; what it returns is not used. The file is of a guest: it
 * must have no other name. A row that cannot be read is an error (-EPROTO), after those before it.
 */
int sfe_results_each_row(int dir, const struct sfe_table *table, sfe_table_wanted_fn *look,
	void *arg, struct sfe_error *err);

/* Reads a table that may be damaged, as sfe_table_read_rest has it; rows beyond the most are
 * left out with a note.
 * What the rows take of memory is taken from *room bytes. */
int sfe_results_read_rest(int dir, const struct sfe_table *table, uint64_t *room, void **rows,
	unsigned *n, char *note, size_t note_size, struct sfe_error *err);

#endif

/* SPDX-License-Identifier: MIT */
#include "emu/results/results_read.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "emu/experiment/cloud.h"
#include "emu/experiment/experiment.h"
#include "emu/model/base/encoding.h"
#include "emu/results/read_limits.h"
#include "emu/results/table_columns.h"
#include "emu/security/beneath.h"
#include "emu/security/folder.h"
#include "sfemu/scenario.h"

FILE *sfe_results_read(int dir, const char *name, struct sfe_error *err)
{
	FILE *f = sfe_folder_open(dir, name, sfe_results_limit(name), err);

	if (f && sfe_encoding_begin(f, name, err)) {
		fclose(f);
		return NULL;
	}
	return f;
}

static unsigned most_rows(const struct sfe_table *table)
{
	return table == &sfe_summary_csv || table == &sfe_fidelity_csv ? SFE_LIMIT_SUMMARY_ROWS
	       : table == &sfe_captures_csv                            ? SFE_LIMIT_CAPTURE_POINTS
								       : UINT32_MAX;
}

int sfe_results_read_table(
	int dir, const struct sfe_table *table, void **rows, unsigned *n, struct sfe_error *err)
{
	struct sfe_error own = {0};
	FILE *f = sfe_results_read(dir, table->file, &own);

	*rows = NULL;
	*n = 0;
	int r = f ? sfe_table_read(table, f, rows, n, &own) : own.code;
	if (f)
		fclose(f);
	if (!r && *n > most_rows(table)) {
		free(*rows);
		*rows = NULL;
		r = sfe_fail(&own, -EFBIG, table->file, NULL,
			"has %u rows, more than the %u that a run can have", *n, most_rows(table));
		*n = 0;
	}
	if (r && err)
		*err = own;
	return r;
}

struct looking {
	sfe_table_wanted_fn *look;
	void *arg;
};

static bool look_at(void *looking, const void *row)
{
	const struct looking *l = looking;

	l->look(l->arg, row);
	return false;
}

int sfe_results_each_row(int dir, const struct sfe_table *table, sfe_table_wanted_fn *look,
	void *arg, struct sfe_error *err)
{
	struct looking looking = {look, arg};
	char note[256] = "";
	void *rows = NULL;
	unsigned n = 0;
	FILE *f = sfe_folder_open_single(dir, table->file, UINT64_MAX, err);

	if (!f)
		return err->code;
	int r = sfe_table_read_wanted(
		table, f, look_at, &looking, UINT64_MAX, &rows, &n, note, sizeof(note), err);
	fclose(f);
	free(rows);
	return !r && note[0] ? sfe_fail(err, -EPROTO, table->file, NULL, "%s", note) : r;
}

int sfe_results_read_rest(int dir, const struct sfe_table *table, uint64_t *room, void **rows,
	unsigned *n, char *note, size_t note_size, struct sfe_error *err)
{
	FILE *f = sfe_results_read(dir, table->file, err);

	*rows = NULL;
	*n = 0;
	if (!f)
		return err ? err->code : -EIO;
	int r = sfe_table_read_rest(table, f, *room, rows, n, note, note_size, err);
	fclose(f);
	if (!r && *n > most_rows(table)) {
		snprintf(note, note_size,
			"it has %u rows, and the first %u, the most that a run can have, are used",
			*n, most_rows(table));
		*n = most_rows(table);
	}
	*room -= (uint64_t)*n * table->row_size;
	return r;
}

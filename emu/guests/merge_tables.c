/* SPDX-License-Identifier: MIT */
#include "emu/guests/merge_tables.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "emu/results/read_limits.h"
#include "emu/results/results_file.h"
#include "emu/results/table_columns.h"
#include "emu/security/beneath.h"
#include "emu/security/folder.h"

#define BUFFER_BYTES (256u << 10)

int sfe_merge_read_table(
	int part, const struct sfe_table *table, void **rows, unsigned *n, struct sfe_error *err)
{
	FILE *f = sfe_folder_open_single(part, table->file, sfe_results_limit(table->file), err);

	*rows = NULL;
	*n = 0;
	if (!f)
		return err->code;
	int r = sfe_table_read(table, f, rows, n, err);
	fclose(f);
	return r;
}

/* Opens a file of a guest; NULL and *code 0: there is none. */
static FILE *open_part(int part, const char *name, int *code, struct sfe_error *err)
{
	struct sfe_error why = {0};
	FILE *f = sfe_folder_open_single(part, name, UINT64_MAX, &why);

	*code = f || why.code == -ENOENT ? 0 : why.code;
	if (*code)
		*err = why;
	return f;
}

static int copy_rest(FILE *in, FILE *out, const char *name, struct sfe_error *err)
{
	char *buffer = malloc(BUFFER_BYTES);
	size_t n;

	if (!buffer)
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	while (!ferror(out) && (n = fread(buffer, 1, BUFFER_BYTES, in)) > 0)
		fwrite(buffer, 1, n, out);
	free(buffer);
	return ferror(in) ? sfe_fail(err, -EIO, name, NULL, "cannot read what the guest has left")
			  : 0;
}

/* The same of a table, without a last line that has no end: a run that was killed may leave one. */
static int copy_rows(FILE *in, FILE *out, const char *name, struct sfe_error *err)
{
	char *buffer = malloc(BUFFER_BYTES);
	size_t kept = 0, n;
	int r = 0;

	if (!buffer)
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	while (!r && !ferror(out) && (n = fread(buffer + kept, 1, BUFFER_BYTES - kept, in)) > 0) {
		const char *end = memrchr(buffer, '\n', kept + n);
		size_t whole = end ? (size_t)(end + 1 - buffer) : 0;
		if (!end && kept + n == BUFFER_BYTES)
			r = sfe_fail(err, -EPROTO, name, NULL, "has a line without an end");
		fwrite(buffer, 1, whole, out);
		kept += n - whole;
		memmove(buffer, buffer + whole, kept);
	}
	free(buffer);
	return !r && ferror(in)
		       ? sfe_fail(err, -EIO, name, NULL, "cannot read what the guest has left")
		       : r;
}

int sfe_merge_copy(int dir, int part, const char *name, struct sfe_error *err)
{
	int r;
	FILE *in = open_part(part, name, &r, err);

	if (!in)
		return r;
	FILE *out = sfe_results_open(dir, name, "w", err);
	r = out ? copy_rest(in, out, name, err) : err->code;
	fclose(in);
	if (out) {
		int closed = sfe_results_close(out, name, r ? NULL : err);
		r = r ? r : closed;
	}
	return r;
}

/* The first line of a file, with its end. Returns "" if it is longer than a line of a table. */
static const char *first_line(FILE *f, char *line, size_t size)
{
	if (!fgets(line, (int)size, f) || !strchr(line, '\n'))
		line[0] = 0;
	return line;
}

/* All strategies of a run have the same columns. */
static int check_header(int dir, const char *name, const char *header, struct sfe_error *err)
{
	char *line = malloc(SFE_TABLE_MAX_LINE_BYTES);
	FILE *f = line ? sfe_folder_open(dir, name, UINT64_MAX, err) : NULL;
	int r = !line ? sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory") : f ? 0 : err->code;

	if (!r && strcmp(first_line(f, line, SFE_TABLE_MAX_LINE_BYTES), header) != 0)
		r = sfe_fail(err, -EPROTO, name, NULL,
			"has other columns than that of the strategies before");
	if (f)
		fclose(f);
	free(line);
	return r;
}

/* The rows of a table, after those of the strategies before; the header once. */
static int append(int dir, int part, const char *name, char *line, struct sfe_error *err)
{
	int r;
	FILE *in = open_part(part, name, &r, err);

	if (!in)
		return r;
	bool begun = sfe_beneath_exists(dir, name);
	first_line(in, line, SFE_TABLE_MAX_LINE_BYTES);
	/* A run that was killed may leave an empty file. */
	if (line[0] && begun)
		r = check_header(dir, name, line, err);
	FILE *out = r || !line[0] ? NULL : sfe_results_open(dir, name, begun ? "a" : "w", err);
	if (!r && line[0] && !out)
		r = err->code;
	if (out) {
		if (!begun)
			fputs(line, out);
		r = copy_rows(in, out, name, err);
		int closed = sfe_results_close(out, name, r ? NULL : err);
		r = r ? r : closed;
	}
	fclose(in);
	if (!r)
		sfe_folder_unlink(part, name);
	return r;
}

int sfe_merge_tables(int dir, int part, struct sfe_error *err)
{
	static const struct sfe_table *const tables[] = {&sfe_jobs_csv, &sfe_invocations_csv,
		&sfe_transfers_csv, &sfe_attempts_csv, &sfe_starts_csv, &sfe_choices_csv,
		&sfe_links_csv, &sfe_summary_csv, &sfe_events_csv, &sfe_traffic_csv,
		&sfe_dynamic_calls_csv, &sfe_shared_csv, &sfe_warm_up_csv};
	char *line = malloc(SFE_TABLE_MAX_LINE_BYTES);
	int r = line ? 0 : sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");

	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]) && !r; i++)
		r = append(dir, part, tables[i]->file, line, err);
	free(line);
	return r;
}

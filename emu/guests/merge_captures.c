/* SPDX-License-Identifier: MIT */
#include "emu/guests/merge_captures.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "emu/guests/merge_tables.h"
#include "emu/results/capture_files.h"
#include "emu/results/read_limits.h"
#include "emu/results/results_file.h"
#include "emu/run/capture.h"
#include "emu/security/beneath.h"

#define FOLDER "captures"
#define FILE_BYTES (SFE_NAME_BYTES + 32)

int sfe_merged_captures_open(struct sfe_merged_captures *c, const struct sfe_experiment *e, int dir,
	struct sfe_error *err)
{
	*c = (struct sfe_merged_captures){.scenario = e->scenario, .dir = dir};
	int r = sfe_capture_rows(e, &c->rows, &c->n, err);

	c->numbers = calloc((size_t)c->n + 1, sizeof(*c->numbers));
	if (!r && !c->numbers)
		r = sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	for (uint32_t i = 0; !r && i < c->n; i++)
		c->numbers[i] = (struct sfe_capture_numbers){1, 1};
	return r;
}

void sfe_merged_captures_free(struct sfe_merged_captures *c)
{
	free(c->rows);
	free(c->numbers);
	*c = (struct sfe_merged_captures){0};
}

/* ---- one file of all packets */

static int join(int to, int from, const char *name, struct sfe_error *err)
{
	if (!sfe_beneath_exists(from, name))
		return 0;
	if (sfe_beneath_exists(to, name))
		return sfe_capture_append(to, from, name, err);
	return renameat(from, name, to, name)
		       ? sfe_fail(err, -errno, name, NULL, "cannot be moved: %s", strerror(errno))
		       : 0;
}

/* ---- files of a size */

/* The lowest and the last number of NAME.N.pcap in the folder; false: there is none. */
static bool numbers_of(int from, const char *name, struct sfe_capture_numbers *found)
{
	int fd = openat(from, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	char expected[FILE_BYTES + 32];
	size_t len = strlen(name);
	struct dirent *e;
	uint32_t n;

	*found = (struct sfe_capture_numbers){UINT32_MAX, 0};
	while (d && (e = readdir(d))) {
		if (strncmp(e->d_name, name, len) != 0 ||
			sscanf(e->d_name + len, ".%" SCNu32 ".pcap", &n) != 1 ||
			n >= SFE_LIMIT_CAPTURE_FILES)
			continue;
		snprintf(expected, sizeof(expected), "%s.%" PRIu32 ".pcap", name, n);
		if (strcmp(expected, e->d_name) != 0)
			continue;
		found->first = n < found->first ? n : found->first;
		found->next = n >= found->next ? n + 1 : found->next;
	}
	if (d)
		closedir(d);
	return found->next > 0;
}

/* Moves NAME.N.pcap behind those that are there, and keeps the newest of a ring. */
static int go_on(struct sfe_merged_captures *c, struct sfe_capture_numbers *have, int to, int from,
	const char *name, struct sfe_error *err)
{
	const uint32_t ring = c->scenario->capture.files;
	char old[FILE_BYTES + 32], new[FILE_BYTES + 32];
	struct sfe_capture_numbers more;

	if (!numbers_of(from, name, &more))
		return 0;
	const uint32_t before = have->next - 1;
	for (uint32_t i = more.first; i < more.next; i++) {
		snprintf(old, sizeof(old), "%s.%" PRIu32 ".pcap", name, i);
		snprintf(new, sizeof(new), "%s.%" PRIu32 ".pcap", name, before + i);
		if (renameat(from, old, to, new))
			return sfe_fail(
				err, -errno, old, NULL, "cannot be moved: %s", strerror(errno));
	}
	have->next = before + more.next;
	for (; ring && have->next - have->first > ring; have->first++) {
		snprintf(old, sizeof(old), "%s.%" PRIu32 ".pcap", name, have->first);
		if (unlinkat(to, old, 0) && errno != ENOENT)
			return sfe_fail(
				err, -errno, old, NULL, "cannot be removed: %s", strerror(errno));
	}
	return 0;
}

/* ---- all */

static int move_files(struct sfe_merged_captures *c, int part, struct sfe_error *err)
{
	int from = sfe_beneath_open(part, FOLDER, O_RDONLY | O_DIRECTORY, 0), r;
	char name[FILE_BYTES];

	if (from == -ENOENT)
		return 0;
	r = from < 0 ? sfe_fail(err, from, FOLDER, NULL, "cannot open it: %s", strerror(-from))
		     : sfe_beneath_folder(c->dir, FOLDER, err);
	int to = r ? -1 : sfe_beneath_open(c->dir, FOLDER, O_RDONLY | O_DIRECTORY, 0);
	if (!r && to < 0)
		r = sfe_fail(err, to, FOLDER, NULL, "cannot open it: %s", strerror(-to));
	for (uint32_t i = 0; i < c->n && !r; i++) {
		if (i && !strcmp(c->rows[i].file, c->rows[i - 1].file))
			continue; /* a point of the same file */
		snprintf(name, sizeof(name), "%s%s", c->rows[i].name,
			c->scenario->capture.file_bytes ? "" : ".pcap");
		r = c->scenario->capture.file_bytes ? go_on(c, &c->numbers[i], to, from, name, err)
						    : join(to, from, name, err);
	}
	if (from >= 0)
		close(from);
	if (to >= 0)
		close(to);
	return r;
}

/* Adds the packets of each point. */
static int count(struct sfe_merged_captures *c, int part, bool whole, struct sfe_error *err)
{
	const char *name = sfe_captures_csv.file;
	struct sfe_capture_file_row *more = NULL;
	struct sfe_error why = {0};
	void *rows = NULL;
	unsigned n = 0;
	int r = sfe_merge_read_table(part, &sfe_captures_csv, &rows, &n, &why);

	if (r == -ENOENT && !whole)
		return 0;
	if (!r && n != c->n)
		r = sfe_fail(&why, -EPROTO, name, NULL,
			"has %u capture points and not the %" PRIu32 " of the run", n, c->n);
	more = rows;
	for (uint32_t i = 0; i < c->n && !r; i++) {
		c->rows[i].packets += more[i].packets;
		c->rows[i].dropped_packets += more[i].dropped_packets;
	}
	free(rows);
	if (r)
		*err = why;
	return r;
}

static int write_table(const struct sfe_merged_captures *c, struct sfe_error *err)
{
	FILE *f = sfe_results_open(c->dir, sfe_captures_csv.file, "w", err);

	if (!f)
		return err->code;
	sfe_table_write_header(&sfe_captures_csv, f);
	for (uint32_t i = 0; i < c->n; i++)
		sfe_table_write_row(&sfe_captures_csv, &c->rows[i], f);
	return sfe_results_close(f, sfe_captures_csv.file, err);
}

int sfe_merge_captures(struct sfe_merged_captures *c, int part, bool whole, struct sfe_error *err)
{
	int r = c->n ? count(c, part, whole, err) : 0;

	r = r || !c->n ? r : move_files(c, part, err);
	return r || !c->n ? r : write_table(c, err);
}

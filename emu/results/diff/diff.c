/* SPDX-License-Identifier: MIT */
#include "emu/results/diff/diff.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "emu/model/base/printable.h"
#include "emu/model/base/text.h"
#include "emu/results/diff/diff_capture.h"
#include "emu/results/diff/diff_folder.h"
#include "emu/results/diff/diff_table.h"
#include "emu/results/diff/diff_text.h"
#include "emu/results/read_limits.h"
#include "emu/security/beneath.h"
#include "emu/security/folder.h"

const char sfe_diff_left_out[] =
	"not compared, as facts of the host and of the program: in manifest.json started, wall_s, "
	"boot_s, build_s, "
	"host_kernel, program, the guest kernel's path, the digest of scenario.yaml; in "
	"scenario.yaml the key results; nor report.html, which is drawn from the other files";

/* Kinds of files; the first match applies. A lower rank is reported first: a packet shows a
 * cause earlier and more closely than a sum over the run. */
static const struct kind {
	const char *pattern;
	bool (*compare)(const struct sfe_pair *, struct sfe_difference *);
	unsigned rank;
} kinds[] = {
	{"*.pcap", sfe_diff_capture, 0},
	{"*.pcapng", sfe_diff_capture, 0},
	{"*.pcap[0-9]*", sfe_diff_capture, 0},
	{"manifest.json", sfe_diff_manifest, 6},
	{"scenario.yaml", sfe_diff_scenario, 5},
	{"invocations.csv", sfe_diff_table, 1},
	{"jobs.csv", sfe_diff_table, 2},
	{"*.csv", sfe_diff_table, 3},
	{"*", sfe_diff_text, 4},
};

static struct sfe_difference *add(
	struct sfe_diff *c, const char *file, unsigned rank, struct sfe_error *err)
{
	if (sfe_grow(&c->differences, &c->room, c->n_differences + 1, sizeof(*c->differences))) {
		sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
		return NULL;
	}
	struct sfe_difference *d = &c->differences[c->n_differences++];
	*d = (struct sfe_difference){.rank = rank, .at_ns = UINT64_MAX};
	snprintf(d->file, sizeof(d->file), "%s", file);
	sfe_one_line(d->file); /* a file name is not trusted */
	return d;
}

/* Removes the difference added last, which is only about names, and keeps it as a note. */
static int only_names(struct sfe_diff *c, struct sfe_error *err)
{
	const struct sfe_difference *d = &c->differences[--c->n_differences];

	if (!d->columns[0])
		return 0;
	if (sfe_grow(&c->notes, &c->room_notes, c->n_notes + 1, sizeof(*c->notes)))
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	c->notes[c->n_notes++] = *d;
	return 0;
}

static const struct kind *kind_of(const char *name)
{
	const struct kind *k = kinds;

	while (fnmatch(k->pattern, name, 0))
		k++;
	return k;
}

static int open_file(
	const struct sfe_diff_folder *s, const char *name, uint64_t *size, struct sfe_error *err)
{
	struct sfe_error cause = {0};
	struct stat st;
	int fd = sfe_beneath_read(s->dir, name, SFE_LIMIT_CAPTURE_BYTES, &cause);

	if (fd < 0)
		return sfe_fail(err, fd, s->folder, cause.todo[0] ? cause.todo : NULL,
			"'%.200s' in it %s", name, cause.what);
	if (fstat(fd, &st)) {
		close(fd);
		return sfe_fail(err, -errno, s->folder, NULL, "cannot read '%.200s' in it: %s",
			name, strerror(errno));
	}
	*size = (uint64_t)st.st_size;
	return fd;
}

/* The next offset that is not in a hole of both files. */
static uint64_t next_data(int a, int b, uint64_t at)
{
	off_t in_a = lseek(a, (off_t)at, SEEK_DATA), in_b = lseek(b, (off_t)at, SEEK_DATA);
	uint64_t end = UINT64_MAX;

	/* ENXIO: no more data. File systems without holes have data everywhere. */
	uint64_t x = in_a >= 0 ? (uint64_t)in_a : errno == ENXIO ? end : at;
	uint64_t y = in_b >= 0 ? (uint64_t)in_b : x;
	return x < y ? x : y;
}

/* Reads until size bytes or the end of the file. */
static ssize_t read_at(int fd, char *buf, size_t size, uint64_t at)
{
	size_t n = 0;

	while (n < size) {
		ssize_t got = pread(fd, buf + n, size - n, (off_t)(at + n));
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (!got)
			break;
		n += (size_t)got;
	}
	return (ssize_t)n;
}

/* Finds the first byte that differs, *at. 1: found, 0: equal. */
static int find_difference(const struct sfe_pair *p, uint64_t *at)
{
	static const size_t size = 256u << 10;
	char *a = malloc(2 * size), *b = a + size;
	int r = a ? 0 : -ENOMEM;

	for (*at = 0; !r;) {
		uint64_t from = next_data(p->fd_a, p->fd_b, *at);
		if (from == UINT64_MAX) {
			r = p->size_a != p->size_b;
			*at = p->size_a < p->size_b ? p->size_a : p->size_b;
			break;
		}
		*at = from;
		ssize_t in_a = read_at(p->fd_a, a, size, from);
		ssize_t in_b = read_at(p->fd_b, b, size, from);
		if (in_a < 0 || in_b < 0) {
			r = (int)(in_a < 0 ? in_a : in_b);
			break;
		}
		ssize_t common = in_a < in_b ? in_a : in_b, i = 0;
		if (memcmp(a, b, (size_t)common))
			while (a[i] == b[i])
				i++;
		else
			i = common;
		*at = from + (uint64_t)i;
		if (i < common || in_a != in_b)
			r = 1;
		else if (!common)
			break;
	}
	free(a);
	return r;
}

/* Describes the difference in terms of the kind of file; 0: none that counts, 1: a difference. */
static int describe(const struct kind *kind, const struct sfe_diff_folder *a,
	const struct sfe_diff_folder *b, const char *name, struct sfe_pair *pair, uint64_t at,
	struct sfe_difference *d)
{
	uint64_t limit = sfe_results_limit(name);
	char *in_a = NULL, *in_b = NULL;
	int r = 0;

	if (kind->compare == sfe_diff_capture)
		return kind->compare(pair, d);
	if (pair->size_a > limit || pair->size_b > limit) {
		snprintf(d->what, sizeof(d->what),
			"differs from byte %" PRIu64 " on (%zu and %zu bytes)", at, pair->size_a,
			pair->size_b);
		return 1;
	}
	r = sfe_folder_load(a->dir, name, limit, &in_a, &pair->size_a, NULL);
	r = r ? r : sfe_folder_load(b->dir, name, limit, &in_b, &pair->size_b, NULL);
	pair->a = in_a;
	pair->b = in_b;
	if (!r)
		r = kind->compare(pair, d);
	free(in_a);
	free(in_b);
	return r;
}

static int compare_opened(struct sfe_diff *c, const struct sfe_diff_folder *a,
	const struct sfe_diff_folder *b, const char *name, struct sfe_pair *pair,
	struct sfe_error *err)
{
	const struct kind *kind = kind_of(name);
	uint64_t at;
	int r = find_difference(pair, &at);

	c->n_files++;
	c->n_bytes += pair->size_a;
	if (r > 0) {
		struct sfe_difference *d = add(c, name, kind->rank, err);
		if (!d)
			return -ENOMEM;
		r = describe(kind, a, b, name, pair, at, d);
		if (r < 0)
			c->n_differences--;
		else if (!r && only_names(c, err))
			return -ENOMEM;
	}
	return r >= 0 ? 0
		      : sfe_fail(err, r, a->folder, NULL, "cannot compare '%.200s': %s", name,
				strerror(-r));
}

static int compare_file(struct sfe_diff *c, const struct sfe_diff_folder *a,
	const struct sfe_diff_folder *b, const char *name, struct sfe_error *err)
{
	struct sfe_pair pair = {.fd_b = -1};
	char *path_a = NULL, *path_b = NULL;
	int r = 0;

	if (asprintf(&path_a, "%s/%s", a->folder, name) < 0 ||
		asprintf(&path_b, "%s/%s", b->folder, name) < 0)
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	pair.path_a = path_a;
	pair.path_b = path_b;
	pair.fd_a = open_file(a, name, &pair.size_a, err);
	if (pair.fd_a >= 0)
		pair.fd_b = open_file(b, name, &pair.size_b, err);
	if (pair.fd_a < 0 || pair.fd_b < 0)
		r = pair.fd_a < 0 ? pair.fd_a : pair.fd_b;
	else
		r = compare_opened(c, a, b, name, &pair, err);
	if (pair.fd_a >= 0)
		close(pair.fd_a);
	if (pair.fd_b >= 0)
		close(pair.fd_b);
	free(path_a);
	free(path_b);
	return r;
}

/* Reports an entry that is not a regular file; it is neither followed nor read. */
static int report_special_file(struct sfe_diff *c, const char *name, mode_t type,
	const char *folder, struct sfe_error *err)
{
	struct sfe_difference *d = add(c, name, kind_of(name)->rank, err);

	if (!d)
		return -ENOMEM;
	snprintf(d->what, sizeof(d->what), "is a %s in %.400s, and only regular files are compared",
		S_ISLNK(type)    ? "symbolic link"
		: S_ISFIFO(type) ? "FIFO"
		: S_ISSOCK(type) ? "socket"
				 : "device",
		folder);
	return 0;
}

static int compare_entries(struct sfe_diff *c, const struct sfe_diff_folder *a,
	const struct sfe_diff_entry *in_a, const struct sfe_diff_folder *b,
	const struct sfe_diff_entry *in_b, struct sfe_error *err)
{
	if (!S_ISREG(in_a->type))
		return report_special_file(c, in_a->name, in_a->type, a->folder, err);
	if (!S_ISREG(in_b->type))
		return report_special_file(c, in_b->name, in_b->type, b->folder, err);
	return compare_file(c, a, b, in_a->name, err);
}

static int only_in(struct sfe_diff *c, const char *name, const char *folder, struct sfe_error *err)
{
	struct sfe_difference *d = add(c, name, kind_of(name)->rank, err);

	if (!d)
		return -ENOMEM;
	snprintf(d->what, sizeof(d->what), "is in %s only", folder);
	return 0;
}

static int by_cause(const void *a, const void *b)
{
	const struct sfe_difference *x = a, *y = b;

	if (x->rank != y->rank)
		return x->rank < y->rank ? -1 : 1;
	if (x->at_ns != y->at_ns)
		return x->at_ns < y->at_ns ? -1 : 1;
	return strcmp(x->file, y->file);
}

int sfe_diff_folders(const char *a, const char *b, struct sfe_diff *out, struct sfe_error *err)
{
	struct sfe_diff_folder x, y = {.dir = -1};
	uint32_t i = 0, k = 0;

	*out = (struct sfe_diff){0};
	int r = sfe_diff_folder_open(&x, a, err);
	if (!r)
		r = sfe_diff_folder_open(&y, b, err);
	while (!r && (i < x.n || k < y.n)) {
		const struct sfe_diff_entry *in_x = &x.entry[i], *in_y = &y.entry[k];
		int order = i == x.n ? 1 : k == y.n ? -1 : strcmp(in_x->name, in_y->name);
		if (order < 0)
			r = only_in(out, in_x->name, a, err);
		else if (order > 0)
			r = only_in(out, in_y->name, b, err);
		else
			r = compare_entries(out, &x, in_x, &y, in_y, err);
		i += order <= 0;
		k += order >= 0;
	}
	if (!r && !x.n && !y.n)
		r = sfe_fail(err, -ENOENT, a, "name results folders", "both folders are empty");
	sfe_diff_folder_close(&x);
	sfe_diff_folder_close(&y);
	if (out->n_differences)
		qsort(out->differences, out->n_differences, sizeof(*out->differences), by_cause);
	if (r)
		sfe_diff_free(out);
	return r;
}

void sfe_diff_print(struct sfe_diff *c, FILE *out)
{
	for (uint32_t i = 0; i < c->n_differences; i++) {
		struct sfe_difference *d = &c->differences[i];
		fprintf(out, "%s: %s%s%s\n", sfe_make_printable(d->file),
			sfe_make_printable(d->what), d->columns[0] ? "; " : "",
			sfe_make_printable(d->columns));
	}
	if (!c->n_differences)
		fprintf(out, "the same: %u files, %.1f MB\n", c->n_files, (double)c->n_bytes / 1e6);
	for (uint32_t i = 0; i < c->n_notes; i++)
		fprintf(out, "%s: the same but for names: %s\n",
			sfe_make_printable(c->notes[i].file),
			sfe_make_printable(c->notes[i].columns));
}

void sfe_diff_free(struct sfe_diff *c)
{
	free(c->differences);
	free(c->notes);
	*c = (struct sfe_diff){0};
}

/* SPDX-License-Identifier: MIT */
#include "emu/run/diff.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "emu/run/diff_internal.h"

const char sfe_diff_left_out[] =
	"not compared, as facts of the host and of the program: in manifest.json started, wall_s, "
	"boot_s, build_s, "
	"host_kernel, program, the guest kernel's path, the digest of scenario.yaml; in "
	"scenario.yaml the key results; nor report.html, which is drawn from the other files";

/* The first that fits. A cause is seen earlier, and closer, in a packet than in a sum over a run.
 */
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

struct names {
	char **name;
	uint32_t n;
};

static int by_name(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void free_names(struct names *names)
{
	for (uint32_t i = 0; i < names->n; i++)
		free(names->name[i]);
	free(names->name);
}

/* The folder's files, sorted, as paths below it. */
static int list(const char *folder, struct names *names, struct sfe_error *err)
{
	char *const paths[] = {(char *)folder, NULL};
	size_t skip = strlen(folder);
	struct stat st;
	FTSENT *e;
	int r = 0;

	if (stat(folder, &st))
		return sfe_fail(err, -errno, folder, NULL, "cannot read it: %s", strerror(errno));
	if (!S_ISDIR(st.st_mode))
		return sfe_fail(err, -ENOTDIR, folder, "name a results folder",
			"it is a file and not a folder");
	while (skip && folder[skip - 1] == '/')
		skip--;
	FTS *tree = fts_open(paths, FTS_COMFOLLOW | FTS_PHYSICAL | FTS_NOCHDIR, by_name);
	if (!tree)
		return sfe_fail(err, -errno, folder, NULL, "cannot read it: %s", strerror(errno));
	while (!r && (e = fts_read(tree))) {
		if (e->fts_info == FTS_DNR || e->fts_info == FTS_ERR || e->fts_info == FTS_NS)
			r = sfe_fail(err, -e->fts_errno, e->fts_path, NULL, "cannot read it: %s",
				strerror(e->fts_errno));
		if (e->fts_info != FTS_F ||
			(e->fts_level == 1 && !strcmp(e->fts_name, "report.html")))
			continue;
		char **more = reallocarray(names->name, names->n + 1, sizeof(*more));
		if (more)
			names->name = more;
		if (!more || !(more[names->n] = strdup(e->fts_path + skip + 1)))
			r = sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
		else
			names->n++;
	}
	fts_close(tree);
	if (names->n)
		qsort(names->name, names->n, sizeof(*names->name), by_text);
	return r;
}

static int map(const char *path, const char **data, size_t *size, struct sfe_error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;

	*data = "";
	*size = 0;
	if (fd < 0 || fstat(fd, &st)) {
		int code = -errno;
		if (fd >= 0)
			close(fd);
		return sfe_fail(err, code, path, NULL, "cannot read it: %s", strerror(-code));
	}
	if (st.st_size) {
		void *p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
		if (p == MAP_FAILED) {
			int code = -errno;
			close(fd);
			return sfe_fail(
				err, code, path, NULL, "cannot read it: %s", strerror(-code));
		}
		*data = p;
		*size = (size_t)st.st_size;
	}
	close(fd);
	return 0;
}

static void unmap(const char *data, size_t size)
{
	if (size)
		munmap((void *)data, size);
}

static struct sfe_difference *add(
	struct sfe_diff *c, const char *file, unsigned rank, struct sfe_error *err)
{
	struct sfe_difference *more =
		reallocarray(c->differences, c->n_differences + 1, sizeof(*more));

	if (!more) {
		sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
		return NULL;
	}
	c->differences = more;
	struct sfe_difference *d = &more[c->n_differences++];
	*d = (struct sfe_difference){.rank = rank, .at_ns = UINT64_MAX};
	snprintf(d->file, sizeof(d->file), "%s", file);
	return d;
}

static const struct kind *kind_of(const char *name)
{
	const struct kind *k = kinds;

	while (fnmatch(k->pattern, name, 0))
		k++;
	return k;
}

static int compare_file(
	struct sfe_diff *c, const char *a, const char *b, const char *name, struct sfe_error *err)
{
	const struct kind *kind = kind_of(name);
	struct sfe_pair pair = {0};
	char *path_a = NULL, *path_b = NULL;
	int r = 0;

	if (asprintf(&path_a, "%s/%s", a, name) < 0 || asprintf(&path_b, "%s/%s", b, name) < 0)
		r = sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	pair.path_a = path_a;
	pair.path_b = path_b;
	if (!r)
		r = map(path_a, &pair.a, &pair.size_a, err);
	if (!r)
		r = map(path_b, &pair.b, &pair.size_b, err);
	if (!r) {
		c->n_files++;
		c->n_bytes += pair.size_a;
	}
	if (!r && (pair.size_a != pair.size_b || memcmp(pair.a, pair.b, pair.size_a))) {
		struct sfe_difference *d = add(c, name, kind->rank, err);
		if (!d)
			r = -ENOMEM;
		else if (!kind->compare(&pair, d))
			c->n_differences--;
	}
	unmap(pair.a, pair.size_a);
	unmap(pair.b, pair.size_b);
	free(path_a);
	free(path_b);
	return r;
}

static int only_in(struct sfe_diff *c, const char *name, const char *folder, struct sfe_error *err)
{
	struct sfe_difference *d = add(c, name, kind_of(name)->rank, err);

	if (!d)
		return -ENOMEM;
	snprintf(d->what, sizeof(d->what), "is in %s only", folder);
	return 0;
}

static int causes_first(const void *a, const void *b)
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
	struct names in_a = {0}, in_b = {0};
	uint32_t i = 0, k = 0;

	*out = (struct sfe_diff){0};
	int r = list(a, &in_a, err);
	if (!r)
		r = list(b, &in_b, err);
	while (!r && (i < in_a.n || k < in_b.n)) {
		int order = i == in_a.n ? 1 : k == in_b.n ? -1 : strcmp(in_a.name[i], in_b.name[k]);
		if (order < 0)
			r = only_in(out, in_a.name[i++], a, err);
		else if (order > 0)
			r = only_in(out, in_b.name[k++], b, err);
		else {
			r = compare_file(out, a, b, in_a.name[i++], err);
			k++;
		}
	}
	if (!r && !in_a.n && !in_b.n)
		r = sfe_fail(err, -ENOENT, a, "name results folders", "both folders are empty");
	free_names(&in_a);
	free_names(&in_b);
	if (out->n_differences)
		qsort(out->differences, out->n_differences, sizeof(*out->differences),
			causes_first);
	if (r)
		sfe_diff_free(out);
	return r;
}

void sfe_diff_print(const struct sfe_diff *c, FILE *out)
{
	for (uint32_t i = 0; i < c->n_differences; i++)
		fprintf(out, "%s: %s\n", c->differences[i].file, c->differences[i].what);
	if (!c->n_differences)
		fprintf(out, "the same: %u files, %.1f MB\n", c->n_files, (double)c->n_bytes / 1e6);
}

void sfe_diff_free(struct sfe_diff *c)
{
	free(c->differences);
	*c = (struct sfe_diff){0};
}

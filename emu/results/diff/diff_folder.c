/* SPDX-License-Identifier: MIT */
#include "emu/results/diff/diff_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "emu/results/read_limits.h"
#include "emu/security/beneath.h"

static int by_text(const void *a, const void *b)
{
	return strcmp(
		((const struct sfe_diff_entry *)a)->name, ((const struct sfe_diff_entry *)b)->name);
}

void sfe_diff_folder_close(struct sfe_diff_folder *s)
{
	for (uint32_t i = 0; i < s->n; i++)
		free(s->entry[i].name);
	free(s->entry);
	if (s->dir >= 0)
		close(s->dir);
}

static int add_entry(
	struct sfe_diff_folder *s, const char *name, mode_t type, struct sfe_error *err)
{
	if (s->n == SFE_LIMIT_FOLDER_FILES)
		return sfe_fail(err, -EFBIG, s->folder, "name a results folder",
			"it has more than %u files", SFE_LIMIT_FOLDER_FILES);
	if (s->n == s->room) {
		uint32_t room = s->room ? 2 * s->room : 64;
		void *more = reallocarray(s->entry, room, sizeof(*s->entry));
		if (!more)
			return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
		s->entry = more;
		s->room = room;
	}
	char *copy = strdup(name);
	if (!copy)
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	s->entry[s->n++] = (struct sfe_diff_entry){copy, type};
	return 0;
}

static int list_folder(
	struct sfe_diff_folder *s, const char *below, unsigned depth, struct sfe_error *err);

static int list_one(struct sfe_diff_folder *s, int dir, const char *below, const char *name,
	unsigned depth, struct sfe_error *err)
{
	char path[4096];
	struct stat st;

	if (snprintf(path, sizeof(path), "%s%s%s", below, *below ? "/" : "", name) >=
		(int)sizeof(path))
		return sfe_fail(err, -ENAMETOOLONG, s->folder, NULL, "a name in it is too long");
	/* A file that vanished meanwhile is skipped. */
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW))
		return errno == ENOENT
			       ? 0
			       : sfe_fail(err, -errno, s->folder, NULL,
					 "cannot read '%.200s' in it: %s", path, strerror(errno));
	if (S_ISDIR(st.st_mode))
		return list_folder(s, path, depth + 1, err);
	return add_entry(s, path, st.st_mode & S_IFMT, err);
}

/* Adds the entries of a folder, recursively. */
static int list_folder(
	struct sfe_diff_folder *s, const char *below, unsigned depth, struct sfe_error *err)
{
	int fd = depth > SFE_LIMIT_FOLDER_DEPTH ? -ELOOP
						: sfe_beneath_open(s->dir, *below ? below : ".",
							  O_RDONLY | O_DIRECTORY, 0);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;
	int r = 0;

	if (depth > SFE_LIMIT_FOLDER_DEPTH)
		return sfe_fail(err, -EFBIG, s->folder, "name a results folder",
			"it has folders more than %u deep", SFE_LIMIT_FOLDER_DEPTH);
	if (!d) {
		int code = fd < 0 ? fd : -errno;
		if (fd >= 0)
			close(fd);
		return sfe_fail(err, code, s->folder, NULL, "cannot read '%.200s' in it: %s",
			*below ? below : ".", strerror(-code));
	}
	while (!r && (e = readdir(d))) {
		bool skip = !strcmp(e->d_name, ".") || !strcmp(e->d_name, "..") ||
			    (!*below && !strcmp(e->d_name, "report.html"));
		r = skip ? 0 : list_one(s, fd, below, e->d_name, depth, err);
	}
	closedir(d);
	return r;
}

int sfe_diff_folder_open(struct sfe_diff_folder *s, const char *folder, struct sfe_error *err)
{
	*s = (struct sfe_diff_folder){.folder = folder};
	s->dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->dir < 0)
		return errno == ENOTDIR ? sfe_fail(err, -ENOTDIR, folder, "name a results folder",
						  "it is a file and not a folder")
					: sfe_fail(err, -errno, folder, NULL, "cannot read it: %s",
						  strerror(errno));
	int r = list_folder(s, "", 0, err);
	if (!r && s->n)
		qsort(s->entry, s->n, sizeof(*s->entry), by_text);
	return r;
}

/* SPDX-License-Identifier: MIT */
#include "nodes/functions/program_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_BYTES (1ll << 30)
#define TAIL_BYTES 4096
#define MAX_SAME 10000u

int program_files_make(
	const char *scratch, uint32_t job, uint32_t step, char *path, size_t size, int *folder)
{
	int code = -EEXIST;

	*folder = -1;
	/* The first name that is free: it is the same in each run. */
	for (unsigned i = 0; code == -EEXIST && i < MAX_SAME; i++) {
		if ((size_t)snprintf(path, size, "%s/run-%" PRIu32 "-%" PRIu32 "-%u", scratch, job,
			    step, i) >= size)
			code = -ENAMETOOLONG;
		else
			code = mkdir(path, 0700) ? -errno : 0;
	}
	if (code) {
		*path = 0;
		return code;
	}
	*folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (*folder < 0 || mkdirat(*folder, "states", 0700) || mkdirat(*folder, "tmp", 0700))
		return -errno;
	return 0;
}

int program_files_write(int folder, const char *path, const struct slice *bytes, mode_t mode)
{
	int fd = openat(folder, path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	uint64_t done = 0, size = bytes ? bytes->size : 0;
	int r = 0;

	if (fd < 0)
		return -errno;
	while (done < size && !r) {
		ssize_t n = write(fd, bytes->data + done, size - done);
		if (n < 0 && errno == EINTR)
			continue;
		r = n < 0 ? -errno : n ? 0 : -ENOSPC;
		done += n > 0 ? (uint64_t)n : 0;
	}
	if (close(fd) && !r)
		r = -errno;
	return r;
}

static int read_whole(int fd, struct slice *out)
{
	uint64_t done = 0;

	while (done < out->size) {
		ssize_t n = read(fd, out->data + done, out->size - done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		done += (uint64_t)n;
	}
	return 0;
}

int program_files_read(int folder, const char *path, struct buffer_pool *pool, struct slice *out)
{
	int fd = openat(folder, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st;
	int r = 0;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st))
		r = -errno;
	else if (!S_ISREG(st.st_mode))
		r = -EINVAL;
	else if (st.st_size > MAX_BYTES)
		r = -EFBIG;
	r = r ? r : slice_new(pool, (uint64_t)st.st_size, out);
	if (!r && (r = read_whole(fd, out)))
		slice_drop(out);
	close(fd);
	return r;
}

size_t program_files_tail(
	int folder, const char *path, char *tail, size_t size, uint64_t *file_bytes)
{
	int fd = openat(folder, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st;
	ssize_t n = 0;

	*file_bytes = 0;
	if (fd < 0)
		return 0;
	if (!fstat(fd, &st) && S_ISREG(st.st_mode)) {
		off_t from = st.st_size > (off_t)size ? st.st_size - (off_t)size : 0;
		*file_bytes = (uint64_t)st.st_size;
		n = pread(fd, tail, size, from);
	}
	close(fd);
	return n < 0 ? 0 : (size_t)n;
}

void program_files_last_line(int folder, const char *path, char *line, size_t size)
{
	char tail[TAIL_BYTES + 1];
	uint64_t all;
	size_t n = program_files_tail(folder, path, tail, TAIL_BYTES, &all);

	while (n && (tail[n - 1] == '\n' || tail[n - 1] == ' ' || tail[n - 1] == '\r'))
		n--;
	tail[n] = 0;
	const char *last = strrchr(tail, '\n');
	snprintf(line, size, "%s", last ? last + 1 : tail);
}

static bool is_among(const char *name, const char *const *names)
{
	for (; *names; names++)
		if (!strcmp(name, *names))
			return true;
	return false;
}

int program_files_other(
	int folder, const char *path, const char *const *names, char *other, size_t size)
{
	int fd = openat(folder, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;
	int r = 0;

	if (!dir) {
		r = -errno;
		if (fd >= 0)
			close(fd);
		return r;
	}
	while (!r && (entry = readdir(dir))) {
		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..") ||
			is_among(entry->d_name, names))
			continue;
		snprintf(other, size, "%s", entry->d_name);
		r = -EEXIST;
	}
	closedir(dir);
	return r;
}

char **program_files_lines(const char *text)
{
	size_t n = 1, at = 0;

	for (const char *p = text; *p; p++)
		n += *p == '\n';
	char **lines = calloc(n + 1, sizeof(*lines));
	for (const char *p = text; lines && at < n; p += strcspn(p, "\n") + 1) {
		lines[at] = strndup(p, strcspn(p, "\n"));
		if (!lines[at++]) {
			program_files_free_words(lines);
			return NULL;
		}
	}
	return lines;
}

void program_files_free_words(char **words)
{
	for (char **w = words; w && *w; w++)
		free(*w);
	free(words);
}

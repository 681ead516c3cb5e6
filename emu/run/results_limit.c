/* SPDX-License-Identifier: MIT */
#include "emu/run/results_limit.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "emu/security/beneath.h"

#define MAX_DEPTH 16
#define BLOCK 512

struct sum {
	uint64_t bytes;
	uint32_t files;
	uint32_t most; /* largest number of files that are counted */
	bool hidden;   /* a folder cannot be read */
};

/* Adds the files of the folder; owns the descriptor. Files that vanish meanwhile are not
 * counted. */
static void add_folder(int fd, unsigned depth, struct sum *sum)
{
	DIR *d = fdopendir(fd);
	struct dirent *e;
	struct stat st;

	if (!d) {
		sum->hidden = true;
		close(fd);
		return;
	}
	while (sum->files <= sum->most && (e = readdir(d))) {
		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, "..") ||
			fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW))
			continue;
		sum->files++;
		/* A hole takes nothing on the disk, but the time of whoever reads it. */
		uint64_t on_disk = (uint64_t)st.st_blocks * BLOCK;
		bool longer = S_ISREG(st.st_mode) && (uint64_t)st.st_size > on_disk;
		uint64_t bytes = longer ? (uint64_t)st.st_size : on_disk;
		sum->bytes = bytes < UINT64_MAX - sum->bytes ? sum->bytes + bytes : UINT64_MAX;
		if (!S_ISDIR(st.st_mode))
			continue;
		int below = depth < MAX_DEPTH ? sfe_beneath_open(dirfd(d), e->d_name,
							O_RDONLY | O_DIRECTORY, 0)
					      : -ELOOP;
		if (below >= 0)
			add_folder(below, depth + 1, sum);
		else
			sum->hidden |= below != -ENOENT;
	}
	closedir(d);
}

static bool due(struct sfe_results_limit *l)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	if (now.tv_sec <= l->last.tv_sec)
		return false;
	l->last = now;
	return true;
}

int sfe_results_limit_check(struct sfe_results_limit *l, struct sfe_error *err)
{
	return due(l) ? sfe_results_limit_check_now(l, err) : 0;
}

uint64_t sfe_results_limit_used(const struct sfe_results_limit *l)
{
	struct sum sum = {.most = SFE_RESULTS_LIMIT_FILES};
	int fd = openat(l->folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return UINT64_MAX;
	add_folder(fd, 0, &sum);
	return sum.files > sum.most || sum.hidden ? UINT64_MAX : sum.bytes;
}

int sfe_results_limit_check_now(const struct sfe_results_limit *l, struct sfe_error *err)
{
	struct sum sum = {.most = SFE_RESULTS_LIMIT_FILES};
	int fd = openat(l->folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0)
		add_folder(fd, 0, &sum);
	else
		sum.hidden = true;
	if (sum.files > sum.most)
		return sfe_fail(err, -EDQUOT, "results", "is a command in a node making them?",
			"the guest has made more than the %u files that it may", sum.most);
	if (sum.hidden)
		return sfe_fail(err, -EDQUOT, "results", "let it make fewer, and readable ones",
			"the guest has made a folder that cannot be read, or more than %d "
			"in each "
			"other",
			MAX_DEPTH);
	return sum.bytes > l->bytes ? sfe_fail(err, -EDQUOT, "results",
					      "raise it with --results-limit, or capture less "
					      "(capture.files keeps the "
					      "newest)",
					      "the guest has written %" PRIu64
					      " MB, more than the %" PRIu64 " MB that it may",
					      sum.bytes / 1000000, l->bytes / 1000000)
				    : 0;
}

/* SPDX-License-Identifier: MIT */
#include "emu/vm/remove_tree.h"

#include <errno.h>
#include <ftw.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define MAX_OPEN 16

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path) && errno != ENOENT ? -1 : 0;
}

int sfe_remove_tree(const char *path, struct sfe_error *err)
{
	struct stat st;

	if (lstat(path, &st) && errno == ENOENT)
		return 0;
	if (!nftw(path, remove_one, MAX_OPEN, FTW_DEPTH | FTW_PHYS))
		return 0;
	bool not_ours = errno == EACCES || errno == EPERM;
	return sfe_fail(err, -errno, path,
		not_ours ? "it is not yours: ask its owner, or root" : NULL, "cannot remove it: %s",
		strerror(errno));
}

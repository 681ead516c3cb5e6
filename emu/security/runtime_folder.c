/* SPDX-License-Identifier: MIT */
#include "emu/security/runtime_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void name_it(char *path, size_t size)
{
	const char *xdg = getenv("XDG_RUNTIME_DIR");

	if (!geteuid())
		snprintf(path, size, "/run/sfemu");
	else if (xdg && xdg[0] == '/')
		snprintf(path, size, "%s/sfemu", xdg);
	else
		snprintf(path, size, "/tmp/sfemu-%u", geteuid());
}

int sfe_runtime_folder(char *path, size_t size, struct sfe_error *err)
{
	struct stat st;

	name_it(path, size);
	/* Another sfemu may remove the empty folder between mkdir and open. */
	int fd = -1;
	for (int i = 0; i < 100 && fd < 0; i++) {
		if (mkdir(path, 0700) && errno != EEXIST)
			break;
		fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (fd < 0 && errno != ENOENT)
			break;
	}
	if (fd < 0)
		return sfe_fail(err, -errno, path,
			geteuid() ? "set XDG_RUNTIME_DIR to a folder of your own" : NULL,
			"the folder for sockets cannot be made: %s", strerror(errno));
	if (fstat(fd, &st) || st.st_uid != geteuid() || (st.st_mode & 077)) {
		close(fd);
		return sfe_fail(err, -EPERM, path,
			"remove it, or set XDG_RUNTIME_DIR to a folder of your own",
			"is not a folder of yours alone (uid %u, mode %03o), so no socket is made "
			"there",
			st.st_uid, st.st_mode & 0777);
	}
	return fd;
}

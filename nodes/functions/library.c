/* SPDX-License-Identifier: MIT */
#include "nodes/functions/library.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int library_load_file(const char *path, const char *name, void **handle, struct sfe_error *err)
{
	*handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	return *handle ? 0
		       : sfe_fail(err, -ELIBBAD, name,
				 "build it with cc -shared -fPIC $(pkg-config --cflags sfemu)",
				 "the plugin cannot be loaded: %.300s", dlerror());
}

static int write_all(int fd, const char *bytes, size_t size)
{
	for (size_t done = 0; done < size;) {
		ssize_t n = write(fd, bytes + done, size - done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? -errno : -EIO;
		done += (size_t)n;
	}
	return 0;
}

/* The descriptor stays open as long as the process: dlopen takes a path that it has loaded before
 * for the same library, so no two may have the same number. */
int library_load(const char *bytes, size_t size, const char *file, const char *name, void **handle,
	struct sfe_error *err)
{
	int fd = memfd_create(file, MFD_CLOEXEC);
	char path[64];

	if (fd < 0)
		return sfe_fail(err, -errno, name, NULL,
			"the plugin cannot be loaded: memfd_create: %s", strerror(errno));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	int r = write_all(fd, bytes, size);
	r = r ? sfe_fail(err, r, name, NULL, "the plugin cannot be loaded: write: %s", strerror(-r))
	      : library_load_file(path, name, handle, err);
	if (r)
		close(fd);
	return r;
}

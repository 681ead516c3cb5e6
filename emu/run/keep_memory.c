/* SPDX-License-Identifier: MIT */
#include "emu/run/keep_memory.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Above the descriptors that a worker's process has for other things. */
#define LOWEST_FD 16

int sfe_keep_open(struct sfe_keep *keep, struct sfe_error *err)
{
	int first = memfd_create("sfemu-states", MFD_CLOEXEC);
	int fd = first < 0 ? -1 : fcntl(first, F_DUPFD_CLOEXEC, LOWEST_FD);
	void *end = fd < 0 ? MAP_FAILED
			   : mmap(NULL, sizeof(*keep->end), PROT_READ | PROT_WRITE,
				     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int code = end == MAP_FAILED ? -errno : 0;

	if (first >= 0)
		close(first);
	if (code && fd >= 0)
		close(fd);
	if (code)
		return sfe_fail(err, code, NULL, NULL, "cannot get memory to keep states: %s",
			strerror(-code));
	*keep = (struct sfe_keep){fd, end};
	return 0;
}

void sfe_keep_close(struct sfe_keep *keep)
{
	if (!keep->end)
		return;
	munmap(keep->end, sizeof(*keep->end));
	close(keep->fd);
	*keep = (struct sfe_keep){0};
}

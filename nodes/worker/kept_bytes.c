/* SPDX-License-Identifier: MIT */
#include "nodes/worker/kept_bytes.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <unistd.h>

static bool write_all(int fd, const uint8_t *data, uint64_t size, uint64_t offset)
{
	while (size) {
		ssize_t n = pwrite(fd, data, size, (off_t)offset);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		data += n;
		size -= (uint64_t)n;
		offset += (uint64_t)n;
	}
	return true;
}

uint64_t kept_bytes_add(const struct sfe_keep *keep, const struct slice *bytes)
{
	if (!keep)
		return 0;
	uint64_t offset = atomic_fetch_add(keep->end, bytes->size);
	return write_all(keep->fd, bytes->data, bytes->size, offset) ? offset + 1 : 0;
}

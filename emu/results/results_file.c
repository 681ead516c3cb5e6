/* SPDX-License-Identifier: MIT */
#include "emu/results/results_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "emu/security/beneath.h"

/* A guest's files have blocks of 1 KB, so stdio's buffers have that too, and each write is two
 * switches of host processes. glibc ignores the size given to setvbuf without a buffer, and does
 * not free one. */
#define WRITE_BYTES (64u << 10)

static struct buffered {
	FILE *file;
	struct buffered *next;
	char bytes[WRITE_BYTES];
} * buffered;

/* Out of memory, it writes in smaller parts. */
static void add_buffer(FILE *f)
{
	struct buffered *b = malloc(sizeof(*b));

	if (!b || setvbuf(f, b->bytes, _IOFBF, sizeof(b->bytes))) {
		free(b);
		return;
	}
	b->file = f;
	b->next = buffered;
	buffered = b;
}

static struct buffered *take_buffer(const FILE *f)
{
	struct buffered **at = &buffered, *found;

	while (*at && (*at)->file != f)
		at = &(*at)->next;
	found = *at;
	if (found)
		*at = found->next;
	return found;
}

FILE *sfe_results_open(int dir, const char *name, const char *mode, struct sfe_error *err)
{
	int fd = mode[0] == 'w'   ? sfe_beneath_create(dir, name, err)
		 : mode[0] == 'a' ? sfe_beneath_update(dir, name, O_WRONLY | O_APPEND, err)
		 : mode[1] == '+' ? sfe_beneath_update(dir, name, O_RDWR, err)
				  : sfe_beneath_read(dir, name, SFE_RESULTS_MAX_FILE_BYTES, err);
	FILE *f = fd < 0 ? NULL : fdopen(fd, mode);

	if (!f && fd >= 0) {
		sfe_fail(err, -errno, name, NULL, "cannot open it in the results folder: %s",
			strerror(errno));
		close(fd);
	}
	if (f && mode[0] != 'r')
		add_buffer(f);
	return f;
}

int sfe_results_close(FILE *f, const char *name, struct sfe_error *err)
{
	struct buffered *buffer = take_buffer(f);
	int bad = ferror(f) ? EIO : 0;

	errno = 0;
	if (fclose(f) && !bad)
		bad = errno ? errno : EIO;
	free(buffer);
	return bad ? sfe_fail(err, -bad, name, "is the disk full?", "cannot write it: %s",
			     strerror(bad))
		   : 0;
}

/* SPDX-License-Identifier: MIT */
#include "emu/results/results_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "emu/security/beneath.h"

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
	return f;
}

int sfe_results_close(FILE *f, const char *name, struct sfe_error *err)
{
	int bad = ferror(f) ? EIO : 0;

	errno = 0;
	if (fclose(f) && !bad)
		bad = errno ? errno : EIO;
	return bad ? sfe_fail(err, -bad, name, "is the disk full?", "cannot write it: %s",
			     strerror(bad))
		   : 0;
}

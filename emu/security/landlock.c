/* SPDX-License-Identifier: MIT */
#include "emu/security/landlock.h"

#include <errno.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Rights that are newer than this system's headers. The version of the ABI says which ones the
 * kernel has. */
#define ACCESS_REFER (1ull << 13)
#define ACCESS_TRUNCATE (1ull << 14)

#define ON_FILES (LANDLOCK_ACCESS_FS_WRITE_FILE | ACCESS_TRUNCATE)
#define ON_FOLDERS                                                                                 \
	(LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE |                          \
		LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR |                       \
		LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK |                       \
		LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK |                     \
		LANDLOCK_ACCESS_FS_MAKE_SYM | ACCESS_REFER)

static long version(void)
{
	return syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
}

bool sfe_landlock_works(void)
{
	return version() > 0;
}

/* The rights that this version of the ABI can refuse. Without ACCESS_REFER (version 1), no file can
 * be moved between folders at all. */
static uint64_t handled(long v)
{
	return (ON_FILES | ON_FOLDERS) & ~(v < 2 ? ACCESS_REFER : 0) &
	       ~(v < 3 ? ACCESS_TRUNCATE : 0);
}

static int add_rule(long ruleset, int fd, uint64_t access)
{
	struct stat st;

	if (fstat(fd, &st))
		return -errno;
	const struct landlock_path_beneath_attr rule = {
		.allowed_access = S_ISDIR(st.st_mode) ? access : access & ON_FILES,
		.parent_fd = fd,
	};
	return syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0)
		       ? -errno
		       : 0;
}

int sfe_landlock_writable(const int *fds, unsigned n, struct sfe_error *err)
{
	long v = version();
	const struct landlock_ruleset_attr attr = {.handled_access_fs = handled(v)};
	int r = 0;

	if (v <= 0)
		return sfe_fail(err, -ENOSYS, "landlock", NULL, "this kernel has none: %s",
			strerror(errno));
	long ruleset =
		syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr.handled_access_fs), 0);
	if (ruleset < 0)
		return sfe_fail(err, -errno, "landlock", NULL, "no rules: %s", strerror(errno));
	for (unsigned i = 0; i < n && !r; i++)
		r = fds[i] < 0 ? 0 : add_rule(ruleset, fds[i], attr.handled_access_fs);
	if (!r && syscall(SYS_landlock_restrict_self, ruleset, 0))
		r = -errno;
	close((int)ruleset);
	return r ? sfe_fail(err, r, "landlock", NULL, "the rules are refused: %s", strerror(-r))
		 : 0;
}

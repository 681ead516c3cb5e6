/* SPDX-License-Identifier: MIT */
/* The namespaces of a guest: its folder is the one of the descriptor, whatever covers its path. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "emu/security/contain.h"
#include "tests/unit/unit.h"

enum { FINE, NO_TREE, OTHER_FOLDER, NOT_MOVED };

/* Clones the mount of the working directory as emu/vm/confine.c does, and moves it. */
static int look(void *arg, int alive)
{
	const struct stat *want = arg;
	struct stat now;
	int tree = open_tree(AT_FDCWD, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH);

	(void)alive;
	if (tree < 0)
		return NO_TREE;
	if (fstat(tree, &now) || now.st_ino != want->st_ino || now.st_dev != want->st_dev)
		return OTHER_FOLDER;
	return move_mount(tree, "", AT_FDCWD, "/tmp", MOVE_MOUNT_F_EMPTY_PATH) ? NOT_MOVED : FINE;
}

static void test_covered(void)
{
	char above[] = "/tmp/sfemu-covered-XXXXXX", folder[64];
	struct sfe_error err = {0};
	struct stat st;
	int status = -1;
	pid_t pid;

	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL)) {
		printf("skipped: no mount namespaces here\n");
		return;
	}
	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(above));
	snprintf(folder, sizeof(folder), "%s/results", above);
	CU_ASSERT_EQUAL_FATAL(mkdir(folder, 0700), 0);
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	CU_ASSERT_FATAL(fd >= 0);
	CU_ASSERT_EQUAL_FATAL(fstat(fd, &st), 0);
	/* What its owner can do, with FUSE for one. */
	CU_ASSERT_EQUAL_FATAL(mount("cover", above, "tmpfs", 0, NULL), 0);
	CU_ASSERT_EQUAL(sfe_contain(SFE_CONTAIN_ROOT, 0, fd, look, &st, &pid, &err), 0);
	CU_ASSERT_EQUAL(waitpid(pid, &status, 0), pid);
	CU_ASSERT_EQUAL(WEXITSTATUS(status), FINE);
	close(fd);
	umount2(above, MNT_DETACH);
	rmdir(folder);
	rmdir(above);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"a folder that somebody covers", test_covered},
	};

	return unit_main("contain", tests, sizeof(tests) / sizeof(tests[0]));
}

/* SPDX-License-Identifier: MIT */
/* Files beneath a folder of others: links of both kinds are not read where they could betray. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "emu/security/folder.h"
#include "tests/unit/unit.h"

static void test_single(void)
{
	char path[] = "/tmp/sfemu-folder-XXXXXX", text[16] = "";
	struct sfe_error err = {0};

	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(path));
	int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int fd = openat(dir, "one", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	CU_ASSERT_EQUAL(write(fd, "whole\n", 6), 6);
	close(fd);

	FILE *f = sfe_folder_open_single(dir, "one", 6, &err);
	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	CU_ASSERT_PTR_NOT_NULL(fgets(text, sizeof(text), f));
	CU_ASSERT_STRING_EQUAL(text, "whole\n");
	fclose(f);
	CU_ASSERT_PTR_NULL(sfe_folder_open_single(dir, "one", 5, &err));
	CU_ASSERT_EQUAL(err.code, -EFBIG);
	CU_ASSERT_PTR_NULL(sfe_folder_open_single(dir, "none", 6, &err));
	CU_ASSERT_EQUAL(err.code, -ENOENT);

	/* Under both of its names, until one is gone. */
	CU_ASSERT_EQUAL(linkat(dir, "one", dir, "two", 0), 0);
	CU_ASSERT_PTR_NULL(sfe_folder_open_single(dir, "one", 6, &err));
	CU_ASSERT_EQUAL(err.code, -EMLINK);
	CU_ASSERT_STRING_EQUAL(err.where, "one");
	CU_ASSERT_PTR_NULL(sfe_folder_open_single(dir, "two", 6, &err));
	unlinkat(dir, "one", 0);
	f = sfe_folder_open_single(dir, "two", 6, &err);
	CU_ASSERT_PTR_NOT_NULL(f);
	if (f)
		fclose(f);
	CU_ASSERT_EQUAL(symlinkat("two", dir, "one"), 0);
	CU_ASSERT_PTR_NULL(sfe_folder_open_single(dir, "one", 6, &err));
	CU_ASSERT_EQUAL(err.code, -ELOOP);
	unlinkat(dir, "one", 0);
	unlinkat(dir, "two", 0);
	close(dir);
	rmdir(path);
}

int main(void)
{
	static const struct unit_test tests[] = {{"a file with another name", test_single}};

	return unit_main("folder", tests, sizeof(tests) / sizeof(tests[0]));
}

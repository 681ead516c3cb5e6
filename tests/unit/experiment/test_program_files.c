/* SPDX-License-Identifier: MIT */
/* Programs of a scenario that are not there: said before anything is built, where it can be known.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "emu/experiment/program_files.h"
#include "tests/unit/unit.h"

static int verdict(char *word, bool shell, bool guest, struct sfe_error *err)
{
	char *words[] = {word};
	struct sfe_program p = {.word = words, .n_words = 1, .shell = shell, .line = 7};
	const struct sfe_scenario s = {.programs = {.n = 1, .program = &p, .file = "s.yaml"}};

	*err = (struct sfe_error){0};
	return sfe_programs_runnable(&s, guest, err);
}

static void test_names(void)
{
	struct sfe_error err;

	CU_ASSERT(!setenv("PATH", "/nowhere:/usr/bin:/bin", 1));
	for (int guest = 0; guest < 2; guest++) {
		CU_ASSERT_EQUAL(verdict("env", false, guest, &err), 0);
		CU_ASSERT_EQUAL(verdict("sfe-no-such x", true, guest, &err), 0);
		CU_ASSERT_EQUAL(verdict("sfe-no-such", false, guest, &err), -EINVAL);
		CU_ASSERT_STRING_EQUAL(err.where, "s.yaml:7");
		CU_ASSERT_PTR_NOT_NULL(strstr(err.what, "no program sfe-no-such in the folders"));
		CU_ASSERT_PTR_NOT_NULL(strstr(err.what, guest ? "/usr/sbin" : "/nowhere"));
	}
	/* An empty element is the folder in which it will run: that may have it by then. */
	CU_ASSERT(!setenv("PATH", "/usr/bin:", 1));
	CU_ASSERT_EQUAL(verdict("sfe-no-such", false, false, &err), 0);
	CU_ASSERT_EQUAL(verdict("sfe-no-such", false, true, &err), -EINVAL);
	CU_ASSERT(!setenv("PATH", "/usr/bin", 1));
	CU_ASSERT_EQUAL(verdict("sfe-no-such", false, false, &err), -EINVAL);
}

/* Natively an earlier program may make the file; in a guest only where that can write. */
static void test_paths(void)
{
	struct sfe_error err;

	CU_ASSERT_EQUAL(verdict("/bin/sh", false, true, &err), 0);
	CU_ASSERT_EQUAL(verdict("/usr/bin/sfe-no-such", false, false, &err), 0);
	CU_ASSERT_EQUAL(verdict("/usr/bin/sfe-no-such", false, true, &err), -EINVAL);
	CU_ASSERT_EQUAL(verdict("/run/tmp/sfe-no-such", false, true, &err), 0);
	CU_ASSERT_EQUAL(verdict("./sfe-no-such", false, true, &err), 0);
}

int main(void)
{
	static const struct unit_test tests[] = {{"names", test_names}, {"paths", test_paths}};

	return unit_main("program_files", tests, sizeof(tests) / sizeof(tests[0]));
}

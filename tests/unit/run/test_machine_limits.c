/* SPDX-License-Identifier: MIT */
/* This machine's limits against what a network needs: the error names the limit and the number. */
#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "emu/run/machine_limits.h"
#include "tests/unit/unit.h"

static void test_small(void)
{
	const struct sfe_topology topology = {.n_nodes = 2};
	const struct sfe_plan plan = {.topology = &topology, .n_hosts = 3, .n_cables = 2};
	struct sfe_error err = {0};

	CU_ASSERT_EQUAL(sfe_machine_check(&plan, &err), 0);
	CU_ASSERT_STRING_EQUAL(err.what, "");
}

/* More descriptors than any kernel allows a process. */
static void test_files(void)
{
	const struct sfe_topology topology = {.n_nodes = 2};
	const struct sfe_plan plan = {
		.topology = &topology, .n_hosts = 1u << 30, .n_cables = 1u << 30};
	struct sfe_error err = {0};

	CU_ASSERT_EQUAL(sfe_machine_check(&plan, &err), -EMFILE);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.what, " open files, and "));
	CU_ASSERT_PTR_NOT_NULL(strstr(err.todo, "="));
}

/* More processes than PIDs: 2^22 is the most that a kernel has. */
static void test_processes(void)
{
	const struct sfe_topology topology = {.n_nodes = 5u << 20};
	const struct sfe_plan plan = {.topology = &topology, .n_hosts = 1};
	struct sfe_error err = {0};

	CU_ASSERT_EQUAL(sfe_machine_check(&plan, &err), -EMFILE);
	/* 5 << 20 control sockets come first where files are limited. */
	CU_ASSERT_TRUE(strstr(err.what, "processes") || strstr(err.what, "open files"));
}

static void test_raised(void)
{
	const struct sfe_topology topology = {.n_nodes = 100};
	const struct sfe_plan plan = {.topology = &topology, .n_hosts = 200, .n_cables = 199};
	struct rlimit before, after;

	getrlimit(RLIMIT_NOFILE, &before);
	sfe_machine_raise_files(&plan);
	getrlimit(RLIMIT_NOFILE, &after);
	CU_ASSERT_EQUAL(after.rlim_cur, after.rlim_max);
	CU_ASSERT_TRUE(after.rlim_max >= before.rlim_max);
	if (!geteuid())
		CU_ASSERT_TRUE(after.rlim_cur >= sfe_machine_files(&plan));
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"a small network", test_small},
		{"open files", test_files},
		{"processes", test_processes},
		{"the limit of files is raised", test_raised},
	};

	return unit_main("machine_limits", tests, sizeof(tests) / sizeof(tests[0]));
}

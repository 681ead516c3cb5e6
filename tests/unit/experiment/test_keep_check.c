/* SPDX-License-Identifier: MIT */
/* How many files `keep: states` makes: of each strategy, where the order of jobs is in the bytes.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "emu/experiment/experiment_new.h"
#include "sfemu/scenario.h"
#include "tests/unit/unit.h"

/* Of each job a folder and the return value. access: of a state that all jobs share. */
static int make(unsigned jobs, const char *access, struct sfe_error *err)
{
	char path[] = "/tmp/sfe-keep-XXXXXX.yaml";
	int fd = mkstemps(path, 5);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "w");
	struct sfe_scenario *s;
	struct sfe_experiment *e = NULL;

	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	fprintf(f,
		"name: keep\n"
		"keep: states\n"
		"topology: {compose: {cells: [{node: rpi4, to: sw, count: 2}], backbone: []}}\n"
		"functions: {f: {ops: 1e6, output: 8B}}\n"
		"workflows: [{name: w, jobs: %u, argument: 8B, arrivals: poisson 1, states: {s: "
		"{size: 8B, scope: global}}, steps: [{name: a, function: f, %s: s}]}]\n"
		"strategies: [PureFaaS, StatePropagate, StateLocal, UnchainedInClient]\n",
		jobs, access);
	fclose(f);
	int r = sfe_scenario_read(path, NULL, 0, &s, err);
	unlink(path);
	r = r ? r : sfe_experiment_new(s, &e, err);
	if (!r)
		sfe_experiment_free(e);
	return r;
}

static void test_files(void)
{
	struct sfe_error err = {0};

	CU_ASSERT_EQUAL(make(9998, "update", &err), 0);
	/* 8 of each job, and 12 of the state that outlives them. */
	CU_ASSERT_EQUAL(make(10001, "update", &err), -EINVAL);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.what, "80020 files and folders"));
	/* Nobody reads what the others write: the same bytes under all strategies. */
	CU_ASSERT_EQUAL(make(10001, "write", &err), 0);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"files of kept states", test_files},
	};

	return unit_main("keep_check", tests, sizeof(tests) / sizeof(tests[0]));
}

/* SPDX-License-Identifier: MIT */
/* What the tests of scenarios share: a folder with input files, and scenarios from text. */
#ifndef SFE_TESTS_SCENARIO_TEXTS_H
#define SFE_TESTS_SCENARIO_TEXTS_H

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sfemu/scenario.h"
#include "tests/unit/unit.h"

#define BASE "topology: {generate: iiot}\nworkload: {tasks: tasks.csv}\n" /* lines 1 and 2 */
#define LEN(a) (sizeof(a) / sizeof((a)[0]))

static char folder[] = "/tmp/sfe-scenario-XXXXXX";

static inline void write_file(const char *name, const char *text, size_t len)
{
	FILE *out = fopen(name, "we");

	CU_ASSERT_PTR_NOT_NULL_FATAL(out);
	CU_ASSERT_EQUAL(fwrite(text, 1, len, out), len);
	CU_ASSERT_EQUAL(fclose(out), 0);
}

static inline int read_text(const char *text, const char *const *sets, uint32_t n_sets,
	struct sfe_scenario **out, struct sfe_error *err)
{
	write_file("s.yaml", text, strlen(text));
	return sfe_scenario_read("s.yaml", sets, n_sets, out, err);
}

static inline struct sfe_scenario *good(const char *text, const char *const *sets, uint32_t n_sets)
{
	struct sfe_error err = {0};
	struct sfe_scenario *s = NULL;
	char buf[1200];

	if (read_text(text, sets, n_sets, &s, &err))
		fprintf(stderr, "%s\n", sfe_error_text(&err, buf, sizeof(buf)));
	CU_ASSERT_PTR_NOT_NULL_FATAL(s);
	return s;
}

/* The error line begins with `want`, and has advice. */
static inline void refused(const char *text, const char *set, const char *want)
{
	struct sfe_error err = {0};
	struct sfe_scenario *s = NULL;
	char buf[1200];
	int ret = read_text(text, &set, set != NULL, &s, &err);

	sfe_error_text(&err, buf, sizeof(buf));
	if (ret != -EINVAL || strncmp(buf, want, strlen(want)) || !err.todo[0] ||
		strpbrk(buf, "\n\t"))
		fprintf(stderr, "%d, got:  %s\n   want: %s\n", ret, buf, want);
	CU_ASSERT_EQUAL(ret, -EINVAL);
	CU_ASSERT_PTR_NULL(s);
	CU_ASSERT_EQUAL(strncmp(buf, want, strlen(want)), 0);
	CU_ASSERT_NOT_EQUAL(err.todo[0], '\0');
	CU_ASSERT_PTR_NULL(strpbrk(buf, "\n\t"));
	CU_ASSERT_EQUAL(read_text(text, &set, set != NULL, &s, NULL), -EINVAL);
}

static inline char *written(const struct sfe_scenario *s)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	CU_ASSERT_PTR_NOT_NULL_FATAL(out);
	CU_ASSERT_EQUAL(sfe_scenario_write(s, out), 0);
	fclose(out);
	return text;
}

/* A scenario with every key. */
static const char everything[] =
	"name: all-of-it\n"
	"seed: 2147483646\n"
	"topology: {nodes: t.nodes, links: ./t.links, edges: \"sub/../we\\\"ird \\\\.edges\"}\n"
	"link:\n"
	"  shared: {rate: 300Mbit, delay: 2.5ms, queue: 64kB}\n"
	"  uplink:\n"
	"    queue: 20ms\n"
	"    delay: 0\n"
	"tcp: {congestion: bbr, slow_start_after_idle: false, sack: false, timestamps: false,\n"
	"  rmem_max: 16MiB, wmem_max: 1MB, initial_window: 4, mtu: 9000}\n"
	"workload: {tasks: tasks.csv, jobs: 50, functions: 7, ops_factor: 0.1, arg_factor: 1e3,\n"
	"  state_factor: 0, shape: dag, arrivals: poisson 2.7}\n"
	"placement: ProcOnly\n"
	"strategies: [StateLocal, PureFaaS]\n"
	"substrate: vm\n"
	"clock: virtual\n"
	"job_timeout: 90s\n"
	"jobs_may_fail: true\n"
	"invocation: {deadline: 2.5s, retries: 3, backoff: 20ms}\n"
	"replicas: 2\n"
	"keep: states\n"
	"results: /tmp/results\n";

static inline int set_up(void)
{
	if (!mkdtemp(folder) || chdir(folder) || mkdir("sub", 0755))
		return -1;
	static const char *const names[] = {"tasks.csv", "t.nodes", "t.links", "we\"ird \\.edges"};
	for (size_t i = 0; i < LEN(names); i++) {
		FILE *out = fopen(names[i], "we");
		if (!out || fclose(out))
			return -1;
	}
	return 0;
}

static inline int remove_one(const char *path, const struct stat *st, int what, struct FTW *at)
{
	(void)st, (void)what, (void)at;
	return remove(path);
}

static inline void tear_down(void)
{
	if (!chdir("/"))
		nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* Runs the tests in the folder; returns the exit status. */
static inline int scenario_main(const char *name, const struct unit_test *tests, size_t n)
{
	if (set_up()) {
		perror(folder);
		return EXIT_FAILURE;
	}
	int status = unit_main(name, tests, n);
	tear_down();
	return status;
}

#endif

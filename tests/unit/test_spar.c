/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sfemu/spar.h"
#include "sfemu/workload.h"
#include "unit.h"

static const char *const keyless[] = {
	"task_duration", "task_cpu", "task_mem", "instance_num", "job_interval"};

static void put(const char *folder, const char *name, const char *text)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s.csv", folder, name);
	FILE *f = fopen(path, "we");
	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	fputs(text, f);
	fclose(f);
}

/* Tables in which nothing is left to chance but what a test makes it be. */
static void make_tables(char folder[static 32])
{
	strcpy(folder, "/tmp/sfe-spar-XXXXXX");
	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
	for (size_t i = 0; i < sizeof(keyless) / sizeof(keyless[0]); i++)
		put(folder, keyless[i], "p,value\n0,1\n1,2\n");
	put(folder, "task_num", "p,value\n0,5\n1,6\n");
	put(folder, "cpl", "key,p,value\n2,0,2\n2,1,2\n3,0,3\n3,1,3\n");
	put(folder, "level", "key,p,value\n1,0,1\n3,0,1\n3,1,2\n");
}

static void remove_tables(const char *folder)
{
	char command[64];

	snprintf(command, sizeof(command), "rm -r %s", folder);
	CU_ASSERT_EQUAL(system(command), 0);
}

static char *generate(const struct sfe_spar_tables *t, struct sfe_spar_params p)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	CU_ASSERT_EQUAL(sfe_spar_write(t, &p, f, NULL), 0);
	fclose(f);
	return text;
}

/*
 * Always 5 tasks, a critical path of 3 and the other two tasks in rank 1: ranks of 3, 1 and 1. Each
 * of the first three precedes ceil(3/4 * 1/3) = 1 of rank 2, that is task 4, which precedes task 5.
 */
static void test_ranks(void)
{
	char folder[32];
	struct sfe_spar_tables *t;
	struct sfe_error err;

	make_tables(folder);
	CU_ASSERT_EQUAL_FATAL(sfe_spar_tables_read(folder, &t, &err), 0);
	char *text = generate(t, (struct sfe_spar_params){.jobs = 2, .seed = 1});
	CU_ASSERT_STRING_EQUAL(text, "0.0,j_1,T1,1,1.0,1,1\n0.0,j_1,T2,1,1.0,1,1\n"
				     "0.0,j_1,T3,1,1.0,1,1\n0.0,j_1,T4_1_2_3,1,1.0,1,1\n"
				     "0.0,j_1,T5_4,1,1.0,1,1\n"
				     "1.0,j_2,T1,1,1.0,1,1\n1.0,j_2,T2,1,1.0,1,1\n"
				     "1.0,j_2,T3,1,1.0,1,1\n1.0,j_2,T4_1_2_3,1,1.0,1,1\n"
				     "1.0,j_2,T5_4,1,1.0,1,1\n");
	free(text);
	struct sfe_spar_params p = {.jobs = 1, .min_chain = 4};
	CU_ASSERT_EQUAL(sfe_spar_write(t, &p, stdout, &err), -34); /* its chains have 3 */
	p = (struct sfe_spar_params){.jobs = 1, .min_chain = 4, .max_chain = 3};
	CU_ASSERT_EQUAL(sfe_spar_write(t, &p, stdout, &err), -22);
	p = (struct sfe_spar_params){.jobs = 0};
	CU_ASSERT_EQUAL(sfe_spar_write(t, &p, stdout, &err), -22);
	sfe_spar_tables_free(t);
	remove_tables(folder);
}

static void test_bad_tables(void)
{
	static const struct {
		const char *name, *text, *place;
	} bads[] = {
		{"task_num", "p,value\n0,0\n", "task_num.csv:2"},
		{"task_num", "p,value\n0,1001\n", "task_num.csv:2"},
		{"task_num", "p,value\n", "task_num.csv"},
		{"task_cpu", "p,value\n0,nan\n", "task_cpu.csv:2"},
		{"task_cpu", "p,value\n0.5,1\n", "task_cpu.csv:2"},
		{"task_cpu", "p,value\n0,1\n0,2\n", "task_cpu.csv:3"},
		{"task_cpu", "p,value\n0,1\n2,2\n", "task_cpu.csv:3"},
		{"level", "key,p,value\n0,1\n", "level.csv:2"},
		{"level", "key,p,value\n2,0,1\n1,0,1\n", "level.csv:3"},
	};

	for (size_t i = 0; i < sizeof(bads) / sizeof(bads[0]); i++) {
		char folder[32];
		struct sfe_spar_tables *t;
		struct sfe_error err = {0};

		make_tables(folder);
		put(folder, bads[i].name, bads[i].text);
		CU_ASSERT_EQUAL(sfe_spar_tables_read(folder, &t, &err), -22);
		CU_ASSERT_STRING_EQUAL(err.where + strlen(folder) + 1, bads[i].place);
		remove_tables(folder);
	}
}

/* From Spår's own tables: the file in scenarios is what its README says, and jobs are like the
 * trace's. */
static void test_real_tables(void)
{
	const struct sfe_spar_params quick = {
		.jobs = 60, .seed = 23, .stateful_only = true, .min_chain = 2, .max_chain = 12};
	const struct sfe_workload_params params = {
		.functions = 10, .ops_factor = 1, .arg_factor = 1e6, .state_factor = 1e6};
	struct sfe_spar_tables *t;
	struct sfe_workload *w;
	char want[1 << 16];

	if (access(SFE_SOURCE_DIR "/../shared/reference/spar", R_OK)) {
		printf("SKIPPED: ../shared/reference is absent\n");
		return;
	}
	CU_ASSERT_EQUAL_FATAL(
		sfe_spar_tables_read(SFE_SOURCE_DIR "/../shared/reference/spar", &t, NULL), 0);
	char *text = generate(t, quick);
	FILE *f = fopen(SFE_SOURCE_DIR "/scenarios/workloads/quickstart.csv", "re");
	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	want[fread(want, 1, sizeof(want) - 1, f)] = 0;
	fclose(f);
	CU_ASSERT_STRING_EQUAL(text, want);
	free(text);
	text = generate(t, (struct sfe_spar_params){.jobs = 5000, .seed = 2});
	CU_ASSERT_EQUAL_FATAL(sfe_workload_parse(text, strlen(text), "spar", &params, &w, NULL), 0);
	CU_ASSERT_EQUAL(w->n_jobs + w->n_stateless_dropped, 5000);
	/* Of the reference's 4500 jobs 695 have a state. */
	CU_ASSERT_DOUBLE_EQUAL(w->n_jobs / 5000.0, 695 / 4500.0, 0.02);
	sfe_workload_free(w);
	free(text);
	sfe_spar_tables_free(t);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"ranks and predecessors by hand", test_ranks},
		{"bad tables", test_bad_tables},
		{"Spår's tables", test_real_tables},
	};

	return unit_main("spar", tests, sizeof(tests) / sizeof(tests[0]));
}

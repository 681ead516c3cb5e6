/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "emu/model/workload/spar_tables.h"
#include "sfemu/workload.h"
#include "tests/unit/unit.h"

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

/* Tables without randomness except where a test adds it. */
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

	CU_ASSERT_EQUAL(sfe_spar_write(t, &p, f, NULL, NULL), 0);
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
	CU_ASSERT_EQUAL(sfe_spar_write(t, &p, stdout, NULL, &err), -34); /* its chains have 3 */
	p = (struct sfe_spar_params){.jobs = 1, .min_chain = 4, .max_chain = 3};
	CU_ASSERT_EQUAL(sfe_spar_write(t, &p, stdout, NULL, &err), -22);
	p = (struct sfe_spar_params){.jobs = 0};
	CU_ASSERT_EQUAL(sfe_spar_write(t, &p, stdout, NULL, &err), -22);
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

static struct sfe_spar_tables *builtin(void)
{
	struct sfe_spar_tables *t = NULL;

	CU_ASSERT_EQUAL_FATAL(sfe_spar_tables_builtin(&t, NULL), 0);
	return t;
}

/* The repository's file is as its README describes; 695 jobs have a state, as of the reference's
 * 4500. */
static void test_builtin(void)
{
	const struct sfe_spar_params quick = {
		.jobs = 60, .seed = 23, .stateful_only = true, .min_chain = 2, .max_chain = 12};
	const struct sfe_workload_params params = {
		.functions = 10, .ops_factor = 1, .arg_factor = 1e6, .state_factor = 1e6};
	struct sfe_spar_tables *t = builtin();
	struct sfe_workload *w;
	char want[1 << 16];

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
	CU_ASSERT_DOUBLE_EQUAL(w->n_jobs / 5000.0, 695 / 4500.0, 0.02);
	sfe_workload_free(w);
	free(text);
	sfe_spar_tables_free(t);
}

/* The built-in tables equal Spår's, row by row. */
static void test_reference(void)
{
	struct sfe_spar_tables *ours = builtin(), *theirs;
	const char *folder = SFE_SOURCE_DIR "/../shared/reference/spar";

	if (access(folder, R_OK)) {
		printf("SKIPPED: ../shared/reference is absent\n");
		sfe_spar_tables_free(ours);
		return;
	}
	CU_ASSERT_EQUAL_FATAL(sfe_spar_tables_read(folder, &theirs, NULL), 0);
	const struct sfe_quantiles *const a[] = {&ours->cpl, &ours->level, &ours->task_num,
		&ours->task_duration, &ours->task_cpu, &ours->task_mem, &ours->instance_num,
		&ours->job_interval};
	const struct sfe_quantiles *const b[] = {&theirs->cpl, &theirs->level, &theirs->task_num,
		&theirs->task_duration, &theirs->task_cpu, &theirs->task_mem, &theirs->instance_num,
		&theirs->job_interval};
	for (size_t i = 0; i < sizeof(a) / sizeof(a[0]); i++) {
		CU_ASSERT_EQUAL_FATAL(a[i]->n, b[i]->n);
		bool same = true;
		for (uint32_t k = 0; k < a[i]->n; k++)
			same &= a[i]->rows[k].key == b[i]->rows[k].key &&
				a[i]->rows[k].p == b[i]->rows[k].p &&
				a[i]->rows[k].value == b[i]->rows[k].value;
		CU_ASSERT(same);
	}
	sfe_spar_tables_free(ours);
	sfe_spar_tables_free(theirs);
}

/* The next row's numbers; false at the end. */
static bool next_row(const char **at, double *duration, double *cpu, double *mem)
{
	if (!**at)
		return false;
	CU_ASSERT_EQUAL_FATAL(
		sscanf(*at, "%*[^,],%*[^,],%*[^,],%lf,%lf,%lf", duration, cpu, mem), 3);
	*at = strchr(*at, '\n') + 1;
	return true;
}

/* Spår's heterogeneity: values above the average (cpu 79, memory 0.324) times X, others divided. */
static void test_heterogeneity(void)
{
	struct sfe_spar_tables *t = builtin();
	char *plain = generate(t, (struct sfe_spar_params){.jobs = 300, .seed = 1});
	char *spread =
		generate(t, (struct sfe_spar_params){.jobs = 300, .seed = 1, .heterogeneity = 1.5});
	const char *a = plain, *b = spread;
	double duration, cpu, mem, duration2, cpu2, mem2;
	unsigned rows = 0;

	CU_ASSERT_DOUBLE_EQUAL(sfe_quantile_mean(&t->task_cpu), 79, 1e-9);
	CU_ASSERT_DOUBLE_EQUAL(sfe_quantile_mean(&t->task_mem), 0.32427, 1e-9);
	while (next_row(&a, &duration, &cpu, &mem) && next_row(&b, &duration2, &cpu2, &mem2)) {
		CU_ASSERT_EQUAL(duration2, duration);
		CU_ASSERT_DOUBLE_EQUAL(cpu2, cpu > 79 ? cpu * 1.5 : cpu / 1.5, 1e-3);
		CU_ASSERT_DOUBLE_EQUAL(mem2, mem > 0.324 ? mem * 1.5 : mem / 1.5, 1e-5);
		rows++;
	}
	CU_ASSERT(rows > 600 && !*a && !*b);
	free(plain);
	free(spread);
	sfe_spar_tables_free(t);
}

/* The effect of the options on jobs and arrivals. */
static void test_options(void)
{
	struct sfe_spar_tables *t = builtin();
	struct sfe_spar_counts one, two, half;
	struct sfe_spar_params p = {.hours = 1, .seed = 3};
	FILE *null = fopen("/dev/null", "we");
	struct sfe_error err;

	CU_ASSERT_EQUAL(sfe_spar_write(t, &p, null, &one, NULL), 0);
	CU_ASSERT(one.last_s < 3600 && one.last_s > 3590);
	CU_ASSERT_DOUBLE_EQUAL(one.jobs, 17910, 1000);
	p.load_factor = 2;
	CU_ASSERT_EQUAL(sfe_spar_write(t, &p, null, &two, NULL), 0);
	CU_ASSERT(two.last_s < 3600);
	CU_ASSERT_DOUBLE_EQUAL(two.jobs / (2.0 * one.jobs), 1, 0.05);
	p.load_factor = 0.5;
	CU_ASSERT_EQUAL(sfe_spar_write(t, &p, null, &half, NULL), 0);
	CU_ASSERT_DOUBLE_EQUAL(half.jobs / (0.5 * one.jobs), 1, 0.05);
	p.jobs = 10;
	CU_ASSERT_EQUAL(sfe_spar_write(t, &p, null, &half, NULL), 0);
	CU_ASSERT_EQUAL(half.jobs, 10);
	const struct sfe_spar_params bads[] = {{0}, {.hours = -1}, {.hours = 1e9},
		{.hours = 0.0 / 0.0}, {.jobs = SFE_SPAR_MAX_JOBS + 1},
		{.jobs = 1, .load_factor = -1}, {.jobs = 1, .load_factor = 1e9},
		{.jobs = 1, .heterogeneity = 1e-9}, {.jobs = 1, .heterogeneity = 0.0 / 0.0}};
	for (size_t i = 0; i < sizeof(bads) / sizeof(bads[0]); i++)
		CU_ASSERT_EQUAL(sfe_spar_write(t, &bads[i], null, NULL, &err), -22);
	fclose(null);
	sfe_spar_tables_free(t);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"ranks and predecessors by hand", test_ranks},
		{"bad tables", test_bad_tables},
		{"the built-in tables", test_builtin},
		{"they are Spår's tables", test_reference},
		{"hours and load factor", test_options},
		{"heterogeneity", test_heterogeneity},
	};

	return unit_main("spar", tests, sizeof(tests) / sizeof(tests[0]));
}

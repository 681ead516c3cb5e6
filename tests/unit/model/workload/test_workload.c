/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "sfemu/workload.h"
#include "tests/unit/unit.h"

static const struct sfe_workload_params params = {
	.functions = 10, .ops_factor = 1e5, .arg_factor = 1e6, .state_factor = 2e6};

static int parse(const char *text, struct sfe_workload **w, struct sfe_error *err)
{
	return sfe_workload_parse(text, strlen(text), "w", &params, w, err);
}

/*
 * 1 and 2 begin; 3 follows both, 4 follows 2 only, 5 follows 3 and 4. Reached from 1: 3 and 5. What
 * they also need, 2 and 4, are the states.
 */
#define JOB                                                                                        \
	"1.5,j_7,M1,2,100.0,0.5,1\n"                                                               \
	"1.5,j_7,M2,3,100.0,0.25,1\n"                                                              \
	"1.5,j_7,J3_1_2,4,50.0,0.1,1\n"                                                            \
	"1.5,j_7,R4_2,5,100.0,0.3,1\n"                                                             \
	"1.5,j_7,J5_4_3,6,100.0,0.2,1\n"

static void test_dag(void)
{
	struct sfe_workload *w;

	CU_ASSERT_EQUAL_FATAL(parse(JOB, &w, NULL), 0);
	CU_ASSERT_EQUAL_FATAL(w->n_jobs, 1);
	const struct sfe_job *j = &w->jobs[0];
	CU_ASSERT_EQUAL(j->number, 7);
	CU_ASSERT_EQUAL(j->arrival_s, 1.5);
	CU_ASSERT_EQUAL_FATAL(j->n_steps, 3);
	CU_ASSERT_EQUAL(j->steps[0].task, 1);
	CU_ASSERT_EQUAL(j->steps[1].task, 3);
	CU_ASSERT_EQUAL(j->steps[2].task, 5);
	CU_ASSERT_EQUAL(j->steps[0].ops, 200000);
	CU_ASSERT_EQUAL(j->steps[1].ops, 200000);
	CU_ASSERT_EQUAL(j->steps[0].arg_bytes, 500000);
	CU_ASSERT_EQUAL(j->steps[0].out_bytes, 100000);
	CU_ASSERT_EQUAL(j->steps[1].out_bytes, 200000);
	CU_ASSERT_EQUAL(j->steps[2].out_bytes, 500000); /* the return value: the first argument */
	CU_ASSERT_EQUAL(j->return_bytes, 500000);
	CU_ASSERT_EQUAL_FATAL(j->n_states, 2);
	CU_ASSERT_EQUAL(j->state_bytes[0], 500000); /* task 2 */
	CU_ASSERT_EQUAL(j->state_bytes[1], 600000); /* task 4 */
	CU_ASSERT_EQUAL(j->states_total_bytes, 1100000);
	CU_ASSERT_EQUAL(j->steps[0].n_deps, 0);
	CU_ASSERT_EQUAL_FATAL(j->steps[1].n_deps, 1);
	CU_ASSERT_EQUAL(j->steps[1].deps[0], 0);
	CU_ASSERT_EQUAL_FATAL(j->steps[2].n_deps, 1);
	CU_ASSERT_EQUAL(j->steps[2].deps[0], 1);
	/* minstd, seed 0: 0.13 0.46 0.22 */
	CU_ASSERT_EQUAL(j->steps[0].function, 1);
	CU_ASSERT_EQUAL(j->steps[1].function, 4);
	CU_ASSERT_EQUAL(j->steps[2].function, 2);
	sfe_workload_free(w);
}

/* Numbers out of order: a chain in ascending number whatever the rows' order; a state shared by
 * two. */
static void test_order_and_sharing(void)
{
	struct sfe_workload *w;

	CU_ASSERT_EQUAL_FATAL(parse("0,j_1,T4_1_2,1,100,1,1\n0,j_1,T3_4_2_2,1,100,1,1\n"
				    "0,j_1,T2,1,100,1,1\n0,j_1,T1,1,100,1,1\n",
				      &w, NULL),
		0);
	const struct sfe_job *j = &w->jobs[0];
	CU_ASSERT_EQUAL_FATAL(j->n_steps, 3);
	CU_ASSERT_EQUAL(j->steps[1].task, 3);
	CU_ASSERT_EQUAL(j->steps[2].task, 4);
	CU_ASSERT_EQUAL(j->n_states, 1);
	CU_ASSERT_EQUAL(j->steps[1].n_deps, 1);
	CU_ASSERT_EQUAL(j->steps[2].n_deps, 1);
	sfe_workload_free(w);
}

static void test_skipped_and_dropped(void)
{
	struct sfe_workload *w;

	CU_ASSERT_EQUAL_FATAL(parse("0,j_1,T1,1,100,1,1\n0,j_1,T2_1,1,100,1,1\n" /* no state */
				    "0,j_7,task_abc,1,100,1,1\n0,x_7,M1,1,100,1,1\n"
				    "0,j_7,MergeTask,1,100,1,1\n0,j_7,M1_Stg1,1,100,1,1\n"
				    "too,few\n" JOB "\n0,j_9,broken",
				      &w, NULL),
		0);
	CU_ASSERT_EQUAL(w->n_skipped_rows, 5);
	CU_ASSERT_EQUAL(w->n_stateless_dropped, 1);
	CU_ASSERT_EQUAL(w->n_jobs, 1); /* nothing is read after the empty line */
	sfe_workload_free(w);
}

static void test_alibaba(void)
{
	struct sfe_workload *w;

	CU_ASSERT_EQUAL_FATAL(parse("M1,1,j_3,1,Terminated,100,104,100.0,0.5\r\n"
				    "M2,1,j_3,1,Terminated,101,103,100.0,0.25\r\n"
				    "J3_1_2,9,j_3,1,Terminated,104,110,50.0,0.1\r\n",
				      &w, NULL),
		0);
	const struct sfe_job *j = &w->jobs[0];
	CU_ASSERT_EQUAL(j->number, 3);
	CU_ASSERT_EQUAL(j->arrival_s, 100);
	CU_ASSERT_EQUAL_FATAL(j->n_steps, 2);
	CU_ASSERT_EQUAL(j->steps[0].ops, 400000);
	CU_ASSERT_EQUAL(j->steps[1].ops, 300000);
	CU_ASSERT_EQUAL(j->state_bytes[0], 500000);
	sfe_workload_free(w);
}

/* Alibaba's trace is an excerpt from a running cluster: incomplete jobs are omitted. */
static void test_alibaba_unfinished(void)
{
	struct sfe_workload *w;

	CU_ASSERT_EQUAL_FATAL(
		parse("M1,1,j_3,1,Terminated,104,104,100.0,0.5\n"
		      "M2,1,j_3,1,Terminated,101,103,100.0,0.25\n"
		      "J3_1_2,9,j_3,1,Terminated,104,110,50.0,0.1\n"
		      /* running; failed; beyond the trace; waiting, without times; a task missing;
			 no task 1 */
		      "M1,1,j_4,1,Running,101,0,100.0,0.25\n"
		      "M1,1,j_5,1,Terminated,101,102,100,1\nM2,1,j_5,1,Failed,101,102,100,1\n"
		      "M1,1,j_6,1,Terminated,101,0,100,1\n"
		      "M1,1,j_7,1,Waiting,,,100,\n"
		      "M1,1,j_8,1,Terminated,101,102,100,1\nR3_1_2,1,j_8,1,Terminated,102,103,100,"
		      "1\n"
		      "M2,1,j_9,1,Terminated,101,102,100,1\n"
		      "task_abc=,1,j_10,1,Terminated,101,102,,\n",
			&w, NULL),
		0);
	CU_ASSERT_EQUAL(w->n_jobs, 1);
	CU_ASSERT_EQUAL(w->jobs[0].arrival_s, 101); /* its first task's start */
	CU_ASSERT_EQUAL(w->n_left_out[SFE_LEFT_OUT_UNFINISHED], 4);
	CU_ASSERT_EQUAL(w->n_left_out[SFE_LEFT_OUT_INCOMPLETE], 2);
	CU_ASSERT_EQUAL(w->n_skipped_rows, 1);
	sfe_workload_free(w);
}

static void test_rounding(void)
{
	struct sfe_workload *w;

	CU_ASSERT_EQUAL_FATAL(parse("0,j_1,T1,0.000016,100,0.0000016,1\n"
				    "0,j_1,T2,1,100,0.0000007,1\n0,j_1,T3_1_2,1,100,0.0000004,1\n",
				      &w, NULL),
		0);
	CU_ASSERT_EQUAL(w->jobs[0].steps[0].ops, 2);
	CU_ASSERT_EQUAL(w->jobs[0].steps[0].arg_bytes, 2);
	CU_ASSERT_EQUAL(w->jobs[0].steps[1].arg_bytes, 0);
	CU_ASSERT_EQUAL(w->jobs[0].state_bytes[0], 1);
	sfe_workload_free(w);
}

static void test_function_names(void)
{
	struct sfe_workload_params p = params;
	struct sfe_workload *w;

	p.functions = 12;
	CU_ASSERT_EQUAL_FATAL(sfe_workload_parse(JOB, strlen(JOB), "w", &p, &w, NULL), 0);
	CU_ASSERT_EQUAL(w->n_functions, 12);
	CU_ASSERT_STRING_EQUAL(w->function_names[1], "f1");
	CU_ASSERT_STRING_EQUAL(w->function_names[2], "f10");
	CU_ASSERT_STRING_EQUAL(w->function_names[11], "f9");
	CU_ASSERT_EQUAL(w->jobs[0].steps[1].function, 5); /* 0.46 of 12 */
	sfe_workload_free(w);
}

static const struct {
	const char *text, *where, *what;
} bads[] = {
	{"", "w", "empty"},
	{"\n" JOB, "w", "empty"},
	{"0,j_1,T1,1,100,1,1\n", "w", "none of its 1 jobs has a state"},
	{JOB "1,j_7,X3,1,1,1,1\n", "w:6", "task 3 of j_7 is already defined in line 3"},
	{JOB "1,j_7,X6_6,1,1,1,1\n", "w:6", "task 6 of j_7 depends on itself"},
	{JOB "1,j_7,X6_9,1,1,1,1\n", "w:6", "depends on task 9, a state that no task writes"},
	{JOB "1,j_8,T2,1,1,1,1\n", "w:6", "j_8 has no task 1"},
	{JOB "1,j_8,T1,1,1,1,1\n1,j_8,T2_3,1,1,1,1\n1,j_8,T3_2,1,1,1,1\n", "w:7", "cycle"},
	{JOB "1,j_x,T1,1,1,1,1\n", "w:6", "job's number"},
	{JOB "1,j_99999999999999999999,T1,1,1,1,1\n", "w:6", "job's number"},
	{JOB "1,j_8,11,1,1,1,1\n", "w:6", "letter"},
	{JOB "1,j_8,T,1,1,1,1\n", "w:6", "task's number"},
	{JOB "1,j_8,T0,1,1,1,1\n", "w:6", "task's number"},
	{JOB "1,j_8,T1001,1,1,1,1\n", "w:6", "task's number"},
	{JOB "1,j_8,T1_x,1,1,1,1\n", "w:6", "a predecessor"},
	{JOB "x,j_8,T1,1,1,1,1\n", "w:6", "the arrival is not a number"},
	{JOB "-1,j_8,T1,1,1,1,1\n", "w:6", "the arrival is negative"},
	{JOB "1,j_8,T1,nan,1,1,1\n", "w:6", "the duration is not a number"},
	{JOB "1,j_8,T1,1,inf,1,1\n", "w:6", "the cpu is not a number"},
	{JOB "1,j_8,T1,1e999,1,1,1\n", "w:6", "the duration overflows"},
	{JOB "1,j_8,T1,1e13,1,1,1\n", "w:6", "the duration is more than"},
	{JOB "1,j_8,T1,1,1,1,-1\n", "w:6", "the instances is negative"},
	{"0,j_1,T1,1,1,1,1\n0,j_1,T2,1,1,4611686018427.387904,1\n0,j_1,T3_1_2,1,1,1,1\n", "w:2",
		"the state in bytes of task 2"}, /* 2^63 bytes with the factor 2e6 */
	{"0,j_1,T1,1,1,1e300,1\n0,j_1,T2,1,1,1,1\n0,j_1,T3_1_2,1,1,1,1\n", "w:1",
		"the argument in bytes of task 1"},
	{"0,j_1,T1,1e12,1e12,1,1\n0,j_1,T2,1,1,1,1\n0,j_1,T3_1_2,1,1,1,1\n", "w:1",
		"the number of operations of task 1"},
	{"0,j_1,T1_1,1,1,1,1\n", "w:1", "depends on itself"},
	{"0,j_1,T1,1,1,1,1\n0,j_2,T1,1,1,1,1\n0,j_1,T2,1,1,1,1\n", "w:3",
		"j_1 comes again: its rows at line 1 and here are not together"},
	{"M1,1,j_3,1,Failed,100,101,100.0,0.5\n", "w",
		"of its 1 jobs 1 were left out (1 of them not finished)"},
};

static void test_bad(void)
{
	for (size_t i = 0; i < sizeof(bads) / sizeof(bads[0]); i++) {
		struct sfe_workload *w = NULL;
		struct sfe_error err = {0};
		int rc = parse(bads[i].text, &w, &err);
		bool told = rc == -22 && !strcmp(err.where, bads[i].where) &&
			    strstr(err.what, bads[i].what) && err.todo[0];

		CU_ASSERT(told);
		if (!told)
			printf("case %zu: %d %s: %s; %s\n", i, rc, err.where, err.what, err.todo);
		if (!rc)
			sfe_workload_free(w);
	}
}

#define GOOD                                                                                       \
	"M1,1,j_99,1,Terminated,100,104,100,0.5\nM2,1,j_99,1,Terminated,101,103,100,0.5\n"         \
	"R3_1_2,1,j_99,1,Terminated,104,110,50,0.1\n"
#define A50 "M2_1_1_1_1_1_1_1_1_1_1_1_1_1_1_1_1_1_1_1_1_1_1_1_1" /* 50 characters */

/* What is wrong with a job of Alibaba's leaves that job out, by its reason, and no other. */
static void test_alibaba_left_out(void)
{
	static const struct {
		const char *rows;
		enum sfe_left_out why;
	} jobs[] = {
		{"M1_2,1,j_1,1,Terminated,1,2,1,1\nM2_1,1,j_1,1,Terminated,1,2,1,1\n",
			SFE_LEFT_OUT_CYCLE},
		{"M1_1,1,j_1,1,Terminated,1,2,1,1\n", SFE_LEFT_OUT_CYCLE},
		{"M1,1,j_1,1,Terminated,1,2,1,1\nR1,1,j_1,1,Terminated,1,2,1,1\n",
			SFE_LEFT_OUT_TWICE},
		{"M1,1,j_1,1,Terminated,1,2,1,1\n" A50 ",1,j_1,1,Terminated,1,2,1,1\n",
			SFE_LEFT_OUT_CUT},
		{"M1,1,j_1,1,Terminated,1,2,x,1\n", SFE_LEFT_OUT_MALFORMED},
		{"M1,1,j_1,1,Terminated,1,2,-1,1\n", SFE_LEFT_OUT_MALFORMED},
		{"M1,1,j_1,1,Terminated,3,2,1,1\n", SFE_LEFT_OUT_MALFORMED},
		{"M1,1,j_1,1,Terminated,1,2,1\n", SFE_LEFT_OUT_MALFORMED},
		{"M1,1,j_1,1,Terminated,1,2,1,1,1\n", SFE_LEFT_OUT_MALFORMED},
		{"1,1,j_1,1,Terminated,1,2,1,1\n", SFE_LEFT_OUT_MALFORMED},
		{"M1001,1,j_1,1,Terminated,1,2,1,1\n", SFE_LEFT_OUT_MALFORMED},
		{"M2,1,j_1,1,Terminated,1,2,1,1\n", SFE_LEFT_OUT_INCOMPLETE},
	};

	CU_ASSERT_EQUAL(strlen(A50), 50);
	for (size_t i = 0; i < sizeof(jobs) / sizeof(jobs[0]); i++) {
		struct sfe_workload *w;
		char text[1024];
		snprintf(text, sizeof(text), "%s%s", jobs[i].rows, GOOD);
		CU_ASSERT_EQUAL_FATAL(parse(text, &w, NULL), 0);
		CU_ASSERT_EQUAL(w->n_jobs, 1);
		CU_ASSERT_EQUAL(w->jobs[0].number, 99);
		for (unsigned k = 0; k < SFE_LEFT_OUT_REASONS; k++)
			CU_ASSERT_EQUAL(w->n_left_out[k], k == jobs[i].why);
		sfe_workload_free(w);
	}
}

/* Alibaba's rows in another order, such as that of their starts, are the same jobs. */
static void test_alibaba_together(void)
{
	struct sfe_workload *w;
	struct sfe_workload_params p = params;

	CU_ASSERT_EQUAL_FATAL(parse("M1,1,j_2,1,Terminated,100,104,100,0.5\n"
				    "no task\n"
				    "M1,1,j_1,1,Terminated,100,104,100,0.5\n"
				    "M2,1,j_2,1,Terminated,99,103,100,0.5\n"
				    "M2,1,j_1,1,Terminated,101,103,100,0.5\n"
				    "R3_1_2,1,j_1,1,Terminated,104,110,50,0.1\n"
				    "R3_1_2,1,j_2,1,Terminated,104,110,50,0.1\n",
				      &w, NULL),
		0);
	CU_ASSERT_EQUAL_FATAL(w->n_jobs, 2);
	CU_ASSERT_EQUAL(w->n_skipped_rows, 1);
	CU_ASSERT_EQUAL(w->jobs[0].number, 2); /* whose first row comes first */
	CU_ASSERT_EQUAL(w->jobs[0].arrival_s, 99);
	CU_ASSERT_EQUAL(w->jobs[0].n_steps, 2);
	CU_ASSERT_EQUAL(w->jobs[1].number, 1);
	CU_ASSERT_EQUAL(w->jobs[1].n_states, 1);
	sfe_workload_free(w);
	/* As the published reader: rows that follow each other are one job. */
	static const char apart[] = "0,j_1,T1,1,1,1,1\n0,j_1,T2,1,1,1,1\n0,j_1,T3_1_2,1,1,1,1\n"
				    "0,j_2,T1,1,1,1,1\n"
				    "0,j_1,T1,1,1,1,1\n0,j_1,T2,1,1,1,1\n0,j_1,T3_1_2,1,1,1,1\n";
	p.consecutive = true;
	CU_ASSERT_EQUAL_FATAL(sfe_workload_parse(apart, strlen(apart), "w", &p, &w, NULL), 0);
	CU_ASSERT_EQUAL(w->n_jobs, 2);
	sfe_workload_free(w);
}

static void test_bad_params(void)
{
	struct sfe_workload_params p = params;
	struct sfe_workload *w;
	struct sfe_error err;

	p.state_factor = -1;
	CU_ASSERT_EQUAL(sfe_workload_parse(JOB, strlen(JOB), "w", &p, &w, &err), -22);
	p = params;
	p.ops_factor = 0.0 / 0.0;
	CU_ASSERT_EQUAL(sfe_workload_parse(JOB, strlen(JOB), "w", &p, &w, &err), -22);
	p = params;
	p.functions = 0;
	CU_ASSERT_EQUAL(sfe_workload_parse(JOB, strlen(JOB), "w", &p, &w, &err), -22);
	CU_ASSERT(sfe_workload_read("/nonexistent", &params, &w, &err) < 0);
	CU_ASSERT_STRING_EQUAL(err.where, "/nonexistent");
}

/* The quickstart's 60 jobs all have state, and chains of 2 to 12. */
static void test_quickstart(void)
{
	struct sfe_workload *w;

	CU_ASSERT_EQUAL_FATAL(
		sfe_workload_read(
			SFE_SOURCE_DIR "/scenarios/workloads/quickstart.csv", &params, &w, NULL),
		0);
	CU_ASSERT_EQUAL(w->n_jobs, 60);
	CU_ASSERT_EQUAL(w->n_stateless_dropped, 0);
	CU_ASSERT_EQUAL(w->n_skipped_rows, 0);
	for (uint32_t j = 0; j < w->n_jobs; j++)
		CU_ASSERT(
			w->jobs[j].n_steps >= 2 && w->jobs[j].n_steps <= 12 && w->jobs[j].n_states);
	sfe_workload_free(w);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"a DAG becomes a chain with states", test_dag},
		{"rows out of order, a shared state", test_order_and_sharing},
		{"what is skipped and dropped", test_skipped_and_dropped},
		{"Alibaba's own format", test_alibaba},
		{"Alibaba's unfinished jobs", test_alibaba_unfinished},
		{"Alibaba's jobs left out", test_alibaba_left_out},
		{"Alibaba's rows in any order", test_alibaba_together},
		{"sizes are rounded", test_rounding},
		{"functions in string order", test_function_names},
		{"bad rows say file, line, what and what to do", test_bad},
		{"bad parameters", test_bad_params},
		{"the quickstart's workload", test_quickstart},
	};

	return unit_main("workload", tests, sizeof(tests) / sizeof(tests[0]));
}

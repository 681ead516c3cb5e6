/* SPDX-License-Identifier: MIT */
/* The figures of a sweep: the grid of cells.csv, statistics with values known by hand, and what is
 * said of them. */
#include "emu/sweep_report/swept_answers.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/unit.h"

#define HEADER "rate,strategy,seed,state,folder,reason\n"
#define T_1 12.706204736 /* 97.5 % quantile of Student's t, 1 degree of freedom */

static struct sfe_swept sweep;

static int parse(const char *text, struct sfe_error *err)
{
	return sfe_swept_parse(strdup(text), &sweep, err);
}

static void refused(const char *text, const char *where)
{
	struct sfe_error err = {0};

	CU_ASSERT_EQUAL(parse(text, &err), -EINVAL);
	CU_ASSERT_STRING_EQUAL(err.where, where);
	sfe_swept_free(&sweep);
}

/* One rate, two strategies, two seeds. */
static const char two_by_two[] = HEADER "50Mbit,A,1,done,cells/a1,\n"
					"50Mbit,A,2,done,cells/a2,\n"
					"50Mbit,B,1,done,cells/b1,\n"
					"50Mbit,B,2,failed,cells/b2.part,\"no, not today\"\n";

static void test_grid(void)
{
	char name[64];

	CU_ASSERT_EQUAL_FATAL(parse(two_by_two, NULL), 0);
	CU_ASSERT_EQUAL(sweep.n_cells, 4);
	CU_ASSERT_EQUAL(sfe_swept_grid_axes(&sweep), 1);
	CU_ASSERT_EQUAL(sfe_swept_combinations(&sweep), 1);
	CU_ASSERT_EQUAL(sfe_swept_strategies(&sweep)->n, 2);
	CU_ASSERT_STRING_EQUAL(sfe_swept_strategies(&sweep)->label[1], "B");
	CU_ASSERT_EQUAL(sfe_swept_count(&sweep, SFE_SWEPT_FAILED), 1);
	CU_ASSERT_STRING_EQUAL(sfe_swept_why(&sweep.cell[3]), "no, not today");
	CU_ASSERT_STRING_EQUAL(sfe_swept_name(&sweep, 0, 99, name, sizeof(name)), "rate=50Mbit");
	CU_ASSERT_STRING_EQUAL(sfe_swept_name(&sweep, 0, 0, name, sizeof(name)), "");
	sfe_swept_free(&sweep);

	/* Two values of an axis; the label of one is what a spreadsheet would take for a formula.
	 */
	CU_ASSERT_EQUAL_FATAL(parse(HEADER "1,A,1,waiting,a,\n'-x,A,1,waiting,b,", NULL), 0);
	CU_ASSERT_EQUAL(sfe_swept_combinations(&sweep), 2);
	CU_ASSERT_STRING_EQUAL(sfe_swept_name(&sweep, 1, 99, name, sizeof(name)), "rate=-x");
	sfe_swept_free(&sweep);
}

static void test_no_grid(void)
{
	refused("", "cells.csv:1");
	refused("strategy,seed,state,folder\n", "cells.csv:1");
	refused(HEADER, "cells.csv:1");
	refused(HEADER "1,A,1,done\n", "cells.csv:2");
	refused(HEADER "1,A,1,ready,a,\n", "cells.csv:2");
	refused(HEADER "1,A,1,done,\"a,\n", "cells.csv:2");
	/* A cell is missing, or is not where it should be. */
	refused(HEADER "1,A,1,done,a,\n1,A,2,done,b,\n1,B,1,done,c,\n", "cells.csv:4");
	refused(HEADER "1,A,1,done,a,\n1,A,2,done,b,\n1,B,1,done,c,\n1,C,2,done,d,\n",
		"cells.csv:5");
	refused(HEADER "1,A,1,done,a,\n1,A,2,done,a,\n", "cells.csv:1");
}

static struct sfe_swept_job job(uint32_t number, uint32_t steps, double response, double bytes)
{
	return (struct sfe_swept_job){.number = number,
		.steps = steps,
		.state_bytes = 1000 * steps,
		.response_s = response,
		.payload_bytes_hops = bytes,
		.done = !isnan(response)};
}

#define REPLICATION(wire, ...)                                                                     \
	{                                                                                          \
		.job = (struct sfe_swept_job[]){__VA_ARGS__},                                      \
		.n = sizeof((struct sfe_swept_job[]){__VA_ARGS__}) / sizeof(struct sfe_swept_job), \
		.wire_bytes = wire, .runs_in_vain = (wire) / 100, .vain_operations = 7.0 * (wire), \
		.overwritten = (wire) / 10, .there = true                                          \
	}

static void test_measure(void)
{
	struct sfe_cell_jobs a[] = {
		REPLICATION(900, job(1, 2, 1, 10), job(2, 2, 2, 20), job(3, 5, 3, 30)),
		REPLICATION(600, job(1, 2, 2, 50), job(2, 2, NAN, 9), job(3, 5, 4, 70)), {0}};
	struct sfe_group five = {SFE_BY_CHAIN, 5, 6}, seven = {SFE_BY_STATES, 7000, 8000};
	struct sfe_point p;

	CU_ASSERT_EQUAL_FATAL(sfe_measure(a, 3, SFE_GROUP_ALL, &p), 0);
	CU_ASSERT_EQUAL(p.seeds, 2);
	CU_ASSERT_EQUAL(p.jobs, 6);
	CU_ASSERT_EQUAL(p.done, 5);
	/* Means of the seeds: 2 and 3; their standard error is a half. */
	CU_ASSERT_DOUBLE_EQUAL(p.value[SFE_FIGURE_MEAN], 2.5, 1e-12);
	CU_ASSERT_DOUBLE_EQUAL(p.ci95[SFE_FIGURE_MEAN], T_1 / 2, 1e-6);
	CU_ASSERT_DOUBLE_EQUAL(p.value[SFE_FIGURE_P50], 2.5, 1e-12);
	/* 95th percentiles: 2.9 and 3.9. */
	CU_ASSERT_DOUBLE_EQUAL(p.value[SFE_FIGURE_P95], 3.4, 1e-12);
	CU_ASSERT_DOUBLE_EQUAL(p.value[SFE_FIGURE_PAYLOAD], 40, 1e-12);
	CU_ASSERT_DOUBLE_EQUAL(p.value[SFE_FIGURE_WIRE], 250, 1e-12);
	CU_ASSERT_DOUBLE_EQUAL(p.value[SFE_FIGURE_DONE], 5 / 6.0, 1e-12);
	/* 9 and 6 runs in vain of three jobs each. */
	CU_ASSERT_DOUBLE_EQUAL(p.value[SFE_FIGURE_VAIN], 2.5, 1e-12);
	CU_ASSERT_DOUBLE_EQUAL(p.value[SFE_FIGURE_VAIN_OPERATIONS], 1750, 1e-9);
	CU_ASSERT_DOUBLE_EQUAL(p.value[SFE_FIGURE_OVERWRITTEN], 25, 1e-12);
	CU_ASSERT_EQUAL_FATAL(sfe_measure(a, 3, five, &p), 0);
	CU_ASSERT(isnan(p.value[SFE_FIGURE_VAIN]));
	CU_ASSERT_EQUAL(p.jobs, 2);
	CU_ASSERT_DOUBLE_EQUAL(p.value[SFE_FIGURE_MEAN], 3.5, 1e-12);
	CU_ASSERT(isnan(p.value[SFE_FIGURE_WIRE]));
	CU_ASSERT_EQUAL_FATAL(sfe_measure(a, 3, seven, &p), 0);
	CU_ASSERT_EQUAL(p.jobs, 0);
	CU_ASSERT(isnan(p.value[SFE_FIGURE_MEAN]));
	/* One seed: its interval is over its jobs, whose standard error is 1/sqrt(3). */
	CU_ASSERT_EQUAL_FATAL(sfe_measure(a, 1, SFE_GROUP_ALL, &p), 0);
	CU_ASSERT_DOUBLE_EQUAL(p.ci95[SFE_FIGURE_MEAN], 4.302652730 / sqrt(3), 1e-6);
	CU_ASSERT(isnan(p.ci95[SFE_FIGURE_P95]));
	CU_ASSERT(isnan(p.ci95[SFE_FIGURE_DONE]));
}

static void test_pair(void)
{
	struct sfe_cell_jobs a[] = {
		REPLICATION(900, job(1, 2, 1, 10), job(2, 2, 2, 20), job(3, 5, 3, 30)),
		REPLICATION(600, job(1, 2, 2, 50), job(2, 2, 9, 9), job(3, 5, 4, 70))};
	/* Job 2 of the second seed is not done, and job 4 is not among a's. */
	struct sfe_cell_jobs b[] = {
		REPLICATION(300, job(1, 2, 0.5, 1), job(2, 2, 1, 2), job(3, 5, 1.5, 3)),
		REPLICATION(400, job(1, 2, 1, 5), job(2, 2, NAN, 0), job(3, 5, 1, 7),
			job(4, 2, 100, 0))};
	struct sfe_comparison p, q;

	CU_ASSERT_EQUAL_FATAL(sfe_measure_pair(a, b, 2, SFE_GROUP_ALL, &p), 0);
	CU_ASSERT_EQUAL(p.seeds, 2);
	CU_ASSERT_EQUAL(p.jobs, 5);
	CU_ASSERT_DOUBLE_EQUAL(p.mean[0], 2.5, 1e-12);
	CU_ASSERT_DOUBLE_EQUAL(p.mean[1], 1, 1e-12);
	CU_ASSERT(isnan(p.most));
	/* Means 2 and 3 against 1 and 1: differences -1 and -2, ratios 1/2 and 1/3. */
	CU_ASSERT_DOUBLE_EQUAL(p.difference[SFE_FIGURE_MEAN], -1.5, 1e-12);
	CU_ASSERT_DOUBLE_EQUAL(p.ci95[SFE_FIGURE_MEAN], T_1 / 2, 1e-6);
	CU_ASSERT_DOUBLE_EQUAL(p.ratio[SFE_FIGURE_MEAN], sqrt(1 / 6.0), 1e-12);
	CU_ASSERT_DOUBLE_EQUAL(
		p.high[SFE_FIGURE_MEAN], sqrt(1 / 6.0) * exp(T_1 * log(1.5) / 2), 1e-5);
	CU_ASSERT_DOUBLE_EQUAL(
		p.low[SFE_FIGURE_MEAN], sqrt(1 / 6.0) / exp(T_1 * log(1.5) / 2), 1e-9);
	/* Payload: 20 and 60 against 2 and 6. */
	CU_ASSERT_DOUBLE_EQUAL(p.difference[SFE_FIGURE_PAYLOAD], -36, 1e-12);
	CU_ASSERT_DOUBLE_EQUAL(p.ratio[SFE_FIGURE_PAYLOAD], 0.1, 1e-12);
	/* All jobs: 300 and 200 bytes against 100 and 100; done 1 and 1 against 1 and 3/4. */
	CU_ASSERT_DOUBLE_EQUAL(p.difference[SFE_FIGURE_WIRE], -150, 1e-12);
	CU_ASSERT_DOUBLE_EQUAL(p.difference[SFE_FIGURE_DONE], -0.125, 1e-12);
	/* Sizes are of the jobs that both have done: not of job 2 of the second seed. */
	CU_ASSERT_EQUAL_FATAL(
		sfe_measure_pair(a, b, 2, (struct sfe_group){SFE_BY_CHAIN, 3, 9}, &q), 0);
	CU_ASSERT(q.jobs == 2 && q.least == 5 && q.most == 5);
	CU_ASSERT_EQUAL_FATAL(
		sfe_measure_pair(a, b, 2, (struct sfe_group){SFE_BY_STATES, 9, 9000}, &q), 0);
	CU_ASSERT(q.jobs == 5 && q.least == 2000 && q.most == 5000);
	/* The other way round it is the mirror. */
	CU_ASSERT_EQUAL_FATAL(sfe_measure_pair(b, a, 2, SFE_GROUP_ALL, &q), 0);
	for (unsigned k = 0; k < SFE_FIGURES; k++) {
		CU_ASSERT_DOUBLE_EQUAL(q.difference[k], -p.difference[k], 1e-12);
		CU_ASSERT_DOUBLE_EQUAL(q.ratio[k], 1 / p.ratio[k], 1e-9);
		CU_ASSERT_DOUBLE_EQUAL(q.low[k] * p.high[k], 1, 1e-9);
	}
	/* A seed of which one is missing says nothing. */
	b[1].there = false;
	b[1].n = 0;
	CU_ASSERT_EQUAL_FATAL(sfe_measure_pair(a, b, 2, SFE_GROUP_ALL, &p), 0);
	CU_ASSERT_EQUAL(p.seeds, 1);
	CU_ASSERT_DOUBLE_EQUAL(p.difference[SFE_FIGURE_MEAN], -1, 1e-12);
	CU_ASSERT_DOUBLE_EQUAL(p.difference[SFE_FIGURE_WIRE], -200, 1e-12);
	CU_ASSERT(isnan(p.ci95[SFE_FIGURE_MEAN]));
	/* One seed: differences -0.5, -1, -1.5 of its jobs. */
	CU_ASSERT_EQUAL_FATAL(sfe_measure_pair(a, b, 1, SFE_GROUP_ALL, &p), 0);
	CU_ASSERT_DOUBLE_EQUAL(p.ci95[SFE_FIGURE_MEAN], 4.302652730 * 0.5 / sqrt(3), 1e-6);
}

static void test_from(void)
{
	/* f: for the first strategy, a: against it, u: undecided, n: no interval */
	static const struct {
		const char *sizes;
		uint32_t from;
	} cases[] = {{"", 0}, {"f", 0}, {"a", 1}, {"u", 1}, {"n", 1}, {"ff", 0}, {"af", 1},
		{"fa", 2}, {"uf", 1}, {"fu", 0}, {"afuf", 1}, {"faf", 2}, {"auufnu", 3},
		{"ffffa", 5}, {"nnnn", 4}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sfe_decision x[8];
		uint32_t n = (uint32_t)strlen(cases[i].sizes);
		for (uint32_t k = 0; k < n; k++) {
			char c = cases[i].sizes[k];
			x[k] = (struct sfe_decision){.difference = c == 'a' ? -2 : 2,
				.ci95 = c == 'u'   ? 2
					: c == 'n' ? NAN
						   : 1};
		}
		CU_ASSERT_EQUAL(sfe_faster_from(x, n), cases[i].from);
	}
}

static void test_groups(void)
{
	struct sfe_cell_jobs r = REPLICATION(0, job(1, 7, 1, 0), job(2, 2, 1, 0), job(3, 40, 1, 0),
		job(4, 6, 1, 0), job(5, 36, 1, 0), job(6, 0, 1, 0));
	struct sfe_combination c = {.replication = &r, .n = 1};
	struct sfe_group g[SFE_MAX_GROUPS];
	char text[40];

	r.job[4].state_bytes = 1e15;
	CU_ASSERT_EQUAL_FATAL(sfe_groups_of(&c, SFE_BY_CHAIN, g), 4);
	static const double chains[][2] = {{0, 1}, {2, 3}, {6, 8}, {36, INFINITY}};
	for (int i = 0; i < 4; i++)
		CU_ASSERT(g[i].from == chains[i][0] && g[i].below == chains[i][1]);
	CU_ASSERT_EQUAL_FATAL(sfe_groups_of(&c, SFE_BY_STATES, g), 5);
	static const double states[][2] = {
		{0, 1}, {2000, 5000}, {5000, 10000}, {20000, 50000}, {1e15, 2e15}};
	for (int i = 0; i < 5; i++)
		CU_ASSERT(g[i].from == states[i][0] && g[i].below == states[i][1]);
	CU_ASSERT_STRING_EQUAL(sfe_group_text(SFE_BY_CHAIN, 1, text, sizeof(text)), "1 step");
	CU_ASSERT_STRING_EQUAL(sfe_group_text(SFE_BY_STATES, 2e5, text, sizeof(text)), "200 kB");
	CU_ASSERT_STRING_EQUAL(
		sfe_group_text(SFE_BY_STATES, 4342100, text, sizeof(text)), "4.34 MB");
	CU_ASSERT_STRING_EQUAL(sfe_group_text(SFE_BY_STATES, 999700, text, sizeof(text)), "1 MB");
	CU_ASSERT_STRING_EQUAL(sfe_group_text(SFE_BY_STATES, 1e15, text, sizeof(text)), "1 PB");
}

/* The answer for A and B, of two seeds each, by number of steps. */
static struct sfe_answer_row answer(struct sfe_cell_jobs *r)
{
	struct sfe_combination c = {.replication = r, .n = 4};
	struct sfe_rows rows = {.table = &sfe_answers_table};
	struct sfe_group g[SFE_MAX_GROUPS];
	struct sfe_comparison p[SFE_MAX_GROUPS];
	struct sfe_answer_row row;

	CU_ASSERT_EQUAL_FATAL(parse(two_by_two, NULL), 0);
	uint32_t n = sfe_groups_of(&c, SFE_BY_CHAIN, g);
	for (uint32_t i = 0; i < n; i++)
		CU_ASSERT_EQUAL(sfe_measure_pair(r, r + 2, 2, g[i], &p[i]), 0);
	CU_ASSERT_EQUAL_FATAL(
		sfe_answer_groups(&sweep, 0, &c, g, p, n, (const uint32_t[2]){0, 1}, &rows), 0);
	CU_ASSERT_EQUAL(rows.n, 1);
	row = *(struct sfe_answer_row *)rows.row;
	sfe_rows_free(&rows);
	sfe_swept_free(&sweep);
	return row;
}

static void test_answers(void)
{
	/* Chains of 2: A is faster by 1 s. Of 4 and more: B, by 2 s and 4 s. */
	struct sfe_cell_jobs r[] = {
		REPLICATION(0, job(1, 2, 1, 0), job(2, 4, 4, 0), job(3, 9, 8, 0)),
		REPLICATION(0, job(1, 2, 1, 0), job(2, 4, 4.1, 0), job(3, 9, 8.1, 0)),
		REPLICATION(0, job(1, 2, 2, 0), job(2, 4, 2, 0), job(3, 9, 4, 0)),
		REPLICATION(0, job(1, 2, 2, 0), job(2, 4, 2, 0), job(3, 9, 4, 0))};
	struct sfe_answer_row row = answer(r);

	CU_ASSERT_STRING_EQUAL(row.state, "from");
	CU_ASSERT_STRING_EQUAL(row.faster, "B");
	CU_ASSERT_STRING_EQUAL(row.slower, "A");
	CU_ASSERT_STRING_EQUAL(row.from, "4");
	CU_ASSERT_EQUAL(row.jobs, 4);
	CU_ASSERT_DOUBLE_EQUAL(row.less_s, 3.05, 1e-12);
	CU_ASSERT_DOUBLE_EQUAL(row.ci95_s, T_1 * 0.05, 1e-6);
	CU_ASSERT_STRING_EQUAL(row.text,
		"rate=50Mbit: B beats A from 4 steps on. Averaged over these 4 jobs with 4 to 9 "
		"steps (2 seeds), the response time is 3.00 s instead of 6.05 s: 3.05 s less (95 % "
		"interval 2.41 to 3.69 s), 0.50 times as long (0.45 to 0.55). Of these, jobs with "
		"4 steps take 2.05 s less (1.41 to 2.69 s, 2 jobs), and jobs with 9 steps 4.05 s "
		"less (3.41 to 4.69 s, 2 jobs). With fewer steps (2 of 6 jobs) A beats B: 1.00 s "
		"less (95 % interval 1.00 to 1.00 s).");
	CU_ASSERT(!strncmp(row.text + row.strong_from, "B beats", 7));
	CU_ASSERT(!strncmp(row.text + row.strong_to, ". Averaged", 10));
	CU_ASSERT(row.least == 4 && row.most == 9);
	CU_ASSERT_DOUBLE_EQUAL(row.faster_mean_s, 3, 1e-12);
	CU_ASSERT_DOUBLE_EQUAL(row.slower_mean_s, 6.05, 1e-12);
	CU_ASSERT_DOUBLE_EQUAL(row.first_less_s, 2.05, 1e-12);
	CU_ASSERT_DOUBLE_EQUAL(row.last_less_s, 4.05, 1e-12);
	CU_ASSERT_DOUBLE_EQUAL(row.last_ci95_s, T_1 * 0.05, 1e-6);
	CU_ASSERT_DOUBLE_EQUAL(row.below_less_s, -1, 1e-12);
	CU_ASSERT(row.first_jobs == 2 && row.last_jobs == 2 && row.below_jobs == 2);

	/* With 2 steps nothing is decided: by how much is said. */
	r[0].job[0].response_s = 2.5, r[1].job[0].response_s = 1.8;
	row = answer(r);
	CU_ASSERT_STRING_EQUAL(row.state, "from");
	CU_ASSERT_PTR_NOT_NULL(strstr(row.text,
		"With fewer steps (2 of 6 jobs) the data does not decide: under B 150 ms less (95 "
		"% interval -4.30 to 4.60 s)."));

	/* Everywhere. */
	r[0].job[0].response_s = r[1].job[0].response_s = 3; /* and B takes 2 s */
	row = answer(r);
	CU_ASSERT_STRING_EQUAL(row.state, "everywhere");
	CU_ASSERT_PTR_NOT_NULL(strstr(row.text,
		"B beats A at every number of steps of this sweep. Averaged over its 6 jobs"));
	CU_ASSERT_PTR_NULL(strstr(row.text, "fewer"));

	/* The difference is not the same in the seeds: nothing decides. */
	for (int i = 0; i < 3; i++)
		r[1].job[i].response_s = 0.1;
	row = answer(r);
	CU_ASSERT_STRING_EQUAL(row.state, "undecided");
	CU_ASSERT_PTR_NOT_NULL(strstr(row.text,
		"there is no number of steps from which on A or B is faster. Averaged over all 6 "
		"jobs (2 seeds), under A the response time is 2.55 s instead of 2.67 s: 117 ms "
		"less "
		"(95 % interval -31.0 to 31.2 s), which does not decide."));
	CU_ASSERT_STRING_EQUAL(row.faster, "");

	/* No job under both. */
	r[2].n = r[3].n = 0;
	row = answer(r);
	CU_ASSERT_STRING_EQUAL(row.state, "absent");
	CU_ASSERT_PTR_NOT_NULL(strstr(row.text, "this sweep cannot say which is faster: no job"));
}

/* Of many jobs few are smaller. */
static void test_few(void)
{
	struct sfe_cell_jobs r[4];
	struct sfe_swept_job room[4][30];
	struct sfe_answer_row row;

	for (int k = 0; k < 4; k++) {
		r[k] = (struct sfe_cell_jobs){.job = room[k], .n = 30, .there = true};
		for (uint32_t i = 0; i < 30;
			i++) /* one job of 2 steps, where B takes longer once */
			room[k][i] = job(i, i ? 4 : 2, k < 2 ? 2 : i ? 1 + 0.02 * k : k, 0);
	}
	row = answer(r);
	CU_ASSERT_STRING_EQUAL(row.from, "4");
	CU_ASSERT_PTR_NOT_NULL(strstr(row.text,
		"58 jobs with 4 steps (2 seeds), the response time is 1.05 s instead of 2.00 s"));
	CU_ASSERT_PTR_NOT_NULL(strstr(row.text,
		"With fewer steps (only 2 of 60 jobs) the data does not decide: under B 500 ms "
		"more (95 % interval -5.85 to 6.85 s)."));
	CU_ASSERT_PTR_NULL(strstr(row.text, "Of these")); /* the first size is the largest */
	CU_ASSERT_EQUAL(row.last_jobs, 58);
}

static void test_units(void)
{
	static const char text[] = "from 5 steps on (95 % interval, 1 to 2 ms): 3 more, 7 s";
	char found[8] = "";

	CU_ASSERT_FALSE(sfe_unit_follows(text, 0));
	for (size_t i = 1; i < strlen(text); i++)
		if (sfe_unit_follows(text, i))
			strncat(found, text + i - 1, 1);
	CU_ASSERT_STRING_EQUAL(found, "5527");
}

static void test_axis(void)
{
	struct sfe_comparison p[3] = {0};
	const struct sfe_comparison *pair[] = {&p[0], &p[1], &p[2]};
	struct sfe_rows rows = {.table = &sfe_answers_table};
	const uint32_t strategies[2] = {0, 1};

	CU_ASSERT_EQUAL_FATAL(parse(HEADER "1,A,1,done,a,\n1,B,1,done,b,\n2,A,1,done,c,\n"
					   "2,B,1,done,d,\n4,A,1,done,e,\n4,B,1,done,f,\n",
				      NULL),
		0);
	for (int i = 0; i < 3; i++) { /* B less A: 1, -1, -3 */
		p[i].difference[SFE_FIGURE_MEAN] = 1 - 2 * i;
		p[i].ci95[SFE_FIGURE_MEAN] = 0.5;
		p[i].ratio[SFE_FIGURE_MEAN] = 0.25;
		p[i].low[SFE_FIGURE_MEAN] = NAN;
		p[i].mean[0] = 4;
		p[i].mean[1] = 5 - 2 * i;
		p[i].jobs = 7;
	}
	CU_ASSERT_EQUAL_FATAL(sfe_answer_axis(&sweep, 0, 0, pair, strategies, &rows), 0);
	const struct sfe_answer_row *row = rows.row;
	CU_ASSERT_STRING_EQUAL(row->by, "rate");
	CU_ASSERT_STRING_EQUAL(row->from, "2");
	CU_ASSERT_STRING_EQUAL(row->text,
		"B beats A from rate 2 on: there the response time is 3.00 s instead of 4.00 s: "
		"1.00 s less (95 % interval 500 ms to 1.50 s), 0.25 times as long; at 4 3.00 s "
		"less (95 % interval 2.50 to 3.50 s, 7 jobs).");
	p[2].ci95[SFE_FIGURE_MEAN] = NAN;
	CU_ASSERT_EQUAL_FATAL(sfe_answer_axis(&sweep, 0, 0, pair, strategies, &rows), 0);
	row = rows.row;
	CU_ASSERT_PTR_NOT_NULL(strstr(row[1].text,
		"; at 4 the data does not decide: 3.00 s less (no interval, 7 jobs)."));
	p[1].ci95[SFE_FIGURE_MEAN] = 1.5;
	CU_ASSERT_EQUAL_FATAL(sfe_answer_axis(&sweep, 0, 0, pair, strategies, &rows), 0);
	row = rows.row;
	/* Only the first value decides, for A, and none later against it. */
	CU_ASSERT_STRING_EQUAL(row[2].faster, "A");
	CU_ASSERT_STRING_EQUAL(row[2].state, "from");
	CU_ASSERT_PTR_NOT_NULL(
		strstr(row[2].text, "A beats B from rate 1 on: there the response time is 4.00 s"));
	for (int i = 0; i < 3; i++)
		p[i].ci95[SFE_FIGURE_MEAN] = 4;
	CU_ASSERT_EQUAL_FATAL(sfe_answer_axis(&sweep, 0, 0, pair, strategies, &rows), 0);
	row = rows.row;
	CU_ASSERT_STRING_EQUAL(row[3].state, "undecided");
	CU_ASSERT_STRING_EQUAL(row[3].text, "there is no value of rate from which on A or B is "
					    "faster: at 1 under A 1.00 s less (95 % "
					    "interval -3.00 to 5.00 s, 7 jobs), at 4 under B 3.00 "
					    "s less (95 % interval -1.00 to 7.00 s, "
					    "7 jobs).");
	for (int i = 0; i < 3; i++)
		p[i].difference[SFE_FIGURE_MEAN] = 2, p[i].ci95[SFE_FIGURE_MEAN] = 1;
	CU_ASSERT_EQUAL_FATAL(sfe_answer_axis(&sweep, 0, 0, pair, strategies, &rows), 0);
	row = rows.row;
	CU_ASSERT_STRING_EQUAL(row[4].state, "everywhere");
	CU_ASSERT_PTR_NOT_NULL(strstr(row[4].text, "A beats B at every rate of this sweep: at 1 "));
	sfe_rows_free(&rows);
	sfe_swept_free(&sweep);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"the grid of cells", test_grid},
		{"what is no grid", test_no_grid},
		{"figures of a strategy", test_measure},
		{"figures of two strategies", test_pair},
		{"from which size on", test_from},
		{"groups of jobs", test_groups},
		{"answers by number of steps", test_answers},
		{"few jobs are smaller", test_few},
		{"numbers and their units", test_units},
		{"answers along an axis", test_axis},
	};

	return unit_main("sweep report", tests, sizeof(tests) / sizeof(tests[0]));
}

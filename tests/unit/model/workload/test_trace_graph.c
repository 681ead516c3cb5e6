/* SPDX-License-Identifier: MIT */
/* Jobs of a trace as graphs. */
#include <string.h>

#include "emu/model/workload/job_graph.h"
#include "emu/model/workload/job_length.h"
#include "tests/unit/unit.h"

static struct sfe_workload *parse(const char *rows, enum sfe_shape shape)
{
	const struct sfe_workload_params params = {.functions = 5,
		.ops_factor = 1e5,
		.arg_factor = 1e6,
		.state_factor = 1e6,
		.shape = shape};
	struct sfe_error err = {0};
	struct sfe_workload *w = NULL;

	CU_ASSERT_EQUAL_FATAL(sfe_workload_parse(rows, strlen(rows), "w", &params, &w, &err), 0);
	return w;
}

/* Tasks 3 and 4 after 1, task 5 after both, all three with task 2 as their state; 7 after 5 with
 * 6. */
#define DIAMOND                                                                                    \
	"0,j_1,T1,1,100,0.01,1\n0,j_1,T2,1,100,0.2,1\n0,j_1,T3_1_2,1,100,0.03,1\n"                 \
	"0,j_1,T4_1_2,1,100,0.04,1\n0,j_1,T5_3_4_2,1,100,0.05,1\n0,j_1,T6,1,100,0.6,1\n"           \
	"0,j_1,T7_5_6,1,100,0.07,1\n"

static void test_diamond(void)
{
	struct sfe_workload *w = parse(DIAMOND, SFE_SHAPE_DAG);
	const struct sfe_job *j = &w->jobs[0];
	const struct sfe_step *s = j->steps;

	CU_ASSERT(w->n_graphs == 1 && j->graph == w->graphs[0] && j->declared);
	CU_ASSERT_EQUAL_FATAL(j->n_steps, 5);
	CU_ASSERT_EQUAL(sfe_job_length(j), 4);
	CU_ASSERT(s[0].task == 1 && s[1].task == 3 && s[2].task == 4 && s[3].task == 5 &&
		  s[4].task == 7);
	CU_ASSERT(sfe_steps_parallel(j, 1, 2) && sfe_step_precedes(j, 0, 2) &&
		  sfe_step_precedes(j, 1, 3) && sfe_step_precedes(j, 2, 3) &&
		  sfe_step_precedes(j, 3, 4) && !sfe_step_precedes(j, 0, 3));
	CU_ASSERT(s[0].arg_bytes == 10000 && s[0].out_bytes == 10000);
	CU_ASSERT(s[1].arg_bytes == 10000 && s[1].out_bytes == 30000);
	CU_ASSERT(s[3].arg_bytes == 70000 && s[3].out_bytes == 50000);
	CU_ASSERT(s[4].arg_bytes == 50000 && s[4].out_bytes == 70000);
	CU_ASSERT_EQUAL(j->return_bytes, 70000);
	/* State 0 is read in parallel, and then updated; state 1 has one user. */
	CU_ASSERT(j->n_states == 2 && j->state_bytes[0] == 200000 && j->state_bytes[1] == 600000);
	CU_ASSERT_EQUAL(s[0].n_deps, 0);
	for (uint32_t i = 1; i < 5; i++) {
		CU_ASSERT_EQUAL_FATAL(s[i].n_deps, 1);
		CU_ASSERT_EQUAL(s[i].deps[0], i == 4);
		CU_ASSERT_EQUAL(sfe_step_access(&s[i], 0), i < 3 ? SFE_READ : SFE_UPDATE);
	}
	/* The graph knows it. */
	CU_ASSERT_EQUAL_FATAL(j->graph->n_states, 2);
	CU_ASSERT(j->graph->reads[0] == 0xe && j->graph->changes[0] == 0x8);
	CU_ASSERT(j->graph->reads[1] == 0x10 && j->graph->changes[1] == 0x10);
	uint32_t a, b, state;
	CU_ASSERT(!sfe_graph_conflict(j, &a, &b, &state));
	sfe_workload_free(w);
}

/* A task may come after one of a higher number. Each keeps its function. Two ends return. */
static void test_order(void)
{
	static const char rows[] = "0,j_1,T1,1,100,0.01,1\n0,j_1,T2,1,100,0.2,1\n"
				   "0,j_1,T3_8_2,1,100,0.03,1\n0,j_1,T4_1,1,100,0.04,1\n"
				   "0,j_1,T8_1,1,100,0.08,1\n";
	struct sfe_workload *chain = parse(rows, SFE_SHAPE_CHAIN), *w = parse(rows, SFE_SHAPE_DAG);
	static const uint32_t order[] = {1, 4, 8, 3};
	const struct sfe_job *j = &w->jobs[0], *c = &chain->jobs[0];

	CU_ASSERT_EQUAL_FATAL(j->n_steps, 4);
	for (uint32_t s = 0; s < 4; s++) {
		CU_ASSERT_EQUAL(j->steps[s].task, order[s]);
		for (uint32_t k = 0; k < 4; k++)
			if (c->steps[k].task == order[s]) {
				CU_ASSERT_EQUAL(j->steps[s].function, c->steps[k].function);
				CU_ASSERT_EQUAL(j->steps[s].ops, c->steps[k].ops);
			}
	}
	CU_ASSERT(c->steps[1].task == 3 && !c->graph && !c->declared && !c->steps[1].access);
	CU_ASSERT_EQUAL(j->return_bytes, 70000);
	CU_ASSERT(j->steps[3].arg_bytes == 80000 && j->steps[3].n_deps == 1);
	CU_ASSERT_EQUAL(sfe_job_length(j), 3);
	sfe_workload_free(chain);
	sfe_workload_free(w);
}

/* What is a chain stays one, with declared access. Its return value is its last output. */
static void test_chain(void)
{
	struct sfe_workload *w = parse("0,j_1,T1,1,100,0.01,1\n0,j_1,T2,1,100,0.2,1\n"
				       "0,j_1,T3_1_2,1,100,0.03,1\n0,j_1,T4_3_2,1,100,0.04,1\n",
		SFE_SHAPE_DAG);
	const struct sfe_job *j = &w->jobs[0];

	CU_ASSERT(w->n_graphs == 0 && !j->graph && j->declared);
	CU_ASSERT_EQUAL_FATAL(j->n_steps, 3);
	CU_ASSERT(j->steps[1].arg_bytes == 10000 && j->steps[1].out_bytes == 30000);
	CU_ASSERT(j->steps[2].arg_bytes == 30000 && j->return_bytes == 40000);
	CU_ASSERT(sfe_step_access(&j->steps[1], 0) == SFE_UPDATE);
	sfe_workload_free(w);
}

/* A long chain knows how its steps use states; see test_graph_states.c. */
static void test_long_chain(void)
{
	char text[4096];
	int n = 0;

	for (int i = 1; i <= 40; i++) {
		n += snprintf(text + n, sizeof(text) - (size_t)n, "0,j_1,T%d", i);
		if (i > 1)
			n += snprintf(text + n, sizeof(text) - (size_t)n, "_%d_41", i - 1);
		n += snprintf(text + n, sizeof(text) - (size_t)n, ",1,100,0.01,1\n");
	}
	snprintf(text + n, sizeof(text) - (size_t)n, "0,j_1,T41,1,100,0.2,1\n");
	struct sfe_workload *w = parse(text, SFE_SHAPE_DAG);
	const struct sfe_job *j = &w->jobs[0];

	CU_ASSERT(w->n_graphs == 0 && !j->graph && j->n_steps == 40);
	CU_ASSERT(w->n_chains == 1 && j->uses == w->chains[0]);
	CU_ASSERT(sfe_writer_before(j, 0, 2) == 1 && sfe_version_before(j, 0, 40) == 39);
	sfe_workload_free(w);
	w = parse(text, SFE_SHAPE_CHAIN);
	CU_ASSERT(!w->n_chains && !w->jobs[0].uses);
	sfe_workload_free(w);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"a diamond", test_diamond},
		{"the order of steps", test_order},
		{"a chain", test_chain},
		{"a long chain", test_long_chain},
	};

	return unit_main("trace graph", tests, sizeof(tests) / sizeof(tests[0]));
}

/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "emu/model/workload/job_graph.h"
#include "sfemu/random.h"
#include "tests/unit/unit.h"

enum { START, LEFT, RIGHT, JOIN, N };

/*
 * A diamond. State 0: START writes, LEFT and RIGHT read, JOIN updates. State 1: LEFT updates, JOIN
 * reads. State 2: RIGHT reads only. State 3: nobody uses it.
 */
static uint32_t start_deps[] = {0}, left_deps[] = {0, 1}, right_deps[] = {0, 2},
		join_deps[] = {0, 1};
static uint8_t start_access[] = {SFE_WRITE}, left_access[] = {SFE_READ, SFE_UPDATE},
	       right_access[] = {SFE_READ, SFE_READ}, join_access[] = {SFE_UPDATE, SFE_READ};
static struct sfe_step steps[N] = {
	[START] = {.n_deps = 1, .deps = start_deps, .access = start_access},
	[LEFT] = {.n_deps = 2, .deps = left_deps, .access = left_access},
	[RIGHT] = {.n_deps = 2, .deps = right_deps, .access = right_access},
	[JOIN] = {.n_deps = 2, .deps = join_deps, .access = join_access},
};
static const struct sfe_edge edges[] = {{RIGHT, JOIN}, {START, RIGHT}, {LEFT, JOIN}, {START, LEFT}};

static struct sfe_job diamond(struct sfe_graph **g)
{
	CU_ASSERT_FATAL(!sfe_graph_new(N, edges, 4, g));
	return (struct sfe_job){.n_steps = N, .steps = steps, .n_states = 4, .graph = *g};
}

static void test_order(void)
{
	struct sfe_graph *g;
	struct sfe_job job = diamond(&g);

	CU_ASSERT_EQUAL(sfe_steps_before(&job, START), 0);
	CU_ASSERT_EQUAL_FATAL(sfe_steps_before(&job, JOIN), 2);
	CU_ASSERT_EQUAL(sfe_step_before(&job, JOIN, 0), LEFT);
	CU_ASSERT_EQUAL(sfe_step_before(&job, JOIN, 1), RIGHT);
	CU_ASSERT_EQUAL_FATAL(sfe_steps_after(&job, START), 2);
	CU_ASSERT_EQUAL(sfe_step_after(&job, START, 1), RIGHT);
	CU_ASSERT(sfe_steps_parallel(&job, LEFT, RIGHT) && !sfe_steps_parallel(&job, LEFT, JOIN));
	CU_ASSERT(sfe_step_reaches(&job, START, JOIN) && !sfe_step_reaches(&job, JOIN, START));
	CU_ASSERT(sfe_step_precedes(&job, LEFT, JOIN) && !sfe_step_precedes(&job, START, JOIN));
	sfe_graph_free(g);

	job.graph = NULL; /* the same steps as a chain */
	CU_ASSERT_EQUAL(sfe_steps_before(&job, START), 0);
	CU_ASSERT_EQUAL(sfe_step_before(&job, JOIN, 0), RIGHT);
	CU_ASSERT_EQUAL(sfe_steps_after(&job, JOIN), 0);
	CU_ASSERT(sfe_step_reaches(&job, LEFT, RIGHT) && !sfe_steps_parallel(&job, LEFT, RIGHT));
}

static void test_versions(void)
{
	struct sfe_graph *g;
	struct sfe_job job = diamond(&g);

	CU_ASSERT_EQUAL(sfe_version_before(&job, 0, LEFT), 1);
	CU_ASSERT_EQUAL(sfe_version_before(&job, 0, N), 2);
	CU_ASSERT_EQUAL(sfe_version_before(&job, 2, N), 0);
	CU_ASSERT_EQUAL(sfe_writer_before(&job, 0, RIGHT), START);
	CU_ASSERT_EQUAL(sfe_writer_before(&job, 1, LEFT), SFE_CLIENT);
	sfe_graph_free(g);
}

static void test_what_travels(void)
{
	/* By state: from, to, whether it travels, in which version. */
	static const struct {
		uint32_t state, from, to;
		bool travels;
		uint64_t version;
	} cases[] = {
		{0, SFE_CLIENT, START, false, 0}, /* it only writes it */
		{0, START, LEFT, true, 1},
		{0, START, RIGHT, true, 1},
		{0, LEFT, JOIN, true, 1}, /* along both branches, as JOIN reads it */
		{0, RIGHT, JOIN, true, 1},
		{0, JOIN, SFE_CLIENT, true, 2},
		{1, SFE_CLIENT, START, true, 0}, /* LEFT reads it */
		{1, START, LEFT, true, 0},
		{1, START, RIGHT, false, 0}, /* JOIN reads what LEFT leaves */
		{1, LEFT, JOIN, true, 1},
		{1, JOIN, SFE_CLIENT, true, 1},
		{2, START, LEFT, false, 0},
		{2, START, RIGHT, true, 0},
		{2, RIGHT, JOIN, false, 0}, /* the client has it */
		{3, SFE_CLIENT, START, false, 0},
	};
	struct sfe_graph *g;
	struct sfe_job job = diamond(&g);

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		CU_ASSERT_EQUAL(sfe_state_travels(&job, cases[i].state, cases[i].from, cases[i].to),
			cases[i].travels);
		CU_ASSERT_EQUAL(
			sfe_version_travelling(&job, cases[i].state, cases[i].from, cases[i].to),
			cases[i].version);
	}
	CU_ASSERT(!sfe_state_accompanies(&job, 0, START) && sfe_state_accompanies(&job, 0, LEFT));
	CU_ASSERT(!sfe_state_accompanies(&job, 1, RIGHT)); /* LEFT changes it meanwhile */
	CU_ASSERT(sfe_state_accompanies(&job, 2, LEFT) && sfe_state_accompanies(&job, 3, JOIN));
	sfe_graph_free(g);
}

static void test_conflict(void)
{
	struct sfe_graph *g;
	struct sfe_job job = diamond(&g);
	uint32_t a, b, state;

	CU_ASSERT(!sfe_graph_conflict(&job, &a, &b, &state));
	left_access[0] = SFE_UPDATE;
	CU_ASSERT_FATAL(sfe_graph_conflict(&job, &a, &b, &state));
	CU_ASSERT(a == LEFT && b == RIGHT && state == 0);
	left_access[0] = SFE_READ;
	sfe_graph_free(g);
}

#define MOST 12u

static uint32_t draw(struct sfe_stream *x, uint32_t n)
{
	return (uint32_t)(sfe_stream_u64(x) % n);
}

/* Reachability by the definition: some successor reaches it. */
static bool reaches(const struct sfe_job *job, uint32_t from, uint32_t to)
{
	bool found = from == to;

	for (uint32_t i = 0; i < sfe_steps_after(job, from) && !found; i++)
		found = reaches(job, sfe_step_after(job, from, i), to);
	return found;
}

/*
 * What the strategies rely on: a step that reads a state gets the version before it along at least
 * one edge, and no other version along any.
 */
static void check_reader(const struct sfe_job *job, uint32_t step, uint32_t state)
{
	uint32_t n = sfe_steps_before(job, step);
	bool came = false;

	for (uint32_t i = 0; i < (n ? n : 1); i++) {
		uint32_t from = n ? sfe_step_before(job, step, i) : SFE_CLIENT;
		if (!sfe_state_travels(job, state, from, step))
			continue;
		came = true;
		CU_ASSERT_EQUAL(sfe_version_travelling(job, state, from, step),
			sfe_version_before(job, state, step));
	}
	CU_ASSERT(came);
}

static void test_random_graphs(void)
{
	struct sfe_stream x = sfe_stream_named(5, "graphs");

	for (unsigned round = 0; round < 3000; round++) {
		struct sfe_step step[MOST] = {0};
		uint32_t dep[MOST] = {0}, a, b, state, n = 2 + draw(&x, MOST - 1);
		uint8_t access[MOST];
		struct sfe_edge edge[MOST * MOST];
		size_t n_edges = 0;
		struct sfe_graph *g;
		for (uint32_t s = 0; s < n; s++) {
			access[s] = (uint8_t)draw(&x, 3);
			step[s] = (struct sfe_step){
				.n_deps = draw(&x, 2), .deps = &dep[s], .access = &access[s]};
			for (uint32_t to = s + 1; to < n; to++)
				if (!draw(&x, 3))
					edge[n_edges++] = (struct sfe_edge){s, to};
		}
		CU_ASSERT_FATAL(!sfe_graph_new(n, edge, n_edges, &g));
		struct sfe_job job = {.n_steps = n, .steps = step, .n_states = 1, .graph = g};
		for (uint32_t s = 0; s < n; s++)
			for (uint32_t t = 0; t < n; t++)
				CU_ASSERT_EQUAL(sfe_step_reaches(&job, s, t), reaches(&job, s, t));
		if (!sfe_graph_conflict(&job, &a, &b, &state))
			for (uint32_t s = 0; s < n; s++)
				if (sfe_step_reads(&step[s], 0))
					check_reader(&job, s, 0);
		sfe_graph_free(g);
	}
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"predecessors, successors, order", test_order},
		{"versions", test_versions},
		{"which states go along which edge", test_what_travels},
		{"conflicts of parallel steps", test_conflict},
		{"random graphs: each reader gets its version", test_random_graphs},
	};
	return unit_main("job_graph", tests, sizeof(tests) / sizeof(*tests));
}

/* SPDX-License-Identifier: MIT */
/* by=edge: what goes along edges that carry, who fetches from where, and which copies stay. */
#include "emu/model/strategies/by_edge.h"

#include <stdlib.h>
#include <string.h>

#include "emu/model/workload/job_graph.h"
#include "tests/unit/unit.h"

#define N_STEPS 5
#define CLIENT_NODE 9

struct bench { /* state 0 is the client's and read by the last step; others as the tests say */
	struct sfe_step steps[N_STEPS];
	uint32_t deps[N_STEPS][2];
	uint8_t access[N_STEPS][2];
	struct sfe_job job;
	uint64_t bytes[2];
	uint32_t node[N_STEPS];
	struct sfe_placed_job placed;
	struct sfe_edge_calls *calls;
	struct sfe_by_edge *of;
};

static void use(struct bench *b, uint32_t step, uint32_t state, enum sfe_access access)
{
	struct sfe_step *s = &b->steps[step];

	s->deps = b->deps[step];
	s->access = b->access[step];
	b->deps[step][s->n_deps] = state;
	b->access[step][s->n_deps++] = (uint8_t)access;
}

static void begin(struct bench *b, struct sfe_graph *graph)
{
	*b = (struct bench){.bytes = {100, 1000}, .node = {0, 1, 2, 3, 4}};
	b->job = (struct sfe_job){.n_steps = N_STEPS,
		.steps = b->steps,
		.graph = graph,
		.n_states = 2,
		.state_bytes = b->bytes,
		.states_total_bytes = 1100,
		.declared = true};
	b->placed = (struct sfe_placed_job){&b->job, CLIENT_NODE, b->node, 0};
}

/* The edges that carry, as '1', in the order of the called steps. */
static void decide(struct bench *b, const char *edges)
{
	bool carries[16];

	if (b->job.graph)
		CU_ASSERT_EQUAL_FATAL(
			sfe_graph_add_states((struct sfe_graph *)b->job.graph, &b->job), 0);
	CU_ASSERT_EQUAL_FATAL(sfe_edge_calls_new(&b->placed, &b->calls), 0);
	CU_ASSERT_EQUAL_FATAL(sfe_by_edge_new(&b->job, &b->of), 0);
	CU_ASSERT_EQUAL_FATAL(b->calls->n, strlen(edges));
	for (uint32_t i = 0; i < b->calls->n; i++)
		carries[i] = edges[i] == '1';
	sfe_by_edge_set(b->calls, carries, b->of);
	b->placed.by_edge = b->of;
}

static void end(struct bench *b, const char *text)
{
	char said[SFE_BY_EDGE_TEXT];

	CU_ASSERT_EQUAL(sfe_by_edge_text(b->of, &b->job, said, sizeof(said)), 0);
	CU_ASSERT_STRING_EQUAL(said, text);
	sfe_edge_calls_free(b->calls);
	sfe_by_edge_free(b->of);
}

static uint32_t keeper(const struct bench *b, uint32_t state, uint32_t step)
{
	return sfe_edges.keeper(&b->placed, state, step);
}

/* A state comes as near as edges that carry bring it, and stays there as a copy. */
static void test_near(void)
{
	static const struct {
		const char *edges, *text;
		uint32_t from; /* whom the last step asks */
		int left;      /* the step with the copy; -1: none */
	} cases[] = {
		{"00000", "", CLIENT_NODE, -1},
		{"10000", "client>0", 0, 0},
		{"11000", "client>0>1", 1, 1},
		{"10110", "client>0", 0, 0}, /* steps 1 to 3 do not have it */
		{"11110", "client>0>1>2>3", 3, 3},
		{"01111", "", CLIENT_NODE, -1},
	};
	struct bench b;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		begin(&b, NULL);
		use(&b, 4, 0, SFE_READ);
		decide(&b, cases[i].edges);
		CU_ASSERT_EQUAL(keeper(&b, 0, 4), cases[i].from);
		CU_ASSERT_EQUAL(keeper(&b, 0, 5), CLIENT_NODE); /* its owner */
		CU_ASSERT(!sfe_inlined_comes(b.of->along, &b.job, 0, 4));
		for (int s = 0; s < N_STEPS; s++)
			CU_ASSERT_EQUAL(
				sfe_by_edge_leaves(b.of, 0, (uint32_t)s), s == cases[i].left);
		/* A copy is there when the step with it has ended. */
		if (cases[i].left >= 0) {
			uint32_t left = (uint32_t)cases[i].left;
			CU_ASSERT(!sfe_by_edge_is_final(&b.placed, 0, 4, left));
			CU_ASSERT_EQUAL(sfe_by_edge_is_final(&b.placed, 0, 4, 3), left != 3);
		}
		end(&b, cases[i].text);
	}
	begin(&b, NULL);
	use(&b, 4, 0, SFE_READ);
	decide(&b, "11111");
	CU_ASSERT(sfe_inlined_comes(b.of->along, &b.job, 0, 4));
	for (uint32_t s = 0; s < N_STEPS; s++)
		CU_ASSERT(!sfe_by_edge_leaves(b.of, 0, s));
	end(&b, "client>0>1>2>3>4");
}

/* What a step changes is its own; the version before does not go on, and what is replaced whole is
 * brought to nobody. */
static void test_versions(void)
{
	struct bench b;

	begin(&b, NULL);
	use(&b, 1, 0, SFE_UPDATE);
	use(&b, 3, 0, SFE_UPDATE);
	use(&b, 2, 1, SFE_WRITE);
	use(&b, 4, 1, SFE_READ);
	/* Along the last edge only state 1 can go, along the first one only state 0. */
	decide(&b, "10101");
	CU_ASSERT_EQUAL(keeper(&b, 0, 1), 0);
	CU_ASSERT(sfe_by_edge_leaves(b.of, 0, 0));
	CU_ASSERT_EQUAL(keeper(&b, 0, 2), 1); /* where step 1 leaves it */
	CU_ASSERT(sfe_inlined_carries(b.of->along, &b.job, 0, 1, 2));
	CU_ASSERT_EQUAL(keeper(&b, 0, 3), 2);
	CU_ASSERT(!sfe_inlined_carries(b.of->along, &b.job, 1, 3, 4)); /* step 3 has it not */
	CU_ASSERT_EQUAL(keeper(&b, 1, 4), 2);
	CU_ASSERT_EQUAL(keeper(&b, 0, 5), 3);
	end(&b, "client>0 1>2");
}

/* The node of the copy is that of the owner: it has the state anyway. */
static void test_same_node(void)
{
	struct bench b;

	begin(&b, NULL);
	b.node[0] = CLIENT_NODE;
	use(&b, 4, 0, SFE_READ);
	decide(&b, "10000");
	CU_ASSERT_EQUAL(keeper(&b, 0, 4), CLIENT_NODE);
	CU_ASSERT(!sfe_by_edge_leaves(b.of, 0, 0));
	end(&b, "client>0");
}

/* 0 calls 1 and 2; 1 calls 3, 2 calls 4: each reader asks the last one on its own branch. */
static void test_graph(void)
{
	static const struct sfe_edge edges[] = {{0, 1}, {0, 2}, {1, 3}, {2, 4}};
	struct sfe_graph *graph;
	struct bench b;

	CU_ASSERT_EQUAL_FATAL(sfe_graph_new(N_STEPS, edges, 4, &graph), 0);
	begin(&b, graph);
	use(&b, 0, 1, SFE_UPDATE);
	use(&b, 3, 1, SFE_READ);
	use(&b, 4, 1, SFE_READ);
	use(&b, 4, 0, SFE_READ);
	decide(&b, "11000"); /* client>0 and 0>1 */
	CU_ASSERT_EQUAL(keeper(&b, 1, 3), 1);
	CU_ASSERT(sfe_by_edge_leaves(b.of, 1, 1));
	CU_ASSERT_EQUAL(keeper(&b, 1, 4), 0); /* from who left it */
	CU_ASSERT(!sfe_by_edge_leaves(b.of, 1, 0));
	CU_ASSERT_EQUAL(keeper(&b, 0, 4), 0);
	CU_ASSERT(sfe_by_edge_leaves(b.of, 0, 0));
	CU_ASSERT(!sfe_inlined_carries(b.of->along, &b.job, 0, 0, 1)); /* nobody reads it there */
	end(&b, "client>0>1");
	decide(&b, "10101"); /* client>0, 0>2, 2>4 */
	CU_ASSERT(sfe_inlined_comes(b.of->along, &b.job, 0, 4) &&
		  sfe_inlined_comes(b.of->along, &b.job, 1, 4));
	CU_ASSERT_EQUAL(keeper(&b, 1, 3), 0);
	end(&b, "client>0>2>4");
	sfe_graph_free(graph);
}

/* A message has at most 1 GiB: what is more stays. */
static void test_too_much(void)
{
	struct bench b;

	begin(&b, NULL);
	b.bytes[0] = b.job.states_total_bytes = (1ull << 30) - 10;
	b.steps[0].arg_bytes = 11;
	use(&b, 4, 0, SFE_READ);
	decide(&b, "10000");
	CU_ASSERT_EQUAL(keeper(&b, 0, 4), CLIENT_NODE);
	end(&b, "");
}

/* A text that is too short says so. */
static void test_text(void)
{
	char said[16];
	struct bench b;

	begin(&b, NULL);
	use(&b, 4, 0, SFE_READ);
	decide(&b, "11111");
	CU_ASSERT_EQUAL(sfe_by_edge_text(b.of, &b.job, said, sizeof(said)), 0);
	CU_ASSERT_STRING_EQUAL(said, "client>0>1 …");
	end(&b, "client>0>1>2>3>4");
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"a state comes as near to its reader as edges carry it", test_near},
		{"versions", test_versions},
		{"no copy on the owner's node", test_same_node},
		{"branches", test_graph},
		{"too much for a message", test_too_much},
		{"as text", test_text},
	};

	return unit_main("by_edge", tests, sizeof(tests) / sizeof(tests[0]));
}

/* SPDX-License-Identifier: MIT */
/*
 * Jobs that are random graphs under strategies with options: states that come ahead of calls, go
 * along with some of them, or as by=edge decides. They leave the bytes and owners that they leave
 * without.
 */
#include "tests/unit/nodes/workers/graph_lab.h"

/* States come ahead of calls: the same bytes and owners, and each step uses what it would fetch. */
static void test_ahead(void)
{
	static const enum lab_kind kinds[] = {LAB_PROCESSES, LAB_SHARED, LAB_RING};
	struct bench *b = make_bench();

	for (unsigned i = 0; i < N_STRATEGIES; i++)
		for (unsigned k = 0; strategies[i]->keeper && k < 3; k++) {
			struct sfe_strategy_info with = *strategies[i];
			with.name = "with(prefetch=1)";
			with.options.prefetch = 1;
			with.options.fetch = k == 1 ? SFE_FETCH_SERIAL : SFE_FETCH_PARALLEL;
			struct outcome *o = run(b, &with, kinds[k]);
			check(b, strategies[i], o);
			CU_ASSERT(o->ahead > 0);
			free(o);
		}
	free_bench(b);
}

/* Round trips of half of the pairs of nodes are so long that all states go with calls. */
static int find_path(void *arg, uint32_t from, uint32_t to, struct sfe_inline_path *out)
{
	static const struct sfe_hop hops[] = {{.rate_bps = 1e6}, {.rate_bps = 1e6, .delay_s = 0.5},
		{.rate_bps = 1e6, .delay_s = 100}};
	static const uint32_t links[N_NODES * N_NODES] = {
		0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
	(void)arg;

	*out = (struct sfe_inline_path){
		from != to, &hops[(from + to) % 3], &links[from * N_NODES + to]};
	return 0;
}

/* Readers with their states in hand and those who fetch, of the same versions. */
static void run_inline(struct sfe_strategy_info strategy)
{
	static const enum lab_kind kinds[] = {LAB_PROCESSES, LAB_SHARED, LAB_RING, LAB_RING};
	const struct sfe_inline_paths paths = {find_path, NULL};
	struct bench *b = make_bench();
	struct sfe_deployed_job *jobs;
	unsigned n = 0, fetched = 0;

	strategy.options.inlined = SFE_INLINE_AUTO;
	b->deployment.strategy = &strategy;
	CU_ASSERT_FATAL(!inline_jobs_new(&b->deployment, &paths, &jobs));
	b->deployment.jobs = jobs;
	for (uint32_t j = 0; j < N_JOBS; j++)
		for (uint32_t s = 0; s < b->jobs[j].job.n_steps; s++)
			for (uint32_t i = 0; i < b->jobs[j].job.n_states; i++) {
				bool reads = sfe_step_reads(&b->jobs[j].steps[s], i);
				n += reads && comes(b, j, i, s);
				fetched += reads && !comes(b, j, i, s);
			}
	CU_ASSERT(n > 0 && fetched > 100);
	for (unsigned k = 0; k < 4; k++) {
		strategy.options.fetch = k == 3 ? SFE_FETCH_PARALLEL : SFE_FETCH_SERIAL;
		struct outcome *o = run(b, &strategy, kinds[k]);
		check(b, &strategy, o);
		free(o);
	}
	inline_jobs_free(jobs, N_JOBS);
	free_bench(b);
}

/* States go ahead of calls unasked, where links are short: the same bytes and owners. */
static void test_pushed(void)
{
	static const enum lab_kind kinds[] = {LAB_PROCESSES, LAB_SHARED, LAB_RING};
	const struct sfe_inline_paths paths = {find_path, NULL};
	struct bench *b = make_bench();
	const struct sfe_deployed_job *of = b->deployment.jobs;

	for (unsigned i = 0; i < N_STRATEGIES; i++)
		for (unsigned k = 0; strategies[i]->keeper && k < 3; k++) {
			struct sfe_strategy_info with = *strategies[i];
			struct sfe_deployed_job *jobs;
			with.name = "with(push)";
			with.options.push_us = 2000000;
			with.options.fetch = k == 1 ? SFE_FETCH_PARALLEL : SFE_FETCH_SERIAL;
			with.options.prefetch = k == 2;
			b->deployment.strategy = &with;
			b->deployment.jobs = of;
			CU_ASSERT_FATAL(!inline_jobs_new(&b->deployment, &paths, &jobs));
			b->deployment.jobs = jobs;
			struct outcome *o = run(b, &with, kinds[k]);
			check(b, strategies[i], o);
			CU_ASSERT(o->ahead > 0);
			free(o);
			inline_jobs_free(jobs, N_JOBS);
		}
	b->deployment.jobs = of;
	free_bench(b);
}

static void test_inline(void)
{
	run_inline(sfe_state_local);
}

/* Versions are kept elsewhere than where they are made: as a plugin may have it. */
static void test_inline_store(void)
{
	struct sfe_strategy_info strategy = sfe_unchained_in_edge;

	strategy.client_invokes = false;
	run_inline(strategy);
}

/* ---- by=edge */

enum edges { EDGES_STAY, EDGES_CARRY, EDGES_DRAWN };

static void decide_edges(struct bench *b, enum edges edges, uint64_t *x)
{
	for (uint32_t j = 0; j < N_JOBS; j++) {
		const struct sfe_placed_job placed = deployment_job(&b->deployment, j);
		struct sfe_edge_calls *calls;
		struct sfe_by_edge *of;
		bool carries[MAX_STEPS * MAX_STEPS];
		CU_ASSERT_EQUAL_FATAL(sfe_edge_calls_new(&placed, &calls), 0);
		CU_ASSERT_EQUAL_FATAL(sfe_by_edge_new(placed.job, &of), 0);
		for (uint32_t i = 0; i < calls->n; i++)
			carries[i] = edges == EDGES_DRAWN ? draw(x, 2) : edges == EDGES_CARRY;
		sfe_by_edge_set(calls, carries, of);
		sfe_edge_calls_free(calls);
		b->deployed[j].by_edge = of;
	}
}

/* The bytes of the calls of StatePropagate between nodes, but for states that only the client is to
 * get. */
static uint64_t calls_that_carry(const struct bench *b, uint32_t j)
{
	const struct one *o = &b->jobs[j];
	uint64_t bytes = 0;

	for (uint32_t s = 0; s < o->job.n_steps; s++)
		for (uint32_t k = 0, n = sfe_steps_before(&o->job, s); k < (n ? n : 1); k++) {
			uint32_t from = n ? sfe_step_before(&o->job, s, k) : SFE_CLIENT;
			if ((n ? o->node[from] : b->deployed[j].client) == o->node[s])
				continue;
			bytes += n ? o->steps[from].out_bytes : o->steps[s].arg_bytes;
			for (uint32_t i = 0; i < o->job.n_states; i++)
				if (sfe_state_propagate.carries(&o->job, i, from, s) &&
					sfe_reader_along(&o->job, i, from, s) != SFE_CLIENT)
					bytes += o->state_bytes[i];
		}
	return bytes;
}

/* Of each job the edges carry, or not: the same bytes and owners as ever. Those that all stay have
 * StateLocal's messages, those that all carry StatePropagate's calls and no fetches. */
static void test_by_edge(void)
{
	static const enum lab_kind kinds[] = {LAB_PROCESSES, LAB_SHARED, LAB_RING};
	struct bench *b = make_bench();
	struct outcome *local = run(b, &sfe_state_local, LAB_SHARED);
	uint64_t x = 5;

	for (unsigned k = 0; k < 9; k++) {
		const enum edges edges = k == 0 ? EDGES_STAY : k == 1 ? EDGES_CARRY : EDGES_DRAWN;
		struct sfe_strategy_info with = sfe_edges;
		struct sfe_deployed_job *jobs;
		with.options.fetch = k % 2 ? SFE_FETCH_PARALLEL : SFE_FETCH_SERIAL;
		with.options.prefetch = k > 5;
		decide_edges(b, edges, &x);
		b->deployment.strategy = &with;
		CU_ASSERT_EQUAL_FATAL(inline_jobs_new(&b->deployment, NULL, &jobs), 0);
		b->deployment.jobs = jobs;
		struct outcome *o = run(b, &with, kinds[k % 3]);
		check(b, &with, o);
		CU_ASSERT_EQUAL(o->ahead > 0, k > 5);
		if (edges == EDGES_STAY)
			CU_ASSERT(!memcmp(o->moved, local->moved, sizeof(o->moved)));
		for (uint32_t j = 0; edges == EDGES_CARRY && j < N_JOBS; j++) {
			CU_ASSERT_EQUAL(o->moved[j][SFE_TRANSFER_CALL], calls_that_carry(b, j));
			CU_ASSERT_EQUAL(o->moved[j][SFE_TRANSFER_FETCH], 0);
		}
		free(o);
		inline_jobs_free(jobs, N_JOBS);
		b->deployment.jobs = b->deployed;
		for (uint32_t j = 0; j < N_JOBS; j++) {
			sfe_by_edge_free((struct sfe_by_edge *)b->deployed[j].by_edge);
			b->deployed[j].by_edge = NULL;
		}
	}
	free(local);
	free_bench(b);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"random graphs whose states come ahead of calls", test_ahead},
		{"random graphs whose states go ahead of calls unasked", test_pushed},
		{"the same where some states go along with calls", test_inline},
		{"and are kept by another node", test_inline_store},
		{"by=edge: states go along some calls, and copies stay where they came",
			test_by_edge},
	};

	if (!lab_enter()) {
		puts("SKIPPED: network namespaces are not allowed here");
		return 77;
	}
	return unit_main("worker_graph_options", tests, sizeof(tests) / sizeof(*tests));
}

/* SPDX-License-Identifier: MIT */
/* inline=auto: which states go with which calls; and the connections that messages of jobs use. */
#include <string.h>

#include "emu/model/strategies/used_connections.h"
#include "emu/model/workload/job_graph.h"
#include "sfemu/transfer.h"
#include "tests/unit/unit.h"

#define RATE 100e6
#define DELAY 0.010
#define N_NODES 5
#define N_STEPS 4

/* A star: each node has a link to the middle, and one back. */
static int star(void *arg, uint32_t from, uint32_t to, struct sfe_inline_path *out)
{
	static const struct sfe_hop hops[] = {{RATE, DELAY, false}, {RATE, DELAY, false}};
	static uint32_t links[N_NODES][N_NODES][2];
	(void)arg;

	links[from][to][0] = 2 * from;
	links[from][to][1] = 2 * to + 1;
	*out = (struct sfe_inline_path){from == to ? 0 : 2, hops, links[from][to]};
	return 0;
}

static const struct sfe_inline_paths paths = {star, NULL};

struct bench { /* state 0 is written by the first step and read by the last one */
	struct sfe_step steps[N_STEPS];
	struct sfe_job job;
	struct sfe_graph *graph;
	uint64_t bytes[1];
	uint32_t node[N_STEPS];
	struct sfe_placed_job placed;
};

static const uint32_t only[] = {0};
static const uint8_t reads[] = {SFE_READ}, writes[] = {SFE_WRITE}, updates[] = {SFE_UPDATE};

static void use(struct bench *b, uint32_t step, const uint8_t *access)
{
	b->steps[step].n_deps = 1;
	b->steps[step].deps = (uint32_t *)only;
	b->steps[step].access = (uint8_t *)access;
}

static void begin(struct bench *b, uint32_t n, uint64_t bytes)
{
	*b = (struct bench){.bytes = {bytes}, .node = {0, 1, 2, 3}};
	b->job = (struct sfe_job){.n_steps = n,
		.steps = b->steps,
		.n_states = 1,
		.state_bytes = b->bytes,
		.states_total_bytes = bytes,
		.declared = true};
	b->placed = (struct sfe_placed_job){&b->job, 4, b->node, 0};
}

static struct sfe_inlined *decide(const struct bench *b, const struct sfe_strategy_info *rules)
{
	struct sfe_inlined *inlined = NULL;

	CU_ASSERT_FATAL(!sfe_inlined_new(rules, &b->placed, &paths, &inlined));
	return inlined;
}

static bool carries(const struct bench *b, uint32_t from, uint32_t to)
{
	struct sfe_inlined *inlined = decide(b, &sfe_state_local);
	bool carried = sfe_inlined_carries(inlined, &b->job, 0, from, to);

	free(inlined);
	return carried;
}

/* size x extra hops / rate = round trip. */
static void test_crossing(void)
{
	const double round_trip = 4 * DELAY + 2 * 8 * SFE_FETCH_HEAD_BYTES / RATE;
	const uint64_t crossing = (uint64_t)(round_trip * RATE / 8 / 2); /* two extra links */
	struct bench b;

	CU_ASSERT_EQUAL(crossing, 250250);
	for (int more = -1; more <= 1; more += 2) {
		begin(&b, 3, crossing + (uint64_t)more);
		use(&b, 0, writes);
		use(&b, 2, reads);
		CU_ASSERT_EQUAL(carries(&b, 0, 1), more < 0);
		CU_ASSERT_EQUAL(carries(&b, 1, 2), more < 0);
		CU_ASSERT(!carries(&b, SFE_CLIENT, 0) && !carries(&b, 2, SFE_CLIENT));
	}
	/* Two steps on its way: four extra links. */
	for (int more = -1; more <= 1; more += 2) {
		begin(&b, 4, crossing / 2 + (uint64_t)more);
		use(&b, 0, writes);
		use(&b, 3, reads);
		CU_ASSERT_EQUAL(
			carries(&b, 0, 1) && carries(&b, 1, 2) && carries(&b, 2, 3), more < 0);
	}
}

/* The next step has no extra links: any size goes, unless the message gets too large. */
static void test_next_step(void)
{
	struct bench b;

	begin(&b, 2, 1u << 30);
	use(&b, 0, writes);
	use(&b, 1, updates);
	CU_ASSERT(carries(&b, 0, 1));
	b.steps[0].out_bytes = 1;
	CU_ASSERT(!carries(&b, 0, 1));
	/* It is there already. */
	b.steps[0].out_bytes = 0;
	b.node[1] = b.node[0];
	CU_ASSERT(!carries(&b, 0, 1));
}

/* The client's states go with its call, but not those that nodes create. */
static void test_client(void)
{
	struct sfe_strategy_info created = sfe_state_local;
	struct bench b;

	begin(&b, 2, 1000);
	use(&b, 1, updates);
	CU_ASSERT(carries(&b, SFE_CLIENT, 0) && carries(&b, 0, 1));
	created.created_on_use = true;
	struct sfe_inlined *inlined = decide(&b, &created);
	CU_ASSERT(!sfe_inlined_carries(inlined, &b.job, 0, SFE_CLIENT, 0));
	CU_ASSERT(!sfe_inlined_comes(inlined, &b.job, 0, 1));
	free(inlined);
}

/* Another version, of another writer, goes its own way; a reader on the keeper's node fetches. */
static void test_versions(void)
{
	struct bench b;

	begin(&b, 4, 1000);
	for (uint32_t s = 0; s < 4; s++)
		use(&b, s, s == 3 ? reads : updates);
	b.node[3] = b.node[2];
	struct sfe_inlined *inlined = decide(&b, &sfe_state_local);
	CU_ASSERT(sfe_inlined_comes(inlined, &b.job, 0, 0));
	CU_ASSERT(sfe_inlined_comes(inlined, &b.job, 0, 1));
	CU_ASSERT(sfe_inlined_comes(inlined, &b.job, 0, 2));
	CU_ASSERT(!sfe_inlined_comes(inlined, &b.job, 0, 3));
	CU_ASSERT(sfe_inlined_serves_all(inlined, &b.job, 0, 0));
	CU_ASSERT(sfe_inlined_serves_all(inlined, &b.job, 0, 1));
	CU_ASSERT(!sfe_inlined_serves_all(inlined, &b.job, 0, 2));
	free(inlined);
}

/* 0 calls 1 and 2, both call 3: one way is enough, the one with fewer links. */
static void test_join(void)
{
	static const struct sfe_edge edges[] = {{0, 1}, {0, 2}, {1, 3}, {2, 3}};
	struct bench b;

	begin(&b, 4, 1000);
	CU_ASSERT_FATAL(!sfe_graph_new(4, edges, 4, &b.graph));
	b.job.graph = b.graph;
	use(&b, 0, writes);
	use(&b, 3, reads);
	b.node[2] = b.node[0];
	CU_ASSERT(!carries(&b, 0, 1) && carries(&b, 0, 2));
	CU_ASSERT(!carries(&b, 1, 3) && carries(&b, 2, 3));
	/* A second reader beside it has its own way. */
	use(&b, 1, reads);
	CU_ASSERT(carries(&b, 0, 1) && carries(&b, 0, 2));
	CU_ASSERT(!carries(&b, 1, 3) && carries(&b, 2, 3));
	sfe_graph_free(b.graph);
}

struct used {
	bool pair[N_NODES][N_NODES];
	unsigned n;
};

static void count(void *arg, uint32_t opener, uint32_t other)
{
	struct used *u = arg;

	u->n += !u->pair[opener][other];
	u->pair[opener][other] = true;
}

static void test_connections(void)
{
	struct used u = {0}, client = {0}, inlined_use = {0};
	struct sfe_connection_uses uses = {.use = count, .arg = &u};
	struct bench b;

	begin(&b, 3, 1000);
	use(&b, 0, updates);
	use(&b, 2, updates);
	sfe_connections_used(&sfe_state_local, &b.placed, NULL, &uses);
	/* Calls, the return, and states: from the client, and of step 0. */
	CU_ASSERT(u.pair[4][0] && u.pair[0][1] && u.pair[1][2] && u.pair[2][4]);
	CU_ASSERT(u.pair[0][4] && u.pair[2][0]);
	CU_ASSERT_EQUAL(u.n, 6);
	struct sfe_inlined *inlined = decide(&b, &sfe_state_local);
	uses.arg = &inlined_use;
	sfe_connections_used(&sfe_state_local, &b.placed, inlined, &uses);
	CU_ASSERT_EQUAL(inlined_use.n, 4);
	free(inlined);
	uses.arg = &client;
	sfe_connections_used(&sfe_pure_faas, &b.placed, NULL, &uses);
	CU_ASSERT(client.pair[4][0] && client.pair[4][1] && client.pair[4][2]);
	CU_ASSERT_EQUAL(client.n, 3);
}

/* A state that outlives jobs is where the run's strategy has it, whatever the job follows. */
static void test_homes(void)
{
	static struct sfe_shared_state state = {.scope = SFE_SCOPE_GLOBAL};
	static struct sfe_shared_use one_use = {0, SFE_UPDATE};
	const struct sfe_workflows workflows = {.n_shared = 1, .shared = &state};
	struct sfe_shared_uses uses_of[3] = {{0}, {1, &one_use}, {0}};
	struct sfe_shared_instances shared = {0};
	struct used own = {0}, chosen = {0};
	struct sfe_connection_uses uses = {.use = count, .arg = &own, .cloud = 3};
	struct bench b;

	begin(&b, 3, 1000);
	b.job.shared = uses_of;
	CU_ASSERT_EQUAL_FATAL(sfe_shared_add(&shared, &workflows, &b.placed, false), 0);
	shared.of[0].first = 2; /* as if another job had been the first */
	uses.shared = &shared;
	sfe_connections_used(&sfe_pure_faas, &b.placed, NULL, &uses);
	CU_ASSERT(own.pair[1][3] && !own.pair[1][2]);
	uses.arg = &chosen;
	uses.homes = &sfe_adaptive;
	sfe_connections_used(&sfe_pure_faas, &b.placed, NULL, &uses);
	CU_ASSERT(chosen.pair[1][2] && !chosen.pair[1][3]);
	sfe_shared_free(&shared);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"the crossing of size x extra hops / rate and the round trip", test_crossing},
		{"to the next step there are no extra links", test_next_step},
		{"the client's states", test_client},
		{"each version goes from its writer to its readers", test_versions},
		{"the way with the fewest links through a graph", test_join},
		{"connections that messages use", test_connections},
		{"connections to homes of states", test_homes},
	};

	return unit_main("inline_states", tests, sizeof(tests) / sizeof(tests[0]));
}

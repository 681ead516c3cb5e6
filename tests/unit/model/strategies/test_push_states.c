/* SPDX-License-Identifier: MIT */
/* push: which states go ahead to which steps, to the byte; and the connections that they use. */
#include <string.h>

#include "emu/model/strategies/push_states.h"
#include "emu/model/strategies/used_connections.h"
#include "emu/model/workload/job_graph.h"
#include "sfemu/transfer.h"
#include "tests/unit/unit.h"

#define N_NODES 5
#define N_STEPS 4
#define CLIENT 4

/* A star: each node has a link to the middle, and one back. Node 3 has a slow and long one; one of
 * node 1 has no rate, so that it does not limit. */
static int star(void *arg, uint32_t from, uint32_t to, struct sfe_inline_path *out)
{
	static const struct sfe_hop of[N_NODES] = {
		{100e6, 0.002}, {0, 0.002}, {100e6, 0.002}, {10e6, 0.004}, {100e6, 0.002}};
	static struct sfe_hop hops[N_NODES][N_NODES][2];
	static uint32_t links[2];
	(void)arg;

	hops[from][to][0] = of[from];
	hops[from][to][1] = of[to];
	*out = (struct sfe_inline_path){from == to ? 0 : 2, hops[from][to], links};
	return 0;
}

static const struct sfe_inline_paths paths = {star, NULL};

struct bench { /* state 0, whose readers and writers tests choose */
	struct sfe_step steps[N_STEPS];
	struct sfe_job job;
	struct sfe_graph *graph;
	uint64_t bytes[1];
	uint32_t node[N_STEPS];
	struct sfe_placed_job placed;
	struct sfe_strategy_info rules;
};

static const uint32_t only[] = {0};
static const uint8_t reads[] = {SFE_READ}, writes[] = {SFE_WRITE}, updates[] = {SFE_UPDATE};

static void use(struct bench *b, uint32_t step, const uint8_t *access)
{
	b->steps[step].n_deps = 1;
	b->steps[step].deps = (uint32_t *)only;
	b->steps[step].access = (uint8_t *)access;
}

static void begin(struct bench *b, uint64_t bytes, unsigned bound_us)
{
	*b = (struct bench){.bytes = {bytes}, .node = {0, 1, 2, 3}, .rules = sfe_state_local};
	b->job = (struct sfe_job){.n_steps = N_STEPS,
		.steps = b->steps,
		.n_states = 1,
		.state_bytes = b->bytes,
		.states_total_bytes = bytes,
		.declared = true};
	b->placed = (struct sfe_placed_job){&b->job, CLIENT, b->node, 0};
	b->rules.options.push_us = bound_us;
}

static bool goes(const struct bench *b, uint32_t step)
{
	struct sfe_pushed *pushed = NULL;

	CU_ASSERT_FATAL(!sfe_pushed_new(&b->rules, &b->placed, NULL, &paths, &pushed));
	bool does = sfe_push_goes(pushed, 0, step);
	free(pushed);
	return does;
}

/* 2 x delay + 8 x bytes / rate of the narrowest link, at most the bound. */
static void test_bound(void)
{
	static const struct {
		uint32_t reader;
		unsigned bound_us;
		uint64_t most;
	} at[] = {
		{1, 8000, 0},       /* 2 x 4 ms: nothing is left for bytes */
		{1, 20000, 150000}, /* 12 ms at 100 Mbit/s */
		{2, 20000, 150000}, /* the same */
		{3, 20000, 10000},  /* 8 ms at 10 Mbit/s, as 2 x 6 ms go */
		{3, 12001, 1},      /* 1.25 bytes */
		{1, 1000000, 12400000},
	};
	struct bench b;

	for (size_t i = 0; i < sizeof(at) / sizeof(*at); i++)
		for (int more = 0; more < 2; more++) {
			begin(&b, at[i].most + (uint64_t)more, at[i].bound_us);
			use(&b, 0, updates);
			use(&b, at[i].reader, reads);
			CU_ASSERT_EQUAL(goes(&b, at[i].reader), !more);
		}
	begin(&b, 0, 7999);
	use(&b, 0, updates);
	use(&b, 1, reads);
	CU_ASSERT_FALSE(goes(&b, 1));
	begin(&b, (1ull << 30) + 1, SFE_PUSH_MOST_US); /* more than a message may have */
	use(&b, 0, updates);
	use(&b, 1, reads);
	CU_ASSERT_FALSE(goes(&b, 1));
}

/* All who read a version get it, those who only write it do not; nor does the node that keeps it.
 */
static void test_readers(void)
{
	struct bench b;

	begin(&b, 1000, 100000);
	use(&b, 0, reads);
	use(&b, 1, reads);
	use(&b, 2, updates);
	use(&b, 3, reads);
	CU_ASSERT(goes(&b, 0) && goes(&b, 1) && goes(&b, 2) && goes(&b, 3));
	use(&b, 2, writes);
	CU_ASSERT(goes(&b, 0) && goes(&b, 1) && !goes(&b, 2) && goes(&b, 3));
	b.node[0] = CLIENT;
	b.node[3] = b.node[2];
	CU_ASSERT(!goes(&b, 0) && goes(&b, 1) && !goes(&b, 3));
	b.rules.created_on_use = true; /* nobody has its first version */
	CU_ASSERT(!goes(&b, 0) && !goes(&b, 1));
}

/* What comes with calls need not go ahead of them. */
static void test_inlined(void)
{
	struct sfe_inlined *inlined = NULL;
	struct sfe_pushed *pushed = NULL;
	struct bench b;

	begin(&b, 1000, 100000);
	use(&b, 0, updates);
	use(&b, 2, reads);
	b.rules.options.inlined = SFE_INLINE_AUTO;
	CU_ASSERT_FATAL(!sfe_inlined_new(&b.rules, &b.placed, &paths, &inlined));
	CU_ASSERT(sfe_inlined_comes(inlined, &b.job, 0, 2));
	CU_ASSERT_FATAL(!sfe_pushed_new(&b.rules, &b.placed, inlined, &paths, &pushed));
	CU_ASSERT(!sfe_push_goes(pushed, 0, 0) && !sfe_push_goes(pushed, 0, 2));
	free(pushed);
	free(inlined);
	CU_ASSERT_FALSE(sfe_push_goes(NULL, 0, 2));
}

/* With a cache, the first reader on a node has it for the later ones; but who changes the state
 * fetches it as ever. */
static void test_cached(void)
{
	struct bench b;

	begin(&b, 1000, 100000);
	use(&b, 0, updates);
	use(&b, 1, reads);
	use(&b, 2, reads);
	use(&b, 3, updates);
	b.node[2] = b.node[3] = b.node[1];
	CU_ASSERT(goes(&b, 1) && goes(&b, 2) && goes(&b, 3));
	b.rules.options.cache = SFE_CACHE_ON;
	CU_ASSERT(goes(&b, 1) && !goes(&b, 2) && goes(&b, 3));
	use(&b, 1, updates); /* the version of the next one is another, and is there */
	CU_ASSERT(goes(&b, 1) && !goes(&b, 2));
}

/* What one step has left for a step goes in one message. */
static void test_messages(void)
{
	static const uint32_t all[] = {0, 1, 2};
	static const uint64_t bytes[] = {10, 200, 3000};
	static const uint8_t first[] = {SFE_WRITE, SFE_WRITE},
			     last[] = {SFE_READ, SFE_READ, SFE_READ};
	struct sfe_pushed *pushed = NULL;
	struct sfe_push m;
	struct bench b;

	begin(&b, 0, 100000);
	b.job.n_states = 3;
	b.job.state_bytes = (uint64_t *)bytes;
	b.steps[0] =
		(struct sfe_step){.n_deps = 1, .deps = (uint32_t *)all, .access = (uint8_t *)first};
	b.steps[1] = (struct sfe_step){
		.n_deps = 1, .deps = (uint32_t *)all + 2, .access = (uint8_t *)first};
	b.steps[3] =
		(struct sfe_step){.n_deps = 3, .deps = (uint32_t *)all, .access = (uint8_t *)last};
	CU_ASSERT_FATAL(!sfe_pushed_new(&b.rules, &b.placed, NULL, &paths, &pushed));
	CU_ASSERT(sfe_push_begins(pushed, &b.rules, &b.placed, 3, 0, &m));
	CU_ASSERT(m.writer == 0 && m.keeper == 0 && m.bytes == 10);
	CU_ASSERT(sfe_push_begins(pushed, &b.rules, &b.placed, 3, 1, &m));
	CU_ASSERT(m.writer == SFE_CLIENT && m.keeper == CLIENT && m.bytes == 200);
	CU_ASSERT(sfe_push_begins(pushed, &b.rules, &b.placed, 3, 2, &m));
	CU_ASSERT(m.writer == 1 && m.keeper == 1 && m.bytes == 3000);
	free(pushed);
	b.steps[1].n_deps = 0; /* state 2 is the client's, too */
	CU_ASSERT_FATAL(!sfe_pushed_new(&b.rules, &b.placed, NULL, &paths, &pushed));
	CU_ASSERT(sfe_push_begins(pushed, &b.rules, &b.placed, 3, 1, &m));
	CU_ASSERT(m.writer == SFE_CLIENT && m.bytes == 3200);
	CU_ASSERT_FALSE(sfe_push_begins(pushed, &b.rules, &b.placed, 3, 2, &m));
	CU_ASSERT_FALSE(sfe_push_begins(NULL, &b.rules, &b.placed, 3, 1, &m));
	free(pushed);
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
	struct used u = {0};
	struct sfe_connection_uses uses = {.use = count, .arg = &u};
	struct sfe_pushed *pushed = NULL;
	struct bench b;

	begin(&b, 1000, 100000);
	use(&b, 1, updates);
	use(&b, 3, reads);
	CU_ASSERT_FATAL(!sfe_pushed_new(&b.rules, &b.placed, NULL, &paths, &pushed));
	uses.pushed = pushed;
	sfe_connections_used(&b.rules, &b.placed, NULL, &uses);
	/* Four calls and the return; from the client to step 1, which claims it; from there to step
	 * 3, which only reads it. */
	CU_ASSERT(u.pair[CLIENT][0] && u.pair[0][1] && u.pair[1][2] && u.pair[2][3]);
	CU_ASSERT(u.pair[3][CLIENT] && u.pair[CLIENT][1] && u.pair[1][CLIENT] && u.pair[1][3]);
	CU_ASSERT_EQUAL(u.n, 8);
	free(pushed);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"the bound, to the byte", test_bound},
		{"readers", test_readers},
		{"what comes with calls", test_inlined},
		{"what is cached", test_cached},
		{"messages", test_messages},
		{"connections", test_connections},
	};

	return unit_main("push states", tests, sizeof(tests) / sizeof(tests[0]));
}

/* SPDX-License-Identifier: MIT */
/* The critical path of a diamond from its records. */
#include <stdlib.h>
#include <string.h>

#include "emu/measure/critical_path.h"
#include "emu/model/workload/job_graph.h"
#include "tests/unit/unit.h"

enum { START, LEFT, RIGHT, JOIN, N };
enum { CLIENT, S, Q }; /* nodes: START and LEFT are on S, RIGHT and JOIN on Q */
#define ROOM 16

static struct sfe_step steps[N];

struct replayed {
	struct sfe_graph *graph;
	struct sfe_job job;
	struct sfe_deployed_job deployed;
	struct sfe_job_result result;
	struct sfe_ctl_invocation v[ROOM];
	struct sfe_ctl_transfer t[ROOM];
	struct sfe_replay out;
	uint64_t start_ns[ROOM];
	bool on_path[ROOM];
	uint64_t overlap_ns[ROOM];
};

static void begin(struct replayed *r)
{
	static const struct sfe_edge edges[] = {
		{START, LEFT}, {START, RIGHT}, {LEFT, JOIN}, {RIGHT, JOIN}};

	*r = (struct replayed){.job = {.n_steps = N, .steps = steps},
		.result = {.ended = true, .start_ns = 10, .end_ns = 1000}};
	CU_ASSERT_FATAL(!sfe_graph_new(N, edges, 4, &r->graph));
	r->job.graph = r->graph;
	r->deployed = (struct sfe_deployed_job){.job = &r->job, .client = CLIENT};
	r->out = (struct sfe_replay){.strategy = &sfe_state_local,
		.n_jobs = 1,
		.jobs = &r->result,
		.invocations = r->v,
		.transfers = r->t};
}

static void invoked(
	struct replayed *r, uint32_t step, uint32_t node, uint64_t ready_ns, uint64_t finish_ns)
{
	r->v[r->out.n_invocations++] =
		(struct sfe_ctl_invocation){.header = {SFE_CTL_INVOCATION, node},
			.step = step,
			.ready_ns = ready_ns,
			.finish_ns = finish_ns};
}

static uint32_t sent(struct replayed *r, uint32_t kind, uint32_t step, uint32_t from, uint32_t to,
	uint64_t head_ns, uint64_t done_ns)
{
	r->t[r->out.n_transfers] = (struct sfe_ctl_transfer){.header = {SFE_CTL_TRANSFER, to},
		.step = step,
		.from = from,
		.kind = kind,
		.head_ns = head_ns,
		.done_ns = done_ns};
	return r->out.n_transfers++;
}

static void find(struct replayed *r)
{
	CU_ASSERT_EQUAL_FATAL(
		sfe_critical_paths(&r->deployed, &r->out, r->start_ns, r->on_path, r->overlap_ns),
		0);
}

/* Steps call each other; JOIN waits for LEFT, and then fetches two states. */
static void test_calls(void)
{
	struct replayed r;

	begin(&r);
	uint32_t last = sent(&r, SFE_TRANSFER_RETURN, JOIN, Q, CLIENT, 980, 1000);
	uint32_t first = sent(&r, SFE_TRANSFER_CALL, START, CLIENT, S, 20, 100);
	invoked(&r, START, S, 100, 150);
	invoked(&r, LEFT, S, 150, 400); /* called on its own node */
	uint32_t other = sent(&r, SFE_TRANSFER_CALL, RIGHT, S, Q, 160, 200);
	invoked(&r, RIGHT, Q, 200, 420);
	uint32_t call = sent(&r, SFE_TRANSFER_CALL, JOIN, S, Q, 410, 500);
	uint32_t one = sent(&r, SFE_TRANSFER_FETCH, JOIN, CLIENT, Q, 540, 600);
	uint32_t two = sent(&r, SFE_TRANSFER_FETCH, JOIN, S, Q, 620, 700);
	invoked(&r, JOIN, Q, 700, 900);
	find(&r);
	CU_ASSERT_EQUAL(r.result.processing_ns, 200 + 250 + 50);
	CU_ASSERT_EQUAL(r.start_ns[first], 10);
	CU_ASSERT_EQUAL(r.start_ns[other], 150);
	CU_ASSERT_EQUAL(r.start_ns[call], 400); /* not RIGHT's end, which is elsewhere */
	CU_ASSERT_EQUAL(r.start_ns[one], 500);
	CU_ASSERT_EQUAL(r.start_ns[two], 600);
	CU_ASSERT_EQUAL(r.start_ns[last], 900);
	CU_ASSERT(r.on_path[first] && r.on_path[call] && r.on_path[one] && r.on_path[two] &&
		  r.on_path[last]);
	CU_ASSERT(!r.on_path[other]);

	/* RIGHT ends later than LEFT's call comes: the path is over RIGHT. */
	r.v[2].finish_ns = 520;
	r.result.processing_ns = 0;
	memset(r.on_path, 0, sizeof(r.on_path));
	find(&r);
	CU_ASSERT_EQUAL(r.result.processing_ns, 200 + 320 + 50);
	CU_ASSERT_EQUAL(r.start_ns[one], 520);
	CU_ASSERT(r.on_path[other] && !r.on_path[call]);
	sfe_graph_free(r.graph);
}

/* LEFT and RIGHT are on one node. RIGHT ends while LEFT's call is on its way, which comes last. */
static void test_callers_of_one_node(void)
{
	struct replayed r;

	begin(&r);
	sent(&r, SFE_TRANSFER_CALL, START, CLIENT, S, 20, 100);
	invoked(&r, START, S, 100, 150);
	invoked(&r, LEFT, S, 150, 400);
	invoked(&r, RIGHT, S, 150, 405);
	uint32_t left = sent(&r, SFE_TRANSFER_CALL, JOIN, S, Q, 410, 500);
	uint32_t right = sent(&r, SFE_TRANSFER_CALL, JOIN, S, Q, 415, 450);
	r.t[left].after = 1 + LEFT;
	r.t[right].after = 1 + RIGHT;
	invoked(&r, JOIN, Q, 500, 900);
	sent(&r, SFE_TRANSFER_RETURN, JOIN, Q, CLIENT, 980, 1000);
	find(&r);
	CU_ASSERT_EQUAL(r.start_ns[left], 400);
	CU_ASSERT_EQUAL(r.start_ns[right], 405);
	CU_ASSERT_EQUAL(r.result.processing_ns, 50 + 250 + 400);
	CU_ASSERT(r.on_path[left] && !r.on_path[right]);
	sfe_graph_free(r.graph);
}

/* The client calls; a changed state goes to a store before the result does. */
static void test_client_calls(void)
{
	struct replayed r;

	begin(&r);
	invoked(&r, START, S, 50, 100);
	invoked(&r, LEFT, S, 200, 250);
	invoked(&r, RIGHT, Q, 210, 300);
	invoked(&r, JOIN, Q, 600, 800);
	uint32_t call[N] = {sent(&r, SFE_TRANSFER_CALL, START, CLIENT, S, 20, 50),
		sent(&r, SFE_TRANSFER_CALL, LEFT, CLIENT, S, 160, 200),
		sent(&r, SFE_TRANSFER_CALL, RIGHT, CLIENT, Q, 160, 210),
		sent(&r, SFE_TRANSFER_CALL, JOIN, CLIENT, Q, 520, 600)};
	uint32_t back[N] = {sent(&r, SFE_TRANSFER_RETURN, START, S, CLIENT, 120, 150),
		sent(&r, SFE_TRANSFER_RETURN, LEFT, S, CLIENT, 470, 500),
		sent(&r, SFE_TRANSFER_RETURN, RIGHT, Q, CLIENT, 310, 330),
		sent(&r, SFE_TRANSFER_RETURN, JOIN, Q, CLIENT, 820, 1000)};
	uint32_t store = sent(&r, SFE_TRANSFER_STORE, LEFT, S, Q, 300, 450);
	find(&r);
	CU_ASSERT_EQUAL(r.result.processing_ns, 50 + 50 + 200);
	CU_ASSERT_EQUAL(r.start_ns[call[RIGHT]], 150);
	CU_ASSERT_EQUAL(r.start_ns[call[JOIN]], 500);
	CU_ASSERT_EQUAL(r.start_ns[store], 250);
	CU_ASSERT_EQUAL(r.start_ns[back[LEFT]], 450);
	CU_ASSERT_EQUAL(r.start_ns[back[RIGHT]], 300);
	for (uint32_t s = 0; s < N; s++)
		CU_ASSERT(r.on_path[call[s]] == (s != RIGHT) && r.on_path[back[s]] == (s != RIGHT));
	CU_ASSERT(r.on_path[store]);

	/* A job that failed, or a chain, keeps the sum that it has. */
	r.result.status = -5;
	r.result.processing_ns = 7;
	find(&r);
	CU_ASSERT_EQUAL(r.result.processing_ns, 7);
	r.result.status = 0;
	r.job.graph = NULL;
	find(&r);
	CU_ASSERT_EQUAL(r.result.processing_ns, 7);
	sfe_graph_free(r.graph);
}

/* Without records of what came before, the path ends there. */
static void test_missing(void)
{
	struct replayed r;

	begin(&r);
	find(&r);
	CU_ASSERT_EQUAL(r.result.processing_ns, 0);
	uint32_t lone = sent(&r, SFE_TRANSFER_CALL, JOIN, S, Q, 520, 600);
	invoked(&r, JOIN, CLIENT, 900, 950);
	find(&r);
	CU_ASSERT_EQUAL(r.result.processing_ns, 50);
	CU_ASSERT_EQUAL(r.start_ns[lone], 520);
	sfe_graph_free(r.graph);
}

/* What came ahead is on the path beside the call: less the time until that came. */
static void test_ahead(void)
{
	struct replayed r;

	begin(&r);
	sent(&r, SFE_TRANSFER_CALL, START, CLIENT, S, 20, 100);
	invoked(&r, START, S, 100, 150);
	invoked(&r, LEFT, S, 150, 400);
	uint32_t early = sent(&r, SFE_TRANSFER_PREFETCH, JOIN, CLIENT, Q, 200, 260);
	uint32_t late = sent(&r, SFE_TRANSFER_PREFETCH, JOIN, CLIENT, Q, 300, 560);
	r.t[early].asked_ns = 180;
	r.t[late].asked_ns = 260;
	uint32_t call = sent(&r, SFE_TRANSFER_CALL, JOIN, S, Q, 410, 500);
	uint32_t rest = sent(&r, SFE_TRANSFER_FETCH, JOIN, S, Q, 620, 700);
	invoked(&r, JOIN, Q, 700, 900);
	uint32_t claim = sent(&r, SFE_TRANSFER_CLAIM, JOIN, CLIENT, Q, 930, 940);
	r.t[claim].asked_ns = 700;
	uint32_t last = sent(&r, SFE_TRANSFER_RETURN, JOIN, Q, CLIENT, 980, 1000);
	find(&r);
	CU_ASSERT_EQUAL(r.result.processing_ns, 200 + 250 + 50);
	CU_ASSERT(r.on_path[early] && r.on_path[late] && r.on_path[call] && r.on_path[rest] &&
		  r.on_path[claim] && r.on_path[last]);
	CU_ASSERT_EQUAL(r.overlap_ns[early], 80);  /* all of it */
	CU_ASSERT_EQUAL(r.overlap_ns[late], 240);  /* until the call came */
	CU_ASSERT_EQUAL(r.overlap_ns[claim], 200); /* while the step computed */
	CU_ASSERT_EQUAL(r.overlap_ns[call] + r.overlap_ns[rest] + r.overlap_ns[last], 0);
	CU_ASSERT_EQUAL(r.start_ns[rest], 560);
	CU_ASSERT_EQUAL(r.start_ns[last], 940);
	sfe_graph_free(r.graph);
}

/* A push began when its sender had what it sends: at the start of the job, or when the step before
 * had ended and given away what others keep. */
static void test_pushed(void)
{
	static const uint32_t both[] = {0, 1};
	static const uint8_t reads[] = {SFE_READ, SFE_READ}, writes[] = {SFE_WRITE};
	struct sfe_step own[N] = {0};
	struct replayed r;

	begin(&r);
	r.job.steps = own;
	r.job.n_states = 2;
	r.job.declared = true;
	own[START] = (struct sfe_step){
		.n_deps = 1, .deps = (uint32_t *)both, .access = (uint8_t *)writes};
	own[JOIN] = (struct sfe_step){
		.n_deps = 2, .deps = (uint32_t *)both, .access = (uint8_t *)reads};
	sent(&r, SFE_TRANSFER_CALL, START, CLIENT, S, 20, 100);
	invoked(&r, START, S, 100, 150);
	sent(&r, SFE_TRANSFER_REPLICA, START, S, Q, 155, 160);
	invoked(&r, LEFT, S, 150, 400);
	uint32_t early = sent(&r, SFE_TRANSFER_PUSH, JOIN, CLIENT, Q, 30, 160);
	uint32_t late = sent(&r, SFE_TRANSFER_PUSH, JOIN, S, Q, 170, 560);
	uint32_t call = sent(&r, SFE_TRANSFER_CALL, JOIN, S, Q, 410, 500);
	invoked(&r, JOIN, Q, 560, 900);
	sent(&r, SFE_TRANSFER_RETURN, JOIN, Q, CLIENT, 980, 1000);
	find(&r);
	CU_ASSERT_EQUAL(r.t[early].asked_ns, 10);
	CU_ASSERT_EQUAL(r.t[late].asked_ns, 160);
	CU_ASSERT(r.on_path[early] && r.on_path[late] && r.on_path[call]);
	CU_ASSERT_EQUAL(r.overlap_ns[early], 150);
	CU_ASSERT_EQUAL(r.overlap_ns[late], 340); /* until the call came */
	CU_ASSERT_EQUAL(r.result.processing_ns, 340 + 250 + 50);
	sfe_graph_free(r.graph);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"steps that call each other", test_calls},
		{"two callers of one node", test_callers_of_one_node},
		{"a client that calls", test_client_calls},
		{"missing records", test_missing},
		{"states ahead of their call", test_ahead},
		{"states that were sent ahead unasked", test_pushed},
	};

	return unit_main("critical path", tests, sizeof(tests) / sizeof(tests[0]));
}

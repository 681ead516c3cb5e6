/* SPDX-License-Identifier: MIT */
/*
 * Workers that crash and restart while they run a job that is a graph: joins get what they wait
 * for, and whoever resumes a job asks on all of its paths.
 */
#define N_STEPS 5
#include "tests/unit/nodes/workers/chain_lab.h"

#include "emu/model/workload/job_graph.h"

enum { START, LEFT, RIGHT, AGAIN, JOIN };

static struct sfe_graph *graph;

/* START on node 1; LEFT on 2 and AGAIN on 1 after it; RIGHT on 3 beside them; JOIN on 4. State 0 is
 * changed by START and AGAIN, state 1 by RIGHT and JOIN. */
static void make_graph(struct chain *c, const struct sfe_strategy_info *strategy, int long_step)
{
	static const uint32_t nodes[N_STEPS] = {1, 2, 3, 1, 4};
	static const uint32_t state[N_STEPS] = {0, 0, 1, 0, 1};

	make_chain(c, strategy, long_step);
	for (uint32_t s = 0; s < N_STEPS; s++) {
		c->node[s] = nodes[s];
		c->deps[s][0] = state[s];
		c->steps[s].n_deps = s != LEFT;
		c->steps[s].arg_bytes = s ? 1001 : 1000;
		c->steps[s].out_bytes = 1001;
	}
	c->steps[JOIN].arg_bytes = 2002;
	c->job.graph = graph;
	c->job.declared = true;
	c->deployment.store = 2; /* does not crash here */
	c->deployment.retry.retries = 9;
}

static void test_graph_reference(void)
{
	for (size_t i = 0; i < N_STRATEGIES; i++) {
		struct chain c;
		make_graph(&c, strategies[i], -1);
		struct outcome o = run_chain(&c, LAB_SHARED);
		if (!i) {
			memcpy(right_digest, o.digest, sizeof(right_digest));
			right_return = o.job.return_digest;
		}
		expect_done(&o);
		for (uint32_t s = 0; s < N_STEPS; s++)
			CU_ASSERT_EQUAL(o.ran[s], 1);
	}
}

/* The node of the join crashes when one of two calls has come. */
static void test_crash_of_waiting_join(void)
{
	for (size_t i = 0; i < N_STRATEGIES; i++) {
		struct chain c;
		struct lab lab = {.kind = LAB_SHARED};
		struct outcome o = {0};

		make_graph(&c, strategies[i], RIGHT);
		lab_start(&lab, &c.deployment);
		lab_go(&lab, 0, 0);
		lab_wait_until_computing(3);
		usleep(100000); /* the other path has ended */
		tell(&lab, 4, SFE_CTL_CRASH);
		usleep(50000);
		tell(&lab, 4, SFE_CTL_RESTART);
		finish(&lab, &o);
		expect_done(&o);
		CU_ASSERT(o.ran[JOIN] >= 1);
		CU_ASSERT_EQUAL(o.job.attempts, strategies[i] == &sfe_state_propagate ? 2u : 1u);
	}
}

/* It crashes as it computes: all of its callers call again. */
static void test_crash_of_join(void)
{
	for (size_t i = 0; i < N_STRATEGIES; i++) {
		struct chain c;
		make_graph(&c, strategies[i], JOIN);
		struct outcome o = crash(&c, LAB_RING, 4, 4, 50);
		expect_done(&o);
	}
}

static void wait_for_invocations(uint32_t node, const char *count)
{
	char page[4096];

	for (int i = 0; i < 5000; i++) {
		if (strstr(lab_page(node, page, sizeof(page)), count))
			return;
		usleep(1000);
	}
	CU_FAIL("the invocations did not end");
}

/*
 * A node has called one of two successors, and tries to call the other one, which is down. Then it
 * crashes. The job goes on along the path of the first; of the other, only who asks its node knows.
 * `late`: the first path has come back to the node by then, with a later version of the state.
 */
static void crash_between_calls(const struct sfe_strategy_info *strategy, bool late)
{
	struct chain c;
	struct lab lab = {.kind = LAB_SHARED};
	struct outcome o = {0};

	make_graph(&c, strategy, LEFT);
	c.deployment.job_timeout_ns = 20000 * MS;
	c.deployment.n_replicas = 1; /* the crash takes state 0 along */
	c.deployment.replica_of = c.replica_of;
	lab_start(&lab, &c.deployment);
	tell(&lab, 3, SFE_CTL_CRASH);
	lab_go(&lab, 0, 0);
	lab_wait_until_computing(2);
	tell(&lab, 1, SFE_CTL_CRASH);
	tell(&lab, 1, SFE_CTL_RESTART);
	if (late)
		wait_for_invocations(1, "invocations: 0 computing, 2 done");
	tell(&lab, 3, SFE_CTL_RESTART);
	finish(&lab, &o);
	expect_done(&o);
	CU_ASSERT_EQUAL(o.ran[START], 2);
	CU_ASSERT_EQUAL(o.ran[LEFT], strategy == &sfe_state_propagate ? 2 : 1);
	CU_ASSERT_EQUAL(o.ran[RIGHT], 1);
}

static void test_crash_between_calls(void)
{
	crash_between_calls(&sfe_state_local, false);
	crash_between_calls(&sfe_state_local, true);
	crash_between_calls(&sfe_state_propagate, false);
}

/* What a process has in memory that is its own, in bytes. */
static uint64_t memory_of(pid_t pid)
{
	char path[64];
	unsigned long pages = 0;

	snprintf(path, sizeof(path), "/proc/%d/statm", (int)pid);
	FILE *f = fopen(path, "r");
	CU_ASSERT_FATAL(f && fscanf(f, "%*u %lu", &pages) == 1);
	fclose(f);
	return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

#define FAILING 10u
#define PART ((uint64_t)4 << 20)

/* Jobs of which one path brings a large output to the join, and the other one ends in a node that
 * is down. Once a job is over, the join's node frees what came. */
static void test_joins_of_failed_jobs(void)
{
	struct chain c;
	struct lab lab = {.kind = LAB_PROCESSES};
	struct sfe_deployed_job jobs[FAILING];
	struct sfe_job numbered[FAILING];
	union lab_message m;
	uint64_t before = 0;

	make_graph(&c, &sfe_state_local, -1);
	c.steps[AGAIN].out_bytes = PART;
	c.steps[JOIN].arg_bytes = PART + 1001;
	c.deployment.retry = (struct sfe_retry_policy){0};
	c.deployment.job_timeout_ns = 150 * MS;
	for (uint32_t j = 0; j < FAILING; j++) {
		numbered[j] = c.job;
		numbered[j].number = j + 1;
		jobs[j] = (struct sfe_deployed_job){&numbered[j], 0, c.node};
	}
	c.deployment.n_jobs = FAILING;
	c.deployment.jobs = jobs;
	lab_start(&lab, &c.deployment);
	tell(&lab, 3, SFE_CTL_CRASH);
	for (uint32_t j = 0; j < FAILING; j++) {
		bool failed = false;
		lab_go(&lab, j, 0);
		while (!failed && !lab_receive(&lab, -1, &m, LAB_PATIENCE_MS))
			failed = m.header.type == SFE_CTL_JOB && m.job.status < 0;
		CU_ASSERT_FATAL(failed);
		usleep(300000); /* longer than job_timeout: the part has come, and the job is over
				 */
		if (!j)
			before = memory_of(lab.pid[4]);
	}
	uint64_t more = memory_of(lab.pid[4]) - before;
	CU_ASSERT(more < 2 * PART);
	if (more >= 2 * PART)
		fprintf(stderr, "%u jobs left %llu bytes\n", FAILING, (unsigned long long)more);
	for (uint32_t i = 0; i < N_NODES; i++)
		lab_stop(&lab, i, NULL, NULL);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"no faults", test_graph_reference},
		{"the node of a join crashes before it runs", test_crash_of_waiting_join},
		{"the node of a join crashes as it runs", test_crash_of_join},
		{"a node crashes between two calls", test_crash_between_calls},
		{"joins of failed jobs do not stay", test_joins_of_failed_jobs},
	};
	static const struct sfe_edge edges[] = {
		{START, LEFT}, {START, RIGHT}, {LEFT, AGAIN}, {RIGHT, JOIN}, {AGAIN, JOIN}};

	if (!lab_enter()) {
		puts("SKIPPED: network namespaces are not allowed here");
		return 77;
	}
	if (sfe_graph_new(N_STEPS, edges, sizeof(edges) / sizeof(*edges), &graph))
		abort();
	int status = unit_main("worker graph crashes", tests, sizeof(tests) / sizeof(*tests));
	sfe_graph_free(graph);
	return status;
}

/* SPDX-License-Identifier: MIT */
/*
 * A job for tests of faults: a chain of three steps on workers of a network namespace of their own,
 * what it leaves, and what it must leave.
 */
#ifndef SFE_TESTS_CHAIN_LAB_H
#define SFE_TESTS_CHAIN_LAB_H

#include "tests/unit/worker_lab.h"

#define N_NODES 5
#ifndef N_STEPS
#define N_STEPS 3
#endif
#ifndef N_STATES
#define N_STATES 2
#endif
#define MS 1000000ull
#define LONG_OPS (300 * MS) /* at 10^9 operations/s: enough time for a crash */

static char *function_names[] = {"f0"};

/*
 * A client (node 0) and three steps on nodes 1, 2, 3. State 0 is used by steps 0 and 2, state 1 by
 * steps 0 and 1: so node 1 holds state 0 while step 1 runs, and node 2 state 1 while step 2 does.
 */
struct chain {
	uint32_t deps[N_STEPS][N_STATES], node[N_STEPS];
	uint64_t state_bytes[N_STATES];
	struct sfe_step steps[N_STEPS];
	struct sfe_job job;
	struct sfe_deployed_job deployed;
	struct sfe_endpoint nodes[N_NODES];
	uint32_t replica_of[2 * N_NODES];
	struct sfe_deployment deployment;
};

static inline void make_chain(
	struct chain *c, const struct sfe_strategy_info *strategy, int long_step)
{
	static const char *const names[] = {"client", "one", "two", "three", "four"};

	*c = (struct chain){.deps = {{0, 1}, {1}, {0}},
		.node = {1, 2, 3},
		.state_bytes = {200000, 3000},
		.replica_of = {4, 3}};
	for (uint32_t s = 0; s < N_STEPS; s++)
		c->steps[s] = (struct sfe_step){.ops = (int)s == long_step ? LONG_OPS : MS,
			.arg_bytes = 1000 + s,
			.out_bytes = 1001 + s,
			.n_deps = s ? 1 : 2,
			.deps = c->deps[s]};
	c->job = (struct sfe_job){.number = 1,
		.n_steps = N_STEPS,
		.steps = c->steps,
		.n_states = N_STATES,
		.state_bytes = c->state_bytes,
		.states_total_bytes = 203000};
	c->deployed = (struct sfe_deployed_job){&c->job, 0, c->node};
	for (uint32_t i = 0; i < N_NODES; i++)
		c->nodes[i] = lab_node(i, names[i]);
	c->deployment = (struct sfe_deployment){.strategy = strategy,
		.n_nodes = N_NODES,
		.nodes = c->nodes,
		.n_jobs = 1,
		.jobs = &c->deployed,
		.n_functions = 1,
		.function_names = function_names,
		.seed = 1,
		.store = 4,
		.retry = {.deadline_ns = 5000 * MS, .retries = 6, .backoff_ns = 20 * MS}};
}

/* ---- what a run leaves */

struct outcome {
	struct sfe_ctl_job job;
	bool ended;
	uint64_t digest[N_STATES]; /* of the last version, wherever it is */
	unsigned held[N_STATES], copies[N_STATES];
	unsigned ran[N_STEPS], attempts_failed, replicas_moved;
};

static const uint64_t last_version[N_STATES] = {2, 2};

static inline void take(void *context, const union lab_message *m)
{
	struct outcome *o = context;

	switch (m->header.type) {
	case SFE_CTL_JOB:
		CU_ASSERT(!o->ended);
		o->job = m->job;
		o->ended = true;
		break;
	case SFE_CTL_STATE:
		CU_ASSERT(m->state.version <= last_version[m->state.state]);
		if (m->state.version == last_version[m->state.state])
			o->digest[m->state.state] = m->state.digest;
		o->held[m->state.state] += m->state.condition == SFE_STATE_HELD;
		o->copies[m->state.state] += m->state.condition == SFE_STATE_REPLICA;
		break;
	case SFE_CTL_INVOCATION:
		o->ran[m->invocation.step]++;
		break;
	case SFE_CTL_ATTEMPT:
		CU_ASSERT(m->attempt.code < 0 && m->attempt.end_ns >= m->attempt.begin_ns);
		o->attempts_failed++;
		break;
	case SFE_CTL_TRANSFER:
		o->replicas_moved += m->transfer.kind == SFE_TRANSFER_REPLICA;
		break;
	}
}

static inline void tell(struct lab *lab, uint32_t node, enum sfe_ctl_type what)
{
	struct sfe_ctl_header message = {what, node};

	CU_ASSERT(send(lab->control[node], &message, sizeof(message), MSG_NOSIGNAL) ==
		  sizeof(message));
}

/* Waits for the end of the job, then stops all workers. */
static inline void finish(struct lab *lab, struct outcome *o)
{
	union lab_message m;

	while (!o->ended) {
		int r = lab_receive(lab, -1, &m, LAB_PATIENCE_MS);
		CU_ASSERT_EQUAL_FATAL(r, 0);
		take(o, &m);
	}
	for (uint32_t i = 0; i < lab->deployment->n_nodes; i++)
		lab_stop(lab, i, take, o);
}

/* Runs the job until its long step computes on the node `where`. Then `victim` crashes; it restarts
 * after down_ms, unless that is negative. */
static inline struct outcome crash(
	struct chain *c, enum lab_kind kind, uint32_t where, uint32_t victim, int down_ms)
{
	struct lab lab = {.kind = kind};
	struct outcome o = {0};

	lab_start(&lab, &c->deployment);
	lab_go(&lab, 0, 0);
	lab_wait_until_computing(where);
	tell(&lab, victim, SFE_CTL_CRASH);
	if (down_ms >= 0) {
		usleep((unsigned)down_ms * 1000);
		tell(&lab, victim, SFE_CTL_RESTART);
	}
	finish(&lab, &o);
	return o;
}

/* The result without faults, which no fault may change: see test_reference. */
static uint64_t right_digest[N_STATES], right_return;

static inline void expect_done(const struct outcome *o)
{
	CU_ASSERT_EQUAL(o->job.status, 0);
	CU_ASSERT_STRING_EQUAL(o->job.reason, "");
	CU_ASSERT_EQUAL(o->job.return_digest, right_return);
	for (uint32_t s = 0; s < N_STATES; s++) {
		CU_ASSERT_EQUAL(o->digest[s], right_digest[s]);
		CU_ASSERT_EQUAL(o->held[s], 1);
	}
}

static inline void expect_failed(const struct outcome *o, const char *reason)
{
	CU_ASSERT(o->job.status < 0);
	CU_ASSERT_PTR_NOT_NULL(strstr(o->job.reason, reason));
	if (!strstr(o->job.reason, reason))
		fprintf(stderr, "failed with '%s', not '%s'\n", o->job.reason, reason);
	for (uint32_t s = 0; s < N_STATES; s++)
		CU_ASSERT(o->held[s] <= 1);
}

static const struct sfe_strategy_info *const strategies[] = {&sfe_pure_faas, &sfe_state_propagate,
	&sfe_state_local, &sfe_unchained_external, &sfe_unchained_in_edge,
	&sfe_unchained_in_function, &sfe_unchained_in_client};
#define N_STRATEGIES (sizeof(strategies) / sizeof(strategies[0]))

/* Runs the job without faults. */
static inline struct outcome run_chain(struct chain *c, enum lab_kind kind)
{
	struct lab lab = {.kind = kind};
	struct outcome o = {0};

	lab_start(&lab, &c->deployment);
	lab_go(&lab, 0, 0);
	finish(&lab, &o);
	return o;
}

/* Keeps the result without faults for expect_done. */
static inline void test_reference(void)
{
	struct chain c;

	make_chain(&c, strategies[0], -1);
	struct outcome o = run_chain(&c, LAB_PROCESSES);
	memcpy(right_digest, o.digest, sizeof(right_digest));
	right_return = o.job.return_digest;
	expect_done(&o);
}

/* A main that first makes the reference. */
static inline int chain_main(const char *suite, const struct unit_test *tests, size_t n)
{
	struct unit_test all[32] = {{"the result without faults", test_reference}};

	if (!lab_enter()) {
		puts("SKIPPED: network namespaces are not allowed here");
		return 77;
	}
	if (n + 1 > sizeof(all) / sizeof(*all))
		abort();
	memcpy(all + 1, tests, n * sizeof(*tests));
	return unit_main(suite, all, n + 1);
}

#endif

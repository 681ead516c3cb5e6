/* SPDX-License-Identifier: MIT */
/*
 * Workers that crash and may restart: jobs go on where the strategy and the retry policy let them,
 * and otherwise fail with the reason.
 */
#include "tests/unit/nodes/workers/chain_lab.h"

static void test_without_faults(void)
{
	for (size_t i = 0; i < N_STRATEGIES; i++) {
		struct chain c;
		make_chain(&c, strategies[i], -1);
		struct outcome o = run_chain(&c, LAB_PROCESSES);
		expect_done(&o);
		CU_ASSERT_EQUAL(o.job.attempts, 1);
		CU_ASSERT_EQUAL(o.attempts_failed, 0);
		for (uint32_t s = 0; s < N_STEPS; s++)
			CU_ASSERT_EQUAL(o.ran[s], 1);
	}
}

/* The node that computes crashes: what it had of the job came with the call, or is fetched again.
 */
static void test_crash_of_first(void)
{
	for (int kind = LAB_PROCESSES; kind <= LAB_RING; kind++) {
		for (size_t i = 0; i < N_STRATEGIES; i++) {
			struct chain c;
			make_chain(&c, strategies[i], 0);
			struct outcome o = crash(&c, (enum lab_kind)kind, 1, 1, 50);
			expect_done(&o);
			CU_ASSERT(o.attempts_failed >= 1 || o.job.attempts == 2 ||
				  strategies[i] == &sfe_state_local);
			CU_ASSERT_EQUAL(
				o.job.attempts, strategies[i] == &sfe_state_propagate ? 2u : 1u);
		}
	}
}

/* The node does not restart. */
static void test_down_for_good(void)
{
	for (size_t i = 0; i < N_STRATEGIES; i++) {
		struct chain c;
		make_chain(&c, strategies[i], 1);
		c.deployment.retry.retries = 2;
		struct outcome o = crash(&c, LAB_SHARED, 2, 2, -1);
		expect_failed(&o, "calling two: Connection refused");
	}
}

/* The keeper of a state that a later step needs crashes: this only harms strategies that leave
 * states on nodes. */
static void test_crash_of_keeper(void)
{
	for (size_t i = 0; i < N_STRATEGIES; i++) {
		struct chain c;
		bool harmed = strategies[i] == &sfe_state_local ||
			      strategies[i] == &sfe_unchained_in_function;
		make_chain(&c, strategies[i], 1);
		struct outcome o = crash(&c, LAB_SHARED, 2, 1, 30);
		if (harmed)
			expect_failed(&o, "state 0 was lost when one crashed");
		else
			expect_done(&o);
	}
	struct chain c;
	make_chain(&c, &sfe_state_local, 1);
	struct outcome o = crash(&c, LAB_SHARED, 2, 1, -1);
	expect_failed(&o, "state 0 was lost: one is down");
}

/* A node crashes after its caller did: the caller's caller notices the loss. */
static void test_crash_of_both(void)
{
	struct chain c;
	struct lab lab = {.kind = LAB_SHARED};
	struct outcome o = {0};

	make_chain(&c, &sfe_state_local, 2);
	c.steps[2].ops = 1000000 * MS;
	c.deployment.job_timeout_ns = 8000 * MS;
	lab_start(&lab, &c.deployment);
	lab_go(&lab, 0, 0);
	lab_wait_until_computing(3);
	tell(&lab, 2, SFE_CTL_CRASH);
	usleep(50000);
	tell(&lab, 3, SFE_CTL_CRASH);
	finish(&lab, &o);
	expect_failed(&o, "node three has gone away");
}

static void test_copies(void)
{
	for (int back = 0; back < 2; back++) {
		struct chain c;
		make_chain(&c, &sfe_state_local, 1);
		c.deployment.n_replicas = 1;
		c.deployment.replica_of = c.replica_of;
		struct outcome o = crash(&c, LAB_SHARED, 2, 1, back ? 50 : -1);
		expect_done(&o);
		CU_ASSERT_EQUAL(o.replicas_moved, 4); /* one for each change of a state */
		CU_ASSERT(o.copies[0] >= 1 && o.copies[1] >= 1);
		/* A copy on the node that asks for it. */
		make_chain(&c, &sfe_state_local, 1);
		c.deployment.n_replicas = 1;
		c.replica_of[0] = 3;
		c.replica_of[1] = 4;
		c.deployment.replica_of = c.replica_of;
		o = crash(&c, LAB_SHARED, 2, 1, back ? 50 : -1);
		expect_done(&o);
		/* No copy of it is left: its only node has crashed too. */
		make_chain(&c, &sfe_state_local, 1);
		c.deployment.n_replicas = 1;
		c.replica_of[0] = 1;
		c.replica_of[1] = 2;
		c.deployment.replica_of = c.replica_of;
		o = crash(&c, LAB_SHARED, 2, 2, 50);
		expect_done(&o); /* state 1 comes from the retained copy of node 1 */
	}
}

/* The store crashes: its states are lost, and the job fails with that reason. */
static uint32_t last_node(const struct sfe_placed_job *j, uint32_t state, uint32_t step)
{
	(void)j, (void)state, (void)step;
	return N_NODES - 1;
}

/* Under a rule that keeps all states on one node, that node crashes between their changes: their
 * copies are elsewhere, and what the next steps leave is kept there again. */
static void test_crash_of_keeper_with_copies(void)
{
	static const struct sfe_strategy_info rule = {.abi = SFE_STRATEGY_ABI,
		.name = "AtLastNode",
		.created_on_use = true,
		.keeper = last_node,
		.names_keepers = true,
		.copies = true};
	struct chain c;

	make_chain(&c, &rule, 1);
	c.deployment.n_replicas = 1;
	c.deployment.replica_of = c.replica_of;
	struct outcome o = crash(&c, LAB_SHARED, 2, N_NODES - 1, 50);
	expect_done(&o);
	CU_ASSERT_EQUAL(o.replicas_moved, 3); /* the last step runs where the copies are */
	CU_ASSERT(o.copies[0] == 1 && o.copies[1] == 1);
}

static void test_crash_of_store(void)
{
	struct chain c;

	make_chain(&c, &sfe_unchained_in_edge, 1);
	struct outcome o = crash(&c, LAB_PROCESSES, 2, 4, 50);
	expect_failed(&o, "it does not take it");
}

static void test_crash_of_client(void)
{
	struct chain c;
	struct lab lab = {.kind = LAB_SHARED};
	struct outcome o = {0};

	make_chain(&c, &sfe_state_propagate, 1);
	o = crash(&c, LAB_SHARED, 2, 0, 50);
	expect_failed(&o, "its client has crashed");
	/* A job that is due while its client is down. */
	lab_start(&lab, &c.deployment);
	tell(&lab, 0, SFE_CTL_CRASH);
	lab_go(&lab, 0, 0);
	o = (struct outcome){0};
	finish(&lab, &o);
	expect_failed(&o, "its client is down");
}

/* A node crashes long after the job: no failure is reported. */
static void test_crash_long_after(void)
{
	const char *page =
		"curl -s --max-time 10 http://127.0.0.1:8080/ | grep -o '[0-9]* accepted'";

	for (int i = 0; i < 2; i++) {
		struct chain c;
		struct lab lab = {.kind = LAB_SHARED};
		struct outcome o = {0};
		union lab_message m;
		char before[64], after[64];

		make_chain(&c, i ? &sfe_state_local : &sfe_state_propagate, -1);
		c.deployment.job_timeout_ns = 1000 * MS;
		lab_start(&lab, &c.deployment);
		lab_go(&lab, 0, 0);
		while (!o.ended) {
			CU_ASSERT_EQUAL_FATAL(lab_receive(&lab, -1, &m, LAB_PATIENCE_MS), 0);
			take(&o, &m);
		}
		usleep(1100000);
		lab_output(page, before, sizeof(before));
		tell(&lab, 3, SFE_CTL_CRASH); /* which node 2 has called */
		usleep(50000);
		int n = atoi(before);
		CU_ASSERT(n > 0);
		/* The page itself is one connection. */
		CU_ASSERT_EQUAL(atoi(lab_output(page, after, sizeof(after))), n + 1);
		finish(&lab, &o);
		CU_ASSERT_EQUAL(o.attempts_failed, 0);
		CU_ASSERT_EQUAL(o.job.status, 0);
	}
}

/*
 * A call is repeated on a node that has crashed since it ran the step, and that holds a later
 * version of its state by now: the repeated run changes nothing.
 */
static void test_overtaken(void)
{
	struct chain c;
	struct lab lab = {.kind = LAB_RING};
	struct outcome o = {0};
	union lab_message m;
	char out[4096];

	make_chain(&c, &sfe_state_local, 1);
	c.node[2] = 1; /* as step 0 */
	c.deployment.n_replicas = 1;
	c.deployment.replica_of = c.replica_of;
	lab_start(&lab, &c.deployment);
	lab_go(&lab, 0, 0);
	lab_wait_until_computing(2);
	tell(&lab, 1, SFE_CTL_CRASH);
	tell(&lab, 1, SFE_CTL_RESTART);
	while (!o.ended) {
		CU_ASSERT_EQUAL_FATAL(lab_receive(&lab, -1, &m, LAB_PATIENCE_MS), 0);
		take(&o, &m);
	}
	lab_output(
		"head -c 1000 /dev/zero | curl -s --max-time 10 -w '%{http_code}' --data-binary @- "
		"-H 'sfemu-job: 0' -H 'sfemu-step: 0' -H 'sfemu-from: 0' -H 'sfemu-parts: "
		"arg=1000' "
		"-H 'sfemu-strategy: StateLocal' -H 'sfemu-holders: s0=0, s1=0' "
		"http://127.0.0.2:8080/invoke",
		out, sizeof(out));
	CU_ASSERT_STRING_EQUAL(out, "202");
	for (int i = 0; i < 1000; i++) {
		if (strstr(lab_output("curl -s --max-time 10 http://127.0.0.2:8080/", out,
				   sizeof(out)),
			    "invocations: 0 computing, 3 done"))
			break;
		usleep(2000);
	}
	CU_ASSERT_PTR_NOT_NULL(strstr(out, "invocations: 0 computing, 3 done"));
	finish(&lab, &o);
	expect_done(&o);
	CU_ASSERT_EQUAL(o.ran[0], 2);
	CU_ASSERT_EQUAL(o.ran[1], 1);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"no faults", test_without_faults},
		{"the first node crashes", test_crash_of_first},
		{"a node stays down", test_down_for_good},
		{"the keeper of a state crashes", test_crash_of_keeper},
		{"a node and its caller crash", test_crash_of_both},
		{"copies of states", test_copies},
		{"the keeper of copied states crashes", test_crash_of_keeper_with_copies},
		{"the store crashes", test_crash_of_store},
		{"the client crashes", test_crash_of_client},
		{"a crash long after the job", test_crash_long_after},
		{"a step that was overtaken", test_overtaken},
	};

	return chain_main("worker crashes", tests, sizeof(tests) / sizeof(*tests));
}

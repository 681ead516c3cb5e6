/* SPDX-License-Identifier: MIT */
/*
 * Answers that are late or never come: requests are retried, and no step runs twice.
 */
#include "tests/unit/nodes/workers/chain_lab.h"

/* Requests to a node that does not answer are retried; when it answers at last, it has run the step
 * once. */
static void test_silence(void)
{
	for (size_t i = 0; i < N_STRATEGIES; i++) {
		struct chain c;
		struct lab lab = {0};
		struct outcome o = {0};

		make_chain(&c, strategies[i], -1);
		c.deployment.retry = (struct sfe_retry_policy){60 * MS, 8, 10 * MS};
		lab_start(&lab, &c.deployment);
		kill(lab.pid[2], SIGSTOP);
		lab_go(&lab, 0, 0);
		usleep(200000);
		kill(lab.pid[2], SIGCONT);
		finish(&lab, &o);
		expect_done(&o);
		CU_ASSERT(o.attempts_failed >= 1);
		/* Each attempt of the job runs it once. */
		CU_ASSERT(o.ran[1] >= 1 && o.ran[1] <= o.job.attempts);
	}
}

/* The answer takes longer than the deadline: the call is repeated, and the step runs on. */
static void test_slow_answer(void)
{
	for (size_t i = 0; i < N_STRATEGIES; i++) {
		struct chain c;
		struct lab lab = {0};
		struct outcome o = {0};

		make_chain(&c, strategies[i], 1);
		c.deployment.retry = (struct sfe_retry_policy){60 * MS, 8, 10 * MS};
		lab_start(&lab, &c.deployment);
		lab_go(&lab, 0, 0);
		finish(&lab, &o);
		expect_done(&o);
		if (strategies[i] != &sfe_state_propagate)
			CU_ASSERT_EQUAL(o.ran[1], 1);
	}
}

/* The chain of an attempt that was given up returns after all: that ends the job. */
static void test_late_return(void)
{
	struct chain c;
	struct lab lab = {0};
	struct outcome o = {0};

	make_chain(&c, &sfe_state_propagate, 1);
	c.steps[1].ops = 150 * MS;
	c.deployment.retry = (struct sfe_retry_policy){30 * MS, 1, 400 * MS};
	lab_start(&lab, &c.deployment);
	lab_go(&lab, 0, 0); /* deadline after 90 ms, return after 150, retry after 490 */
	finish(&lab, &o);
	expect_done(&o);
	CU_ASSERT_EQUAL(o.job.attempts, 1);
	CU_ASSERT_EQUAL(o.job.attempt, 1);
	CU_ASSERT(o.job.end_ns - o.job.start_ns < 450 * MS);
}

static void test_job_timeout(void)
{
	struct chain c;
	struct lab lab = {0};
	struct outcome o = {0};

	make_chain(&c, &sfe_state_local, 1);
	c.deployment.job_timeout_ns = 100 * MS;
	lab_start(&lab, &c.deployment);
	lab_go(&lab, 0, 0);
	finish(&lab, &o);
	CU_ASSERT_EQUAL(o.job.status, -ETIME);
	CU_ASSERT_PTR_NOT_NULL(strstr(o.job.reason, "not done 0.1 s after its start"));
	CU_ASSERT(o.job.end_ns - o.job.start_ns >= 99 * MS);
}

/* The node that is to keep the copies does not answer: each copy costs one deadline. */
static void test_copies_to_nobody(void)
{
	struct chain c;
	struct lab lab = {0};
	struct outcome o = {0};

	make_chain(&c, &sfe_state_local, -1);
	c.deployment.retry = (struct sfe_retry_policy){60 * MS, 8, 10 * MS};
	c.deployment.n_replicas = 1;
	c.deployment.replica_of = c.replica_of;
	lab_start(&lab, &c.deployment);
	kill(lab.pid[4], SIGSTOP);
	lab_go(&lab, 0, 0);
	while (!o.ended) {
		union lab_message m;
		CU_ASSERT_EQUAL_FATAL(lab_receive(&lab, -1, &m, LAB_PATIENCE_MS), 0);
		take(&o, &m);
	}
	kill(lab.pid[4], SIGCONT);
	finish(&lab, &o);
	expect_done(&o);
	CU_ASSERT_EQUAL(o.attempts_failed, 4);
}

#define CALL                                                                                       \
	"head -c 1000 /dev/zero | curl -s --max-time 10 -o - -w ' %%{http_code}' --data-binary "   \
	"@- "                                                                                      \
	"-H 'sfemu-job: 0' -H 'sfemu-step: 0' -H 'sfemu-from: 0' -H 'sfemu-parts: arg=1000' "      \
	"-H 'sfemu-strategy: %s' http://127.0.0.2:8080/invoke | md5sum"
#define VERSION                                                                                    \
	"curl -s --max-time 10 -D - -o /dev/null -H 'sfemu-step: %d' "                             \
	"http://127.0.0.%d:8080/state/0/0 | grep -i '^sfemu-version' | tr -d '\\r\\n'"

/* A call that is repeated is answered as the first time, and runs once. */
static void test_called_twice(void)
{
	static const struct {
		const struct sfe_strategy_info *strategy;
		int store;
	} cases[] = {{&sfe_unchained_in_function, 1}, {&sfe_unchained_in_edge, 4}};

	for (size_t i = 0; i < 2; i++) {
		struct chain c;
		struct lab lab = {.kind = LAB_SHARED};
		struct outcome o = {.ended = true};
		char command[512], first[256], second[256];

		make_chain(&c, cases[i].strategy, -1);
		lab_start(&lab, &c.deployment);
		snprintf(command, sizeof(command), CALL, cases[i].strategy->name);
		lab_output(command, first, sizeof(first));
		lab_output(command, second, sizeof(second));
		CU_ASSERT_STRING_EQUAL(first, second);
		/* A later step gets the changed state, the same step what it was given before. */
		snprintf(command, sizeof(command), VERSION, 2, cases[i].store + 1);
		CU_ASSERT_STRING_EQUAL(
			lab_output(command, first, sizeof(first)), "sfemu-version: 1");
		snprintf(command, sizeof(command), VERSION, cases[i].store == 4 ? 0 : 2,
			cases[i].store + 1);
		CU_ASSERT_STRING_EQUAL(lab_output(command, first, sizeof(first)),
			cases[i].store == 4 ? "sfemu-version: 0" : "sfemu-version: 1");
		finish(&lab, &o);
		CU_ASSERT_EQUAL(o.ran[0], 1);
	}
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"a silent node", test_silence},
		{"an answer after the deadline", test_slow_answer},
		{"a return after its deadline", test_late_return},
		{"a job times out", test_job_timeout},
		{"copies for a silent node", test_copies_to_nobody},
		{"a repeated call", test_called_twice},
	};

	return chain_main("worker retries", tests, sizeof(tests) / sizeof(*tests));
}

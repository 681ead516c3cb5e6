/* SPDX-License-Identifier: MIT */
/* The reports of a replay's workers, from records to verdicts. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emu/measure/collector.h"
#include "emu/model/workload/job_graph.h"
#include "emu/results/failure_reasons.h"
#include "tests/unit/unit.h"

/* One job of two steps and two states: state 0 is changed by both steps, state 1 by the last. */
static uint32_t first_deps[] = {0}, last_deps[] = {0, 1};
static struct sfe_step steps[] = {
	{.n_deps = 1, .deps = first_deps},
	{.n_deps = 2, .deps = last_deps},
};
static uint64_t state_bytes[4] = {100, 100, 100, 100};
static const struct sfe_job job = {
	.number = 7, .n_steps = 2, .steps = steps, .n_states = 2, .state_bytes = state_bytes};
static const struct sfe_deployed_job jobs[] = {{.job = &job}};
static const struct sfe_endpoint nodes[] = {{.name = "a"}, {.name = "b"}, {.name = "c"}};
static const struct sfe_deployment deployment = {
	.n_nodes = 3, .nodes = nodes, .n_jobs = 1, .jobs = jobs, .job_timeout_ns = 80};

struct replayed {
	struct sfe_replay out;
	struct sfe_job_result job;
	uint64_t digest[4];
	struct sfe_deployment deployment;
	struct sfe_collector account;
	struct sfe_error err;
};

static void follow(
	struct replayed *r, const struct sfe_deployment *d, const struct sfe_strategy_info *info)
{
	r->deployment = *d;
	r->out.strategy = r->deployment.strategy = info;
	r->account.deployment = &r->deployment;
}

static void begin(struct replayed *r)
{
	*r = (struct replayed){0};
	r->job.state_digest = r->digest;
	r->out = (struct sfe_replay){.n_jobs = 1, .jobs = &r->job};
	r->account = (struct sfe_collector){.out = &r->out};
	follow(r, &deployment, &sfe_state_local);
}

static void end(struct replayed *r)
{
	sfe_collector_free(&r->account);
	free(r->out.invocations);
	free(r->out.transfers);
	free(r->out.attempts);
}

static void ended(struct replayed *r, int32_t status, uint32_t attempts)
{
	struct sfe_ctl_job m = {.header = {SFE_CTL_JOB, 0},
		.status = status,
		.attempts = attempts,
		.attempt = attempts,
		.start_ns = 10,
		.end_ns = 90,
		.return_digest = 5};

	CU_ASSERT_EQUAL(
		sfe_collector_add(&r->account, 0, &m, sizeof(m), &r->err), SFE_COLLECTOR_JOB_ENDED);
}

static void state(struct replayed *r, uint32_t node, uint32_t which, uint32_t condition,
	uint64_t version, uint64_t digest)
{
	struct sfe_ctl_state m = {.header = {SFE_CTL_STATE, node},
		.state = which,
		.condition = condition,
		.version = version,
		.digest = digest};

	CU_ASSERT_EQUAL(sfe_collector_add(&r->account, node, &m, sizeof(m), &r->err), 0);
}

static void invoked(struct replayed *r, uint32_t node, uint32_t step, uint32_t attempt, uint64_t at)
{
	struct sfe_ctl_invocation m = {.header = {SFE_CTL_INVOCATION, node},
		.step = step,
		.attempt = attempt,
		.request_ns = at,
		.ready_ns = at + 1,
		.finish_ns = at + 5};

	CU_ASSERT_EQUAL(sfe_collector_add(&r->account, node, &m, sizeof(m), &r->err), 0);
}

static void unanswered(struct replayed *r)
{
	struct sfe_ctl_attempt m = {
		.header = {SFE_CTL_ATTEMPT, 1}, .to = 2, .number = 1, .code = -ETIMEDOUT};

	CU_ASSERT_EQUAL(sfe_collector_add(&r->account, 1, &m, sizeof(m), &r->err), 0);
}

/* Attempts count from 1. */
static void test_attempt_zero(void)
{
	struct sfe_ctl_attempt m = {.header = {SFE_CTL_ATTEMPT, 1}, .to = 2};
	struct replayed r;

	begin(&r);
	CU_ASSERT_EQUAL(sfe_collector_add(&r.account, 1, &m, sizeof(m), &r.err), -EPROTO);
	end(&r);
}

static int verdict(struct replayed *r)
{
	int code = sfe_collector_close(&r->account, NULL, &r->err);

	end(r);
	return code;
}

static void refused(struct replayed *r, const char *why)
{
	CU_ASSERT_EQUAL(verdict(r), -EPROTO);
	if (!strstr(r->err.what, why))
		printf("\ngot:  %s\nwant: %s\n", r->err.what, why);
	CU_ASSERT_PTR_NOT_NULL(strstr(r->err.what, why));
	CU_ASSERT_STRING_EQUAL(r->err.where, r->out.strategy->name);
}

static void test_good(void)
{
	struct replayed r;
	uint64_t digest;

	begin(&r);
	ended(&r, 0, 1);
	invoked(&r, 1, 0, 1, 20);
	invoked(&r, 2, 1, 1, 40);
	state(&r, 2, 0, SFE_STATE_HELD, 2, 100);
	state(&r, 2, 1, SFE_STATE_HELD, 1, 200);
	CU_ASSERT_EQUAL(verdict(&r), 0);
	CU_ASSERT_EQUAL(r.digest[0], 100);
	CU_ASSERT_EQUAL(r.digest[1], 200);
	CU_ASSERT_EQUAL(r.job.processing_ns, 8);
	CU_ASSERT_EQUAL(r.job.states_lost, 0);
	CU_ASSERT_NOT_EQUAL(r.job.digest, 0);
	digest = r.job.digest;
	/* Copies and lost states do not change the result, in any order. */
	begin(&r);
	state(&r, 0, 1, SFE_STATE_REPLICA, 1, 200);
	state(&r, 1, 0, SFE_STATE_LOST, 1, 50);
	state(&r, 2, 1, SFE_STATE_HELD, 1, 200);
	state(&r, 2, 0, SFE_STATE_HELD, 2, 100);
	ended(&r, 0, 1);
	CU_ASSERT_EQUAL(verdict(&r), 0);
	CU_ASSERT_EQUAL(r.job.digest, digest);
	CU_ASSERT_EQUAL(r.job.states_lost, 0);
	/* Lost after the end: the node's state is known; lost for good without a copy. */
	begin(&r);
	ended(&r, 0, 1);
	state(&r, 2, 0, SFE_STATE_LOST, 2, 100);
	state(&r, 2, 1, SFE_STATE_LOST, 1, 200);
	state(&r, 1, 0, SFE_STATE_REPLICA, 2, 100);
	state(&r, 0, 1, SFE_STATE_REPLICA, 0, 199);
	CU_ASSERT_EQUAL(verdict(&r), 0);
	CU_ASSERT_EQUAL(r.job.digest, digest);
	CU_ASSERT_EQUAL(r.job.states_lost, 1);
	/* A failed job may leave anything but two owners. */
	begin(&r);
	ended(&r, -ECONNRESET, 3);
	state(&r, 2, 0, SFE_STATE_LOST, 1, 50);
	CU_ASSERT_EQUAL(verdict(&r), 0);
	CU_ASSERT_EQUAL(r.job.digest, 0);
	CU_ASSERT_EQUAL(r.job.states_lost, 1);
}

static void test_owners(void)
{
	struct replayed r;

	begin(&r);
	ended(&r, 0, 1);
	state(&r, 2, 0, SFE_STATE_HELD, 2, 100);
	refused(&r, "state 1 of job 7 is missing in its last version, 1");
	begin(&r);
	ended(&r, 0, 1);
	state(&r, 2, 0, SFE_STATE_HELD, 1, 100);
	refused(&r, "state 0 of job 7 is missing in its last version, 2");
	for (int32_t status = 0; status >= -ETIMEDOUT; status -= ETIMEDOUT) {
		begin(&r);
		ended(&r, status, 2);
		state(&r, 1, 0, SFE_STATE_HELD, 2, 100);
		state(&r, 2, 0, SFE_STATE_HELD, 2, 100);
		refused(&r, "has two owners in its version 2 (b and c)");
		begin(&r);
		ended(&r, status, 2);
		state(&r, 1, 0, SFE_STATE_HELD, 2, 100);
		state(&r, 2, 0, SFE_STATE_REPLICA, 2, 101);
		refused(&r, "is not the same on two nodes in its version 2 (b and c)");
		begin(&r);
		ended(&r, status, 2);
		state(&r, 1, 0, SFE_STATE_HELD, 3, 100);
		refused(&r, "was changed 3 times; its job changes it 2");
	}
	/* An old version somewhere is explained only by a fault. */
	begin(&r);
	ended(&r, 0, 1);
	state(&r, 1, 0, SFE_STATE_HELD, 1, 50);
	state(&r, 2, 0, SFE_STATE_HELD, 2, 100);
	state(&r, 2, 1, SFE_STATE_HELD, 1, 200);
	refused(&r, "is held by 2 nodes at the end");
	begin(&r);
	ended(&r, 0, 1);
	unanswered(&r);
	state(&r, 1, 0, SFE_STATE_HELD, 1, 50);
	state(&r, 2, 0, SFE_STATE_HELD, 2, 100);
	state(&r, 2, 1, SFE_STATE_HELD, 1, 200);
	CU_ASSERT_EQUAL(verdict(&r), 0);
	CU_ASSERT_EQUAL(r.job.failed_attempts, 1);
	/* Only copies, and no crash of a node that had the state. */
	begin(&r);
	ended(&r, 0, 2);
	state(&r, 1, 0, SFE_STATE_REPLICA, 2, 100);
	refused(&r, "has copies but no owner, although the owner did not crash");
}

static void test_twice(void)
{
	struct replayed r;

	begin(&r);
	invoked(&r, 1, 0, 1, 50);
	invoked(&r, 1, 0, 1, 20);
	refused(&r, "step 0 of job 7 was applied twice on b in attempt 1");
	/* Other attempts, other nodes, a crash in between: not the same step. */
	begin(&r);
	ended(&r, -EIO, 2);
	invoked(&r, 1, 0, 1, 20);
	invoked(&r, 1, 0, 2, 50);
	invoked(&r, 2, 0, 2, 60);
	invoked(&r, 1, 1, 2, 60);
	CU_ASSERT_EQUAL(verdict(&r), 0);
	CU_ASSERT_EQUAL(r.job.processing_ns, 12); /* belongs to the last attempt */
	begin(&r);
	CU_ASSERT_EQUAL(sfe_collector_restarted(&r.account, 1, 30, &r.err), 0);
	invoked(&r, 1, 0, 1, 20);
	invoked(&r, 1, 0, 1, 50);
	CU_ASSERT_EQUAL(verdict(&r), 0);
	begin(&r);
	CU_ASSERT_EQUAL(sfe_collector_restarted(&r.account, 2, 30, &r.err), 0);
	CU_ASSERT_EQUAL(sfe_collector_restarted(&r.account, 1, 60, &r.err), 0);
	invoked(&r, 1, 0, 1, 20);
	invoked(&r, 1, 0, 1, 50);
	refused(&r, "was applied twice on b");
	/* A step whose states did not reach the store may run again, no other. */
	begin(&r);
	unanswered(&r);
	invoked(&r, 1, 0, 1, 20);
	invoked(&r, 1, 0, 1, 50);
	follow(&r, &deployment, &sfe_unchained_in_edge);
	CU_ASSERT_EQUAL(verdict(&r), 0);
	begin(&r);
	unanswered(&r);
	invoked(&r, 1, 0, 1, 20);
	invoked(&r, 1, 0, 1, 50);
	follow(&r, &deployment, &sfe_pure_faas);
	refused(&r, "was applied twice on b");
	begin(&r);
	unanswered(&r);
	invoked(&r, 1, 0, 1, 20);
	invoked(&r, 1, 0, 1, 50);
	refused(&r, "was applied twice on b");
}

static void test_nonsense(void)
{
	struct replayed r;
	struct sfe_ctl_state m = {.header = {SFE_CTL_STATE, 1}, .state = 2};
	struct sfe_ctl_header bye = {SFE_CTL_BYE, 1};

	begin(&r);
	CU_ASSERT_EQUAL(sfe_collector_add(&r.account, 1, &m, sizeof(m), &r.err), -EPROTO);
	m.state = 1;
	CU_ASSERT_EQUAL(sfe_collector_add(&r.account, 1, &m, sizeof(m) - 1, &r.err), -EPROTO);
	CU_ASSERT_EQUAL(sfe_collector_add(&r.account, 2, &m, sizeof(m), &r.err), -EPROTO);
	m.condition = SFE_STATE_LOST + 1;
	CU_ASSERT_EQUAL(sfe_collector_add(&r.account, 1, &m, sizeof(m), &r.err), -EPROTO);
	m.header.type = 99;
	CU_ASSERT_EQUAL(sfe_collector_add(&r.account, 1, &m, sizeof(m), &r.err), -EPROTO);
	CU_ASSERT_EQUAL(sfe_collector_add(&r.account, 1, &m, 3, &r.err), -EPROTO);
	CU_ASSERT_EQUAL(
		sfe_collector_add(&r.account, 1, &bye, sizeof(bye), &r.err), SFE_COLLECTOR_BYE);
	ended(&r, 0, 1);
	struct sfe_ctl_job again = {.header = {SFE_CTL_JOB, 0}};
	CU_ASSERT_EQUAL(sfe_collector_add(&r.account, 0, &again, sizeof(again), &r.err), -EPROTO);
	CU_ASSERT_STRING_EQUAL(r.err.what, "job 7 ended twice");
	end(&r);
	/* A client's report after it was given up is too late. */
	begin(&r);
	sfe_collector_give_up(&r.account, 0, 10, 99);
	CU_ASSERT_EQUAL(sfe_collector_add(&r.account, 0, &again, sizeof(again), &r.err), 0);
	CU_ASSERT_STRING_EQUAL(r.job.reason, "its client does not answer");
	CU_ASSERT_STRING_EQUAL(sfe_job_status(&r.job), "failed");
	CU_ASSERT_EQUAL(r.job.end_ns, 99);
	end(&r);
}

/* A job that ends at job_timeout timed out; one that fails because a call timed out failed. */
static void test_status(void)
{
	struct replayed r;
	struct sfe_ctl_job m = {.header = {SFE_CTL_JOB, 0}, .status = -ETIMEDOUT, .start_ns = 10};

	begin(&r);
	m.end_ns = 85;
	CU_ASSERT_EQUAL(
		sfe_collector_add(&r.account, 0, &m, sizeof(m), &r.err), SFE_COLLECTOR_JOB_ENDED);
	CU_ASSERT_STRING_EQUAL(sfe_job_status(&r.job), "failed");
	r.job.ended = false;
	m.status = -ETIME;
	CU_ASSERT_EQUAL(
		sfe_collector_add(&r.account, 0, &m, sizeof(m), &r.err), SFE_COLLECTOR_JOB_ENDED);
	CU_ASSERT_STRING_EQUAL(sfe_job_status(&r.job), "timed out");
	r.job.ended = false;
	m.status = -EHOSTDOWN;
	CU_ASSERT_EQUAL(
		sfe_collector_add(&r.account, 0, &m, sizeof(m), &r.err), SFE_COLLECTOR_JOB_ENDED);
	CU_ASSERT_STRING_EQUAL(sfe_job_status(&r.job), "failed");
	r.job.ended = false;
	CU_ASSERT_STRING_EQUAL(sfe_job_status(&r.job), "unfinished");
	end(&r);
}

static void test_reasons(void)
{
	static const char *const why[] = {"its client has crashed", "calling nuc_1: Broken pipe",
		"state 3 was lost when tx2_4 crashed", "calling n-2: Broken pipe", "",
		"not done 60 s after its start", "state 12 was lost when a1 crashed",
		"calling x0: Broken pipe", "step 4 of it"};
	struct sfe_job_result result[9] = {0};
	struct sfe_replay r = {.n_jobs = 9, .jobs = result};
	char text[160], cut[12];

	for (int i = 0; i < 9; i++) {
		result[i].ended = true;
		result[i].status = *why[i] ? -EIO : 0;
		strcpy(result[i].reason, why[i]);
	}
	CU_ASSERT_EQUAL(sfe_reasons(&r, text, sizeof(text)), 0);
	CU_ASSERT_STRING_EQUAL(text,
		"3 x calling ...: Broken pipe; 2 x state ... was lost when ... crashed; 1 x its "
		"client has crashed; 2 for other reasons");
	CU_ASSERT_EQUAL(sfe_reasons(&r, cut, sizeof(cut)), 0);
	CU_ASSERT_STRING_EQUAL(cut, "3 x calling");
	result[8].status = 0;
	CU_ASSERT_EQUAL(sfe_reasons(&r, text, sizeof(text)), 0);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "; 1 for another reason"));
	r.n_jobs = 0;
	CU_ASSERT_EQUAL(sfe_reasons(&r, text, sizeof(text)), 0);
	CU_ASSERT_STRING_EQUAL(text, "");
}

/*
 * A diamond 0 -> 1, 2 -> 3. State 0: 0 writes, 1 and 2 read, 3 updates. State 1: 1 updates, 3
 * reads. State 2: 2 reads. State 3: no step uses it.
 */
static uint32_t d0[] = {0}, d1[] = {0, 1}, d2[] = {0, 2}, d3[] = {0, 1};
static uint8_t a0[] = {SFE_WRITE}, a1[] = {SFE_READ, SFE_UPDATE}, a2[] = {SFE_READ, SFE_READ},
	       a3[] = {SFE_UPDATE, SFE_READ};
static struct sfe_step diamond_steps[] = {{.n_deps = 1, .deps = d0, .access = a0},
	{.n_deps = 2, .deps = d1, .access = a1}, {.n_deps = 2, .deps = d2, .access = a2},
	{.n_deps = 2, .deps = d3, .access = a3}};

static struct sfe_graph *diamond_graph(void)
{
	static const struct sfe_edge edges[] = {{0, 1}, {0, 2}, {1, 3}, {2, 3}};
	struct sfe_graph *g;

	CU_ASSERT_FATAL(!sfe_graph_new(4, edges, 4, &g));
	return g;
}

/* Without faults, in order; its states are not reported yet. */
static void begin_diamond(
	struct replayed *r, const struct sfe_deployment *d, const struct sfe_strategy_info *info)
{
	begin(r);
	follow(r, d, info);
	ended(r, 0, 1);
	invoked(r, 1, 0, 1, 20);
	invoked(r, 1, 1, 1, 40);
	invoked(r, 2, 2, 1, 42);
	invoked(r, 2, 3, 1, 60);
}

static void test_graph(void)
{
	struct sfe_graph *g = diamond_graph();
	const struct sfe_job diamond = {.number = 9,
		.n_steps = 4,
		.steps = diamond_steps,
		.graph = g,
		.declared = true,
		.n_states = 4,
		.state_bytes = state_bytes};
	const struct sfe_deployed_job deployed = {.job = &diamond};
	struct sfe_deployment d = deployment;
	struct replayed r;
	uint64_t digest;

	d.jobs = &deployed;
	/* Changed states are where they were changed last, the others with the client. */
	begin_diamond(&r, &d, &sfe_state_local);
	state(&r, 2, 0, SFE_STATE_HELD, 2, 100);
	state(&r, 1, 0, SFE_STATE_REPLICA, 1, 99);
	state(&r, 1, 1, SFE_STATE_HELD, 1, 200);
	state(&r, 0, 2, SFE_STATE_HELD, 0, 300);
	state(&r, 0, 3, SFE_STATE_HELD, 0, 400);
	CU_ASSERT_EQUAL(verdict(&r), 0);
	CU_ASSERT_EQUAL(r.digest[2], 300);
	CU_ASSERT_EQUAL(r.digest[3], 0);
	digest = r.job.digest;
	/* What is created on use lacks the last state, and leaves the same digest. */
	begin_diamond(&r, &d, &sfe_unchained_in_function);
	state(&r, 2, 0, SFE_STATE_HELD, 2, 100);
	state(&r, 1, 1, SFE_STATE_HELD, 1, 200);
	state(&r, 2, 2, SFE_STATE_HELD, 0, 300);
	CU_ASSERT_EQUAL(verdict(&r), 0);
	CU_ASSERT_EQUAL(r.job.digest, digest);
	begin_diamond(&r, &d, &sfe_unchained_in_function);
	state(&r, 2, 0, SFE_STATE_HELD, 2, 100);
	state(&r, 1, 1, SFE_STATE_HELD, 1, 200);
	state(&r, 2, 2, SFE_STATE_HELD, 0, 300);
	state(&r, 0, 3, SFE_STATE_HELD, 0, 400);
	refused(&r, "state 3 of job 9 was created, although no step uses it");
	begin_diamond(&r, &d, &sfe_state_local);
	state(&r, 2, 0, SFE_STATE_HELD, 2, 100);
	state(&r, 1, 1, SFE_STATE_HELD, 1, 200);
	state(&r, 0, 2, SFE_STATE_HELD, 0, 300);
	refused(&r, "state 3 of job 9 is missing in its last version, 0");
	/* Readers change nothing, and keep no copy as its owner. */
	begin_diamond(&r, &d, &sfe_state_local);
	state(&r, 2, 0, SFE_STATE_HELD, 3, 100);
	refused(&r, "was changed 3 times; its job changes it 2");
	begin_diamond(&r, &d, &sfe_state_local);
	state(&r, 2, 0, SFE_STATE_HELD, 2, 100);
	state(&r, 1, 1, SFE_STATE_HELD, 1, 200);
	state(&r, 0, 2, SFE_STATE_HELD, 0, 300);
	state(&r, 2, 2, SFE_STATE_HELD, 0, 300);
	refused(&r, "has two owners in its version 0 (a and c)");
	/* What a writer did not fetch may be left as a copy only. */
	begin_diamond(&r, &d, &sfe_state_local);
	state(&r, 2, 0, SFE_STATE_HELD, 2, 100);
	state(&r, 1, 0, SFE_STATE_HELD, 1, 99);
	refused(&r, "state 0 of job 9 is held by 2 nodes at the end");
	sfe_graph_free(g);
}

static void test_joins(void)
{
	struct sfe_graph *g = diamond_graph();
	const struct sfe_job diamond = {
		.number = 9, .n_steps = 4, .steps = diamond_steps, .graph = g, .declared = true};
	const struct sfe_deployed_job deployed = {.job = &diamond};
	struct sfe_deployment d = deployment;
	struct replayed r;

	d.jobs = &deployed;
	begin(&r);
	follow(&r, &d, &sfe_state_local);
	ended(&r, 0, 1);
	invoked(&r, 1, 0, 1, 20);
	invoked(&r, 1, 1, 1, 40);
	invoked(&r, 2, 3, 1, 60);
	refused(&r, "job 9 ended without its step 2");
	begin(&r);
	follow(&r, &d, &sfe_state_local);
	ended(&r, 0, 1);
	invoked(&r, 1, 0, 1, 20);
	invoked(&r, 1, 1, 1, 40);
	invoked(&r, 2, 2, 1, 57); /* until 62 */
	invoked(&r, 2, 3, 1, 60); /* ready at 61 */
	refused(&r, "step 3 of job 9 began before its step 2 had ended");
	/* A fault may hide records. */
	begin(&r);
	follow(&r, &d, &sfe_state_local);
	ended(&r, 0, 1);
	unanswered(&r);
	invoked(&r, 2, 3, 1, 60);
	CU_ASSERT_EQUAL(verdict(&r), 0);
	/* One that is applied twice is found in graphs, too. */
	begin_diamond(&r, &d, &sfe_state_local);
	invoked(&r, 2, 3, 1, 70);
	refused(&r, "step 3 of job 9 was applied twice on c in attempt 1");
	sfe_graph_free(g);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"a correct replay", test_good},
		{"an attempt with the number 0", test_attempt_zero},
		{"owners of states", test_owners},
		{"applied twice", test_twice},
		{"invalid messages", test_nonsense},
		{"how jobs end", test_status},
		{"reasons", test_reasons},
		{"states of a graph", test_graph},
		{"steps of a graph", test_joins},
	};

	return unit_main("account", tests, sizeof(tests) / sizeof(tests[0]));
}

/* SPDX-License-Identifier: MIT */
/* The data structures of nodes/recovery/ by themselves: what they keep, for how long, and for whom.
 */
#include <errno.h>
#include <string.h>

#include "emu/model/workload/job_graph.h"
#include "nodes/recovery/accepted.h"
#include "nodes/recovery/handoffs.h"
#include "nodes/recovery/replicas.h"
#include "nodes/recovery/retained.h"
#include "nodes/recovery/retry.h"
#include "tests/unit/unit.h"

static uint32_t deps[3][2] = {{0, 1}, {1}, {0}};
static uint64_t state_bytes[2] = {10, 20};
static struct sfe_step steps[3] = {{.n_deps = 2, .deps = deps[0]}, {.n_deps = 1, .deps = deps[1]},
	{.n_deps = 1, .deps = deps[2]}};
static const struct sfe_job job = {
	.n_steps = 3, .steps = steps, .n_states = 2, .state_bytes = state_bytes};
static const struct sfe_deployed_job jobs[] = {{.job = &job, .client = 1}};
static const uint32_t replica_of[] = {9, 9, 9, 4, 2, 7};
static const struct sfe_deployment deployment = {
	.n_jobs = 1, .jobs = jobs, .n_replicas = 2, .replica_of = replica_of};

static struct buffer_pool pool;

/* A package whose value is in the pool, so that a leak shows: see count_free. */
static struct package make_package(void)
{
	struct package p;

	CU_ASSERT_FATAL(!package_init(&p, &deployment, 0));
	CU_ASSERT_FATAL(!slice_new(&pool, 100, &p.value));
	return p;
}

static unsigned count_free(void)
{
	unsigned n = 0;

	for (unsigned i = 0; i < BUFFER_CLASSES; i++) {
		for (const struct buffer *b = pool.free[i]; b; b = b->next_free)
			n++;
	}
	return n;
}

static void test_dependencies(void)
{
	CU_ASSERT(sfe_step_uses(&job.steps[0], 1) && !sfe_step_uses(&job.steps[2], 1));
	CU_ASSERT(sfe_state_used_from(&job, 1, 1) && !sfe_state_used_from(&job, 1, 2));
	CU_ASSERT(!sfe_state_used_from(&job, 0, 3));
	CU_ASSERT_EQUAL(sfe_version_before(&job, 0, 0), 0);
	CU_ASSERT_EQUAL(sfe_version_before(&job, 0, 2), 1);
	CU_ASSERT_EQUAL(sfe_version_before(&job, 0, 3), 2);
	CU_ASSERT_EQUAL(sfe_version_before(&job, 1, 3), 2);
}

static void test_retry(void)
{
	const struct sfe_retry_policy policy = {.deadline_ns = 100, .retries = 3, .backoff_ns = 10};
	const struct sfe_retry_policy huge = {
		.deadline_ns = 1, .retries = UINT32_MAX, .backoff_ns = UINT64_MAX / 8};

	CU_ASSERT_EQUAL(retry_backoff_ns(&policy, 1), 10);
	CU_ASSERT_EQUAL(retry_backoff_ns(&policy, 3), 40);
	CU_ASSERT_EQUAL(retry_window_ns(&policy), 4 * 100 + 10 + 20 + 40);
	CU_ASSERT(retry_backoff_ns(&huge, 60) >= UINT64_MAX / 8); /* no overflow to a short wait */
	CU_ASSERT(retry_window_ns(&huge) >= UINT64_MAX / 8);
	CU_ASSERT(retry_may_help(-ECONNREFUSED) && retry_may_help(-EILSEQ));
	CU_ASSERT(!retry_may_help(-EPROTO) && !retry_may_help(-ECANCELED) && !retry_may_help(0));
}

static void test_replicas(void)
{
	CU_ASSERT_EQUAL(replica_node(&deployment, 0, 0), 4); /* those of client 1 */
	CU_ASSERT_EQUAL(replica_node(&deployment, 0, 2), 7);
	CU_ASSERT_EQUAL(replica_node(&deployment, 0, 3), NO_REPLICA_NODE);
	CU_ASSERT_EQUAL(replica_node_except(&deployment, 0, 0, 4), 2);
	CU_ASSERT_EQUAL(replica_node_except(&deployment, 0, 1, 2), 7);
	CU_ASSERT_EQUAL(replica_node_except(&deployment, 0, 1, 5), 2);
	CU_ASSERT_EQUAL(replica_node_except(&deployment, 0, 2, 4), NO_REPLICA_NODE);
	struct sfe_deployment none = deployment;
	none.n_replicas = 0;
	CU_ASSERT_EQUAL(replica_node(&none, 0, 0), NO_REPLICA_NODE);
}

/* Of states that functions create: the nodes nearest to their home, the node of the first code. */
static void test_replicas_created(void)
{
	struct sfe_shared_instance of[1] = {{.client = 0}};
	struct sfe_shared_instances shared = {.n = 1, .of = of, .first_code = 1};
	struct sfe_deployment d = deployment;

	d.n_nodes = 8;
	d.cloud = UINT32_MAX;
	d.shared = &shared;
	d.strategy = &sfe_state_local;
	CU_ASSERT_EQUAL(replica_node_of_shared(&d, 1, 0), 4);
	CU_ASSERT_EQUAL(replica_node_of_shared(&d, 1, 1), 2);
	CU_ASSERT_EQUAL(replica_node_of_shared(&d, 1, 2), NO_REPLICA_NODE);
	CU_ASSERT_EQUAL(replica_node_of_shared(&d, 4096, 0), 4);
	d.cloud = 1; /* which has no list */
	CU_ASSERT_EQUAL(replica_node_of_shared(&d, 1, 0), NO_REPLICA_NODE);
	d.cloud = UINT32_MAX;
	shared.first_code = UINT32_MAX; /* there is no code that could create any */
	CU_ASSERT_EQUAL(replica_node_of_shared(&d, 1, 0), NO_REPLICA_NODE);
	d.strategy = &sfe_pure_faas;
	shared.first_code = 1;
	CU_ASSERT_EQUAL(replica_node_of_shared(&d, 1, 0), NO_REPLICA_NODE);
}

static void retain(
	struct retained *all, uint32_t step, uint64_t version, uint64_t until, uint64_t now)
{
	struct retained_copy copy = {
		.job = 1, .state = 2, .step = step, .version = version, .until_ns = until};

	CU_ASSERT_FATAL(!slice_new(&pool, 100, &copy.content));
	CU_ASSERT(!retained_add(all, &copy, now));
}

static void test_retained(void)
{
	struct retained all = STAILQ_HEAD_INITIALIZER(all);
	unsigned before = count_free();

	retain(&all, 3, 1, 100, 0);
	retain(&all, 3, 5, 120, 0);
	retain(&all, 4, 6, 150, 0);
	CU_ASSERT_EQUAL(retained_find(&all, 1, 2, 3)->version, 5); /* the newest */
	CU_ASSERT_EQUAL(retained_find(&all, 1, 2, 4)->version, 6);
	CU_ASSERT_PTR_NULL(retained_find(&all, 1, 2, 5));
	CU_ASSERT_PTR_NULL(retained_find(&all, 1, 3, 3));
	retain(&all, 5, 7, 200, 121); /* which ends the time of the first two */
	CU_ASSERT_PTR_NULL(retained_find(&all, 1, 2, 3));
	CU_ASSERT_PTR_NOT_NULL(retained_find(&all, 1, 2, 4));
	retained_clear(&all);
	CU_ASSERT(STAILQ_EMPTY(&all));
	CU_ASSERT(count_free() >= before + 3); /* the fourth took the buffer of one that expired */
}

static void test_accepted(void)
{
	static struct accepted_calls all;
	struct package result = make_package(), later = make_package();

	accepted_init(&all);
	CU_ASSERT_PTR_NULL(accepted_find(&all, 7, 0));
	struct accepted_call *first = accepted_add(&all, 7, 0, 1);
	struct accepted_call *second = accepted_add(&all, 7, 0, 2);
	accepted_add(&all, 7, 1, 5);                            /* another step */
	accepted_add(&all, 7 + ACCEPTED_CHAINS, 0, 9);          /* another job of the same chain */
	CU_ASSERT_PTR_EQUAL(accepted_find(&all, 7, 0), second); /* the latest attempt */
	accepted_keep_result(&all, first, &result, 100, 0);
	CU_ASSERT(first->result.states && !result.states);
	accepted_keep_result(&all, second, &later, 300, 101); /* after the first one's time */
	CU_ASSERT(!first->result.states && second->result.states);
	CU_ASSERT_PTR_EQUAL(accepted_find(&all, 7, 0), second);
	accepted_remove(&all, second);
	CU_ASSERT_PTR_EQUAL(accepted_find(&all, 7, 0), first);
	accepted_clear(&all);
	CU_ASSERT_PTR_NULL(accepted_find(&all, 7, 1));
	CU_ASSERT_PTR_NULL(accepted_find(&all, 7 + ACCEPTED_CHAINS, 0));
}

/* A call that one of two parts came of; its job is over at `until`. */
static struct accepted_call *wait_for_parts(struct accepted_calls *all, uint32_t j, uint64_t until)
{
	struct accepted_call *call = accepted_add(all, j, 3, 1);
	struct package part = make_package();

	CU_ASSERT_FATAL(call && !accepted_wait(all, call, 2, until));
	join_add(call->join, 0, &part);
	return call;
}

static void test_joins_end(void)
{
	static struct accepted_calls all;
	unsigned before;

	accepted_init(&all);
	wait_for_parts(&all, 1, 100);
	struct accepted_call *late = wait_for_parts(&all, 2, 500);
	wait_for_parts(&all, 3, 200); /* a shorter job, begun later */
	struct accepted_call *done = wait_for_parts(&all, 4, 150);
	before = count_free();
	accepted_joined(&all, done); /* it runs: it is not removed by age any more */
	CU_ASSERT_EQUAL(count_free(), before + 1);
	accepted_expire(&all, 100);
	CU_ASSERT_EQUAL(count_free(), before + 1);
	accepted_expire(&all, 201);
	CU_ASSERT_EQUAL(count_free(), before + 3);
	CU_ASSERT(!accepted_find(&all, 1, 3) && !accepted_find(&all, 3, 3));
	CU_ASSERT_PTR_EQUAL(accepted_find(&all, 2, 3), late);
	CU_ASSERT_PTR_EQUAL(accepted_find(&all, 4, 3), done);
	accepted_clear(&all);
	CU_ASSERT_EQUAL(count_free(), before + 4);
	CU_ASSERT(TAILQ_EMPTY(&all.with_join));
}

static void test_job_over(void)
{
	static const struct sfe_strategy_info restarts = {.restarts = true}, other = {0};
	struct sfe_deployment d = {.strategy = &other, .n_jobs = 1, .jobs = jobs};

	CU_ASSERT_EQUAL(job_over_ns(&d, 0, 5), UINT64_MAX);
	d.job_timeout_ns = 10000;
	CU_ASSERT_EQUAL(job_over_ns(&d, 0, 5), 10005);
	d.retry = (struct sfe_retry_policy){.deadline_ns = 100, .retries = 2, .backoff_ns = 10};
	CU_ASSERT_EQUAL(job_over_ns(&d, 0, 5), 10005); /* nobody restarts it */
	d.strategy = &restarts;
	CU_ASSERT_EQUAL(job_over_ns(&d, 0, 5), 5 + 3 * 300 + 10 + 20); /* it has three steps */
	d.retry.deadline_ns = UINT64_MAX / 2;
	CU_ASSERT_EQUAL(job_over_ns(&d, 0, 5), 10005);
	d.job_timeout_ns = UINT64_MAX - 1;
	CU_ASSERT_EQUAL(job_over_ns(&d, 0, 5), UINT64_MAX);
}

static void hand_off(struct handoffs *all, uint32_t to, uint64_t repeat_until, uint64_t over,
	uint64_t now, uint32_t step)
{
	struct handoff h = {.at = {0, step, 1},
		.to = to,
		.package = make_package(),
		.repeat_until_ns = repeat_until,
		.job_over_ns = over};

	CU_ASSERT(!handoffs_add(all, &h, now));
	CU_ASSERT_PTR_NULL(h.package.states); /* taken over */
}

static void drop(struct handoff *lost, size_t n)
{
	for (size_t i = 0; i < n; i++)
		package_drop(&lost[i].package);
	free(lost);
}

static void test_handoffs(void)
{
	struct handoffs all = {0};
	struct handoff *lost;
	size_t n;

	CU_ASSERT(!handoffs_take(&all, 1, 0, &lost, &n));
	CU_ASSERT(n == 0 && !lost);
	hand_off(&all, 1, 100, 1000, 0, 0);
	hand_off(&all, 2, 150, 1000, 50, 1);
	hand_off(&all, 1, 250, 300, 160, 2); /* the packages of the first two are freed */
	CU_ASSERT(!all.list[0].package.states && !all.list[1].package.states);
	CU_ASSERT_PTR_NOT_NULL(all.list[2].package.states);
	hand_off(&all, 1, 350, 1000, 200, 3);
	/* Node 1 is lost when the job of the third is over: two of it are left, and that of node 2.
	 */
	CU_ASSERT(!handoffs_take(&all, 1, 301, &lost, &n));
	CU_ASSERT_EQUAL_FATAL(n, 2);
	CU_ASSERT(lost[0].at.step == 0 && !lost[0].package.states);
	CU_ASSERT(lost[1].at.step == 3 && lost[1].package.states);
	drop(lost, n);
	CU_ASSERT(all.n == 1 && all.list[0].to == 2);
	hand_off(&all, 2, 500, 1000, 400, 4); /* after a loss, what has expired is found again */
	CU_ASSERT(all.n == 2 && all.n_expired == 1);
	CU_ASSERT(!handoffs_take(&all, 2, 401, &lost, &n));
	CU_ASSERT_EQUAL(n, 2);
	drop(lost, n);
	hand_off(&all, 3, 500, 1000, 410, 5);
	handoffs_clear(&all);
	CU_ASSERT(!all.n && !all.list);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"dependencies of steps on states", test_dependencies},
		{"the retry policy", test_retry},
		{"the nodes of copies", test_replicas},
		{"the nodes of copies of created states", test_replicas_created},
		{"retained copies", test_retained},
		{"accepted calls", test_accepted},
		{"joins of jobs that are over", test_joins_end},
		{"when a job is over", test_job_over},
		{"hand-offs", test_handoffs},
	};
	int status = unit_main("recovery", tests, sizeof(tests) / sizeof(*tests));

	buffer_pool_clear(&pool);
	return status;
}

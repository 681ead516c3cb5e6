/* SPDX-License-Identifier: MIT */
/*
 * Requests that no worker sends and that look as if one did: of jobs that there are, with what does
 * not fit them. Each is refused, and the worker goes on with a bounded amount of memory.
 */
#include "tests/unit/worker_lab.h"

#define N_NODES 4
#define N_STEPS 3
#define LONG_OPS 200000000ull /* at 10^9 operations/s */

static char *function_names[] = {"f0"};

/*
 * Two jobs of node 3, each with steps 0, 1, 2 on nodes 0, 1, 2; steps 0 and 2 depend on both
 * states, step 1 on the first. Node 2 is the store.
 */
struct deck {
	uint32_t deps[2], node[N_STEPS], replica_of[2 * N_NODES];
	uint64_t state_bytes[2];
	struct sfe_step steps[N_STEPS];
	struct sfe_job job[2];
	struct sfe_deployed_job deployed[2];
	struct sfe_endpoint nodes[N_NODES];
	struct sfe_deployment deployment;
};

static void make_deck(struct deck *d, const struct sfe_strategy_info *strategy)
{
	static const uint64_t value_bytes[N_STEPS + 1] = {5, 7, 3, 5};

	*d = (struct deck){.deps = {0, 1},
		.node = {0, 1, 2},
		.replica_of = {0, 1, 1, 2, 2, 3, 3, 0},
		.state_bytes = {10, 100}};
	for (uint32_t s = 0; s < N_STEPS; s++)
		d->steps[s] = (struct sfe_step){.task = s + 1,
			.ops = 1000,
			.arg_bytes = value_bytes[s],
			.out_bytes = value_bytes[s + 1],
			.n_deps = s == 1 ? 1 : 2,
			.deps = d->deps};
	for (uint32_t j = 0; j < 2; j++) {
		d->job[j] = (struct sfe_job){.number = j + 1,
			.n_steps = N_STEPS,
			.steps = d->steps,
			.n_states = 2,
			.state_bytes = d->state_bytes,
			.states_total_bytes = 110};
		d->deployed[j] = (struct sfe_deployed_job){&d->job[j], 3, d->node};
	}
	for (uint32_t i = 0; i < N_NODES; i++)
		d->nodes[i] = lab_node(i, "n");
	d->deployment = (struct sfe_deployment){.strategy = strategy,
		.n_nodes = N_NODES,
		.nodes = d->nodes,
		.n_jobs = 2,
		.jobs = d->deployed,
		.n_functions = 1,
		.function_names = function_names,
		.seed = 1,
		.store = 2,
		.n_replicas = 1,
		.replica_of = d->replica_of};
}

/* ---- requests by hand */

static int ask(uint32_t node, const char *head, size_t body)
{
	char out[4096];

	return lab_ask(node, head, body, out, sizeof(out));
}

static void stop_all(struct lab *lab)
{
	for (uint32_t i = 0; i < N_NODES; i++)
		lab_stop(lab, i, NULL, NULL);
}

#define CALL(step, strategy)                                                                       \
	"POST /invoke HTTP/1.1\r\nsfemu-job: 0\r\nsfemu-step: " step                               \
	"\r\nsfemu-from: 3\r\nsfemu-strategy: " strategy "\r\n"
#define RETURN(strategy)                                                                           \
	"POST /return HTTP/1.1\r\nsfemu-job: 0\r\nsfemu-step: 2\r\nsfemu-from: 2\r\n"              \
	"sfemu-strategy: " strategy "\r\n"
#define PUT(what, step)                                                                            \
	"PUT /" what "/0/0 HTTP/1.1\r\nsfemu-job: 0\r\nsfemu-step: " step "\r\nsfemu-from: 1\r\n"
#define PARTS(parts, length) "sfemu-parts: " parts "\r\nContent-Length: " length "\r\n\r\n"
#define ALL PARTS("arg=5, s0=10, s1=100", "115")

static void test_refused(void)
{
	static const struct {
		const struct sfe_strategy_info *strategy;
		uint32_t node;
		const char *head;
		size_t body;
		int answer;
	} forged[] = {
		/* As they should be, to begin with. */
		{&sfe_pure_faas, 0, CALL("0", "PureFaaS") ALL, 115, 200},
		{&sfe_pure_faas, 0, CALL("0", "PureFaaS") "sfemu-function: f0\r\n" ALL, 115, 200},
		{&sfe_unchained_in_edge, 0, CALL("0", "UnchainedInEdge") PARTS("arg=5", "5"), 5,
			200},
		{&sfe_unchained_in_client, 1,
			CALL("1", "UnchainedInClient") "sfemu-versions: s0=1\r\n" PARTS(
				"arg=7, s0=10", "17"),
			17, 200},
		/* States that do not travel, or do not come. */
		{&sfe_unchained_in_edge, 2,
			CALL("2", "UnchainedInEdge") "sfemu-versions: s0=2, s1=1\r\n" PARTS(
				"arg=3, s0=10, s1=100", "113"),
			113, 400},
		{&sfe_state_local, 0, CALL("0", "StateLocal") ALL, 115, 400},
		{&sfe_unchained_in_function, 0, CALL("0", "UnchainedInFunction") ALL, 115, 400},
		{&sfe_pure_faas, 0, CALL("0", "PureFaaS") PARTS("arg=5", "5"), 5, 400},
		{&sfe_pure_faas, 0, CALL("0", "PureFaaS") PARTS("arg=5, s1=100", "105"), 105, 400},
		{&sfe_unchained_in_client, 1,
			CALL("1", "UnchainedInClient") "sfemu-versions: s0=1, s1=1\r\n" PARTS(
				"arg=7, s0=10, s1=100", "117"),
			117, 400},
		/* Versions that no step has left; also of a state that the step does not use. */
		{&sfe_pure_faas, 0, CALL("0", "PureFaaS") "sfemu-versions: s0=1\r\n" ALL, 115, 400},
		{&sfe_pure_faas, 1,
			CALL("1", "PureFaaS") "sfemu-versions: s0=1, s1=7\r\n" PARTS(
				"arg=7, s0=10, s1=100", "117"),
			117, 400},
		{&sfe_pure_faas, 0,
			CALL("0", "PureFaaS") "sfemu-versions: s0=18446744073709551615\r\n" ALL,
			115, 400},
		/* Another strategy, function, place, attempt. */
		{&sfe_pure_faas, 0, CALL("0", "StatePropagate") ALL, 115, 400},
		{&sfe_pure_faas, 0, CALL("0", "PureFaaS") "sfemu-function: f1\r\n" ALL, 115, 400},
		{&sfe_pure_faas, 1, CALL("0", "PureFaaS") ALL, 115, 400},
		{&sfe_pure_faas, 0, CALL("0", "PureFaaS") "sfemu-attempt: 2\r\n" ALL, 115, 400},
		{&sfe_pure_faas, 0, CALL("0", "PureFaaS") "sfemu-attempt: 4294967294\r\n" ALL, 115,
			400},
		/* Returns of jobs that do not run, and with versions that no step leaves. */
		{&sfe_state_propagate, 3,
			RETURN("StatePropagate") "sfemu-versions: s0=3, s1=2\r\n" ALL, 115, 409},
		{&sfe_state_propagate, 3,
			RETURN("StatePropagate") "sfemu-versions: s0=3, s1=9\r\n" ALL, 115, 400},
		/* States to be kept: each later than the last would stay for a while. */
		{&sfe_unchained_in_edge, 2,
			PUT("state", "0") "sfemu-strategy: UnchainedInEdge\r\nsfemu-version: "
					  "9\r\nContent-Length: 10\r\n\r\n",
			10, 400},
		{&sfe_state_local, 2,
			PUT("replica", "0") "sfemu-strategy: StateLocal\r\nsfemu-version: "
					    "9\r\nContent-Length: 10\r\n\r\n",
			10, 400},
		{&sfe_state_local, 2,
			PUT("replica", "0") "sfemu-strategy: StateLocal\r\nsfemu-version: "
					    "1\r\nContent-Length: 10\r\n\r\n",
			10, 200},
	};

	for (size_t i = 0; i < sizeof(forged) / sizeof(*forged); i++) {
		struct deck d;
		struct lab lab = {.kind = i % 2 ? LAB_RING : LAB_SHARED};

		make_deck(&d, forged[i].strategy);
		lab_start(&lab, &d.deployment);
		/* A store holds its states from here on. */
		ask(2, "GET /state/0/0 HTTP/1.1\r\nsfemu-step: 0\r\n\r\n", 0);
		int answer = ask(forged[i].node, forged[i].head, forged[i].body);
		CU_ASSERT_EQUAL(answer, forged[i].answer);
		if (answer != forged[i].answer)
			fprintf(stderr, "%s  gave: %d\n", forged[i].head, answer);
		CU_ASSERT_EQUAL(ask(forged[i].node, "GET / HTTP/1.1\r\n\r\n", 0), 200);
		stop_all(&lab);
	}
}

/* ---- in the midst of a step */

/* The store computes a step with a state of its own; who asks for that state lets it come to being
 * a second time. What the step leaves takes its place. */
static void test_state_twice(void)
{
	struct deck d;
	struct lab lab = {.kind = LAB_SHARED};
	char out[4096];

	make_deck(&d, &sfe_unchained_in_edge);
	d.node[0] = 2;
	d.steps[0].ops = LONG_OPS;
	lab_start(&lab, &d.deployment);
	int fd = lab_request(2, CALL("0", "UnchainedInEdge") PARTS("arg=5", "5"), 5);
	lab_wait_until_computing(2);
	CU_ASSERT_EQUAL(ask(2, "GET /state/0/0 HTTP/1.1\r\nsfemu-step: 0\r\n\r\n", 0), 200);
	CU_ASSERT_EQUAL(lab_answer(fd, out, sizeof(out)), 200);
	CU_ASSERT_EQUAL(ask(2, "GET /state/0/0 HTTP/1.1\r\nsfemu-step: 1\r\n\r\n", 0), 200);
	stop_all(&lab);
}

/* Without retries a call comes once: each that runs keeps its states. */
static void test_call_of_running_step(void)
{
	struct deck d;
	struct lab lab = {.kind = LAB_SHARED};
	char out[4096];

	make_deck(&d, &sfe_pure_faas);
	d.steps[0].ops = LONG_OPS;
	lab_start(&lab, &d.deployment);
	int fd = lab_request(0, CALL("0", "PureFaaS") ALL, 115);
	lab_wait_until_computing(0);
	CU_ASSERT_EQUAL(ask(0, CALL("0", "PureFaaS") ALL, 115), 409);
	CU_ASSERT_EQUAL(lab_answer(fd, out, sizeof(out)), 200);
	CU_ASSERT_EQUAL(ask(0, CALL("0", "PureFaaS") ALL, 115), 200);
	stop_all(&lab);
}

/* Heads that announce bodies and send none take no more than jobs could have on their way; what
 * they took is free again when they are gone. */
static void test_bodies_that_do_not_come(void)
{
	enum { N = 20 };
	struct deck d;
	struct lab lab = {.kind = LAB_SHARED};
	int fd[N];

	make_deck(&d, &sfe_pure_faas);
	lab_start(&lab, &d.deployment);
	for (int i = 0; i < N; i++)
		fd[i] = lab_request(0, CALL("0", "PureFaaS") ALL, 0);
	/* 2 jobs of up to 110 + 7 bytes, twice: 4 bodies of 115. */
	CU_ASSERT_EQUAL(ask(0, CALL("0", "PureFaaS") ALL, 115), 503);
	CU_ASSERT_EQUAL(ask(0, "GET / HTTP/1.1\r\n\r\n", 0), 200);
	for (int i = 0; i < N; i++)
		close(fd[i]);
	int answer = 503;
	for (int i = 0; i < 100 && answer == 503; i++) {
		usleep(10000);
		answer = ask(0, CALL("0", "PureFaaS") ALL, 115);
	}
	CU_ASSERT_EQUAL(answer, 200);
	stop_all(&lab);
}

/* What an earlier run of the job has left at its client is replaced. */
static void test_job_again(void)
{
	struct deck d;
	struct lab lab = {.kind = LAB_SHARED};
	union lab_message m = {0};

	make_deck(&d, &sfe_state_propagate);
	lab_start(&lab, &d.deployment);
	for (int i = 0; i < 2; i++) {
		lab_go(&lab, 0, 0);
		CU_ASSERT_EQUAL_FATAL(lab_receive(&lab, 3, &m, LAB_PATIENCE_MS), 0);
		CU_ASSERT_EQUAL(m.header.type, SFE_CTL_JOB);
		CU_ASSERT_EQUAL(m.job.status, 0);
	}
	stop_all(&lab);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"what does not fit the deployment is refused", test_refused},
		{"a state that comes to being twice", test_state_twice},
		{"a call of a step that runs", test_call_of_running_step},
		{"bodies that are announced and do not come", test_bodies_that_do_not_come},
		{"a job that is run again", test_job_again},
	};

	if (!lab_enter()) {
		puts("SKIPPED: network namespaces are not allowed here");
		return 77;
	}
	return unit_main("forged requests", tests, sizeof(tests) / sizeof(*tests));
}

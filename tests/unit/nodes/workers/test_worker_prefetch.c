/* SPDX-License-Identifier: MIT */
/*
 * States that come ahead of the call of their step: what they are, what faults make of them, and
 * which messages about them are refused.
 */
#include "tests/unit/nodes/workers/chain_lab.h"

/* Those whose steps fetch states. In the chain of chain_lab.h, node 3 can have state 0 while step 1
 * runs; state 1 is changed by the step before each that uses it. */
static const struct sfe_strategy_info *const fetching[] = {
	&sfe_state_local, &sfe_unchained_in_edge, &sfe_unchained_in_function};
#define N_FETCHING (sizeof(fetching) / sizeof(fetching[0]))

static struct sfe_strategy_info with_prefetch(const struct sfe_strategy_info *of, unsigned fetch)
{
	struct sfe_strategy_info with = *of;

	with.name = "with(prefetch=1)";
	with.options = (struct sfe_strategy_options){.fetch = fetch, .prefetch = 1};
	return with;
}

struct ahead { /* what came ahead, and how it was used */
	struct outcome o;
	unsigned prefetched, claimed, fetched;
	uint64_t prefetched_bytes, used_bytes;
};

static void take_ahead(void *context, const union lab_message *m)
{
	struct ahead *a = context;

	take(&a->o, m);
	if (m->header.type == SFE_CTL_INVOCATION)
		a->used_bytes += m->invocation.ahead_bytes;
	if (m->header.type != SFE_CTL_TRANSFER || m->transfer.step != 2)
		return;
	a->prefetched += m->transfer.kind == SFE_TRANSFER_PREFETCH;
	a->claimed += m->transfer.kind == SFE_TRANSFER_CLAIM;
	a->fetched += m->transfer.kind == SFE_TRANSFER_FETCH;
	if (m->transfer.kind == SFE_TRANSFER_PREFETCH)
		a->prefetched_bytes += m->transfer.payload_bytes;
}

static void finish_ahead(struct lab *lab, struct ahead *a)
{
	union lab_message m;

	while (!a->o.ended) {
		CU_ASSERT_EQUAL_FATAL(lab_receive(lab, -1, &m, LAB_PATIENCE_MS), 0);
		take_ahead(a, &m);
	}
	for (uint32_t i = 0; i < lab->deployment->n_nodes; i++)
		lab_stop(lab, i, take_ahead, a);
}

/* As crash() of chain_lab.h, once state 0 has come ahead. victim 0: none. */
static struct ahead run_ahead(struct chain *c, enum lab_kind kind, uint32_t victim, int down_ms)
{
	struct lab lab = {.kind = kind};
	struct ahead a = {0};

	lab_start(&lab, &c->deployment);
	lab_go(&lab, 0, 0);
	lab_wait_until_computing(2);
	usleep(100000);
	if (victim)
		tell(&lab, victim, SFE_CTL_CRASH);
	if (victim && down_ms >= 0) {
		usleep((unsigned)down_ms * 1000);
		tell(&lab, victim, SFE_CTL_RESTART);
	}
	finish_ahead(&lab, &a);
	return a;
}

static void test_without_faults(void)
{
	for (int kind = LAB_PROCESSES; kind <= LAB_RING; kind++)
		for (size_t i = 0; i < 2 * N_FETCHING; i++) {
			struct sfe_strategy_info with = with_prefetch(fetching[i / 2], i % 2);
			struct chain c;
			make_chain(&c, &with, 1);
			struct ahead a = run_ahead(&c, (enum lab_kind)kind, 0, 0);
			expect_done(&a.o);
			CU_ASSERT_EQUAL(a.o.attempts_failed, 0);
			CU_ASSERT_EQUAL(a.prefetched, 1);
			CU_ASSERT_EQUAL(a.prefetched_bytes, 200000);
			CU_ASSERT_EQUAL(a.used_bytes, 200000);
			CU_ASSERT_EQUAL(a.fetched, 0);
			/* The store goes on owning it. */
			CU_ASSERT_EQUAL(a.claimed, fetching[i / 2] != &sfe_unchained_in_edge);
		}
}

/* Both steps on one node, which sends no word to itself; and the step where its state is. */
static void test_same_node(void)
{
	for (size_t i = 0; i < N_FETCHING; i++) {
		struct sfe_strategy_info with = with_prefetch(fetching[i], 0);
		struct chain c;
		make_chain(&c, &with, 1);
		c.node[2] = 2;
		struct ahead a = run_ahead(&c, LAB_SHARED, 0, 0);
		expect_done(&a.o);
		CU_ASSERT(a.prefetched == 1 && a.fetched == 0);
		make_chain(&c, &with, 1);
		c.node[2] = 1;
		a = run_ahead(&c, LAB_SHARED, 0, 0);
		expect_done(&a.o);
		CU_ASSERT_EQUAL(a.prefetched, fetching[i] == &sfe_unchained_in_edge);
	}
}

/* The node that has the copy crashes before its step is called: the keeper still owns the state,
 * also where nothing is retried. */
static void test_crash_of_taker(void)
{
	for (size_t i = 0; i < 2 * N_FETCHING; i++) {
		struct sfe_strategy_info with = with_prefetch(fetching[i / 2], 0);
		struct chain c;
		make_chain(&c, &with, 1);
		if (i % 2)
			c.deployment.retry = (struct sfe_retry_policy){0};
		struct ahead a = run_ahead(&c, LAB_SHARED, 3, 30);
		expect_done(&a.o);
		CU_ASSERT_EQUAL(a.prefetched_bytes, 200000);
		CU_ASSERT_EQUAL(a.used_bytes, 0);
		CU_ASSERT_EQUAL(a.fetched, 1);
	}
}

/* The keeper crashes once its state has come ahead: the copy is what is left of it. Without the
 * option the job fails. */
static void test_crash_of_keeper(void)
{
	for (int back = 0; back < 2; back++) {
		struct sfe_strategy_info with = with_prefetch(&sfe_state_local, 0);
		struct chain c;
		make_chain(&c, &with, 1);
		struct ahead a = run_ahead(&c, LAB_SHARED, 1, back ? 30 : -1);
		expect_done(&a.o);
		CU_ASSERT_EQUAL(a.used_bytes, 200000);
		CU_ASSERT_EQUAL(a.claimed, 0);
	}
}

/* The node that has told of the states crashes: its step is called again, and tells again. */
static void test_crash_of_teller(void)
{
	struct sfe_strategy_info with = with_prefetch(&sfe_state_local, 0);
	struct chain c;

	make_chain(&c, &with, 1);
	struct ahead a = run_ahead(&c, LAB_SHARED, 2, 30);
	expect_done(&a.o);
	CU_ASSERT_EQUAL(a.prefetched, 1);
	CU_ASSERT_EQUAL(a.used_bytes, 200000);
}

/* The node of the step crashes after its claim: what the keeper gave away is retained there. */
static void test_crash_after_claim(void)
{
	struct sfe_strategy_info with = with_prefetch(&sfe_state_local, 0);
	struct chain c;
	struct lab lab = {.kind = LAB_SHARED};
	struct ahead a = {0};

	make_chain(&c, &with, 1);
	c.steps[2].ops = LONG_OPS;
	lab_start(&lab, &c.deployment);
	lab_go(&lab, 0, 0);
	lab_wait_until_computing(3);
	usleep(100000);
	tell(&lab, 3, SFE_CTL_CRASH);
	usleep(30000);
	tell(&lab, 3, SFE_CTL_RESTART);
	finish_ahead(&lab, &a);
	expect_done(&a.o);
	CU_ASSERT_EQUAL(a.fetched, 1);
}

/* The keeper does not answer the claim: it is repeated, and without an answer the job fails, as the
 * keeper may still own the state. */
static void test_silent_keeper(void)
{
	for (int back = 0; back < 2; back++) {
		struct sfe_strategy_info with = with_prefetch(&sfe_state_local, 0);
		struct chain c;
		struct lab lab = {0};
		struct ahead a = {0};

		make_chain(&c, &with, 1);
		c.deployment.retry = (struct sfe_retry_policy){200 * MS, 3, 10 * MS};
		lab_start(&lab, &c.deployment);
		lab_go(&lab, 0, 0);
		lab_wait_until_computing(2);
		usleep(200000); /* the copies are here; the claim comes 100 ms later */
		kill(lab.pid[1], SIGSTOP);
		usleep(700000);
		if (back)
			kill(lab.pid[1], SIGCONT);
		while (!a.o.ended) {
			union lab_message m;
			CU_ASSERT_EQUAL_FATAL(lab_receive(&lab, -1, &m, LAB_PATIENCE_MS), 0);
			take_ahead(&a, &m);
		}
		kill(lab.pid[1], SIGCONT);
		finish_ahead(&lab, &a);
		CU_ASSERT(a.o.attempts_failed >= 1);
		if (back)
			expect_done(&a.o);
		else
			expect_failed(&a.o, "which came ahead of the call, are not given away");
	}
}

/* A call is repeated while its step runs: what it has told is told once more, and fetched once. */
static void test_told_twice(void)
{
	for (size_t i = 0; i < N_FETCHING; i++) {
		struct sfe_strategy_info with = with_prefetch(fetching[i], 1);
		struct chain c;
		if (!with.client_invokes) /* its calls are answered at once */
			continue;
		make_chain(&c, &with, 1);
		c.deployment.retry = (struct sfe_retry_policy){120 * MS, 8, 10 * MS};
		struct ahead a = run_ahead(&c, LAB_PROCESSES, 0, 0);
		expect_done(&a.o);
		CU_ASSERT(a.o.attempts_failed >= 1);
		CU_ASSERT_EQUAL(a.o.ran[1], 1);
		CU_ASSERT(a.prefetched <= 1); /* a slow machine may give it up */
	}
}

/* The job is given up before its last step is called: what came ahead is never used. */
static void test_never_used(void)
{
	struct sfe_strategy_info with = with_prefetch(&sfe_state_local, 0);
	struct chain c;

	make_chain(&c, &with, 1);
	c.steps[1].ops = 1000000 * MS;
	c.deployment.job_timeout_ns = 400 * MS;
	struct ahead a = run_ahead(&c, LAB_SHARED, 0, 0);
	expect_failed(&a.o, "which is job_timeout");
	CU_ASSERT_EQUAL(a.prefetched_bytes, 200000);
	CU_ASSERT_EQUAL(a.used_bytes, 0);
}

#define COMMON(step, from, version)                                                                \
	"sfemu-job: 0\r\nsfemu-step: " step "\r\nsfemu-from: " from                                \
	"\r\nsfemu-strategy: with(prefetch=1)\r\nsfemu-versions: " version "\r\n"
#define TELL(step, from, version, after)                                                           \
	"POST /prefetch/0 HTTP/1.1\r\n" COMMON(step, from, version) after "\r\n"
#define AHEAD(step, from, version, after)                                                          \
	"GET /ahead/0 HTTP/1.1\r\n" COMMON(step, from, version) after "\r\n"
#define CLAIM(step, from, version) "POST /claim/0 HTTP/1.1\r\n" COMMON(step, from, version) "\r\n"

/* The keeper does not answer what is asked ahead: that is given up, and the call fetches. */
static void test_silent_ahead(void)
{
	struct sfe_strategy_info with = with_prefetch(&sfe_state_local, 0);
	struct chain c;
	struct lab lab = {0};
	struct ahead a = {0};
	char head[4096];

	make_chain(&c, &with, 1);
	c.deployment.retry = (struct sfe_retry_policy){60 * MS, 8, 10 * MS};
	lab_start(&lab, &c.deployment);
	kill(lab.pid[1], SIGSTOP);
	CU_ASSERT_EQUAL(
		lab_ask(3, TELL("2", "2", "s0=1", "sfemu-after: 1\r\n"), 0, head, sizeof(head)),
		202);
	usleep(100000);
	kill(lab.pid[1], SIGCONT);
	lab_go(&lab, 0, 0);
	finish_ahead(&lab, &a);
	expect_done(&a.o);
	CU_ASSERT(a.o.attempts_failed >= 1);
	CU_ASSERT_EQUAL(a.used_bytes + a.fetched * 200000, 200000);
}

static void test_forged(void)
{
	static const struct {
		uint32_t node;
		int status;
		const char *request;
	} asked[] = {
		{3, 400, TELL("2", "2", "s0=1", "")},
		{3, 400, TELL("2", "2", "s0=1", "sfemu-after: 7\r\n")},
		{3, 400, TELL("2", "1", "s0=1", "sfemu-after: 0\r\n")}, /* does not precede it */
		{3, 400, TELL("2", "1", "s0=1", "sfemu-after: 1\r\n")}, /* from another node */
		{3, 400, TELL("2", "2", "s0=2", "sfemu-after: 1\r\n")}, /* of another version */
		{3, 400, TELL("2", "2", "s1=2", "sfemu-after: 1\r\n")}, /* that it does not read */
		{4, 400, TELL("2", "2", "s0=1", "sfemu-after: 1\r\n")}, /* not placed there */
		{2, 400, TELL("1", "1", "s1=1", "sfemu-after: 0\r\n")}, /* not final */
		{3, 400, TELL("2", "2", "s0=1", "sfemu-after: 1\r\nsfemu-attempt: 9\r\n")},
		{3, 400, TELL("2", "2", "s0=1", "sfemu-after: 1\r\nContent-Length: 1\r\n")},
		{1, 400, AHEAD("2", "2", "s0=1", "sfemu-after: 1\r\n")}, /* runs on node 3 */
		{1, 400, AHEAD("2", "3", "s0=1", "")},
		{1, 400, AHEAD("1", "2", "s1=1", "sfemu-after: 0\r\n")},
		{1, 400, CLAIM("2", "2", "s0=1")},
		{1, 404, CLAIM("2", "3", "s0=1")}, /* nothing is there yet */
		{1, 404, AHEAD("2", "3", "s0=1", "sfemu-after: 1\r\n")},
		{3, 405, "GET /prefetch/0 HTTP/1.1\r\n\r\n"},
		{3, 202, TELL("2", "2", "s0=1", "sfemu-after: 1\r\n")}, /* right, but too early */
	};
	struct sfe_strategy_info with = with_prefetch(&sfe_state_local, 0);
	struct chain c;
	struct lab lab = {.kind = LAB_SHARED};
	struct ahead a = {0};
	char head[4096];

	make_chain(&c, &with, -1);
	lab_start(&lab, &c.deployment);
	for (size_t i = 0; i < sizeof(asked) / sizeof(*asked); i++) {
		int status = lab_ask(asked[i].node, asked[i].request, 0, head, sizeof(head));
		CU_ASSERT_EQUAL(status, asked[i].status);
		if (status != asked[i].status)
			fprintf(stderr, "%d for %s%s\n", status, asked[i].request, head);
	}
	lab_go(&lab, 0, 0); /* as if nothing had been asked */
	finish_ahead(&lab, &a);
	expect_done(&a.o);
}

/* Where the option is off, nobody is told of anything. */
static void test_off(void)
{
	struct chain c;
	struct lab lab = {.kind = LAB_SHARED};
	struct outcome o = {0};
	char head[4096];

	make_chain(&c, &sfe_state_local, -1);
	lab_start(&lab, &c.deployment);
	CU_ASSERT_EQUAL(lab_ask(3,
				"POST /prefetch/0 HTTP/1.1\r\nsfemu-job: 0\r\nsfemu-step: 2\r\n"
				"sfemu-from: 2\r\nsfemu-strategy: StateLocal\r\n"
				"sfemu-versions: s0=1\r\nsfemu-after: 1\r\n\r\n",
				0, head, sizeof(head)),
		400);
	lab_go(&lab, 0, 0);
	finish(&lab, &o);
	expect_done(&o);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"without faults", test_without_faults},
		{"on one node", test_same_node},
		{"the node with the copy crashes", test_crash_of_taker},
		{"the keeper crashes", test_crash_of_keeper},
		{"the node that told crashes", test_crash_of_teller},
		{"a crash after the claim", test_crash_after_claim},
		{"a silent keeper of a claim", test_silent_keeper},
		{"a silent keeper ahead of the call", test_silent_ahead},
		{"a repeated call", test_told_twice},
		{"never used", test_never_used},
		{"messages that are refused", test_forged},
		{"without the option", test_off},
	};

	return chain_main("worker prefetch", tests, sizeof(tests) / sizeof(*tests));
}

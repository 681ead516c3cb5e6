/* SPDX-License-Identifier: MIT */
/*
 * States that go ahead of the call of their step unasked: what they are, what faults make of them,
 * and which messages with them are refused.
 */
#include "nodes/base/inline_jobs.h"
#include "sfemu/transfer.h"
#include "tests/unit/nodes/workers/chain_lab.h"

/* Those whose steps fetch states. In the chain of chain_lab.h, step 0 leaves state 0 for step 2 and
 * state 1 for step 1; the client has both for step 0. */
static const struct sfe_strategy_info *const fetching[] = {
	&sfe_state_local, &sfe_unchained_in_edge, &sfe_unchained_in_function};
#define N_FETCHING (sizeof(fetching) / sizeof(fetching[0]))
#define BOUND_MS 150

/* Links without delay; from node 1 to node 3, as long as the test says. */
static double far_s;

static int find_path(void *arg, uint32_t from, uint32_t to, struct sfe_inline_path *out)
{
	static struct sfe_hop hops[2];
	static const uint32_t links[] = {0};
	(void)arg;

	hops[1].delay_s = far_s;
	*out = (struct sfe_inline_path){from != to, &hops[from == 1 && to == 3], links};
	return 0;
}

struct pushing { /* a chain whose strategy pushes */
	struct chain chain;
	struct sfe_strategy_info with;
	struct sfe_deployed_job *jobs;
};

static void make(struct pushing *p, const struct sfe_strategy_info *of, unsigned fetch)
{
	const struct sfe_inline_paths paths = {find_path, NULL};

	p->with = *of;
	p->with.name = "with(push)";
	p->with.options = (struct sfe_strategy_options){.fetch = fetch, .push_us = 1000 * BOUND_MS};
	make_chain(&p->chain, &p->with, 1);
	CU_ASSERT_FATAL(!inline_jobs_new(&p->chain.deployment, &paths, &p->jobs));
	p->chain.deployment.jobs = p->jobs;
}

static void drop(struct pushing *p)
{
	inline_jobs_free(p->jobs, 1);
}

struct ahead { /* what came ahead, of all steps and of the last one, and how it was used */
	struct outcome o;
	unsigned pushed, claimed, fetched, last_pushed, last_fetched;
	uint64_t pushed_bytes, used_bytes, ready_ns, called_ns;
};

static void take_ahead(void *context, const union lab_message *m)
{
	struct ahead *a = context;
	const struct sfe_ctl_transfer *t = &m->transfer;

	take(&a->o, m);
	if (m->header.type == SFE_CTL_INVOCATION) {
		a->used_bytes += m->invocation.ahead_bytes;
		a->ready_ns = m->invocation.step == 2 ? m->invocation.ready_ns : a->ready_ns;
		a->called_ns = m->invocation.step == 2 ? m->invocation.request_ns : a->called_ns;
	}
	if (m->header.type != SFE_CTL_TRANSFER)
		return;
	a->pushed += t->kind == SFE_TRANSFER_PUSH;
	a->pushed_bytes += t->kind == SFE_TRANSFER_PUSH ? t->payload_bytes : 0;
	a->claimed += t->kind == SFE_TRANSFER_CLAIM;
	a->fetched += t->kind == SFE_TRANSFER_FETCH;
	a->last_pushed += t->step == 2 && t->kind == SFE_TRANSFER_PUSH;
	a->last_fetched += t->step == 2 && t->kind == SFE_TRANSFER_FETCH;
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
			struct pushing p;
			make(&p, fetching[i / 2], i % 2);
			struct ahead a = run_ahead(&p.chain, (enum lab_kind)kind, 0, 0);
			/* Where states are created on their first use, step 0 has none before. */
			bool first = fetching[i / 2] == &sfe_state_local;
			expect_done(&a.o);
			CU_ASSERT_EQUAL(a.o.attempts_failed, 0);
			CU_ASSERT_EQUAL(a.pushed, first ? 3u : 2u);
			CU_ASSERT_EQUAL(a.pushed_bytes, 203000 + (first ? 203000 : 0));
			CU_ASSERT_EQUAL(a.used_bytes, a.pushed_bytes);
			CU_ASSERT_EQUAL(a.last_fetched, 0);
			/* The store goes on owning what it has, and gives step 0 both. */
			bool store = fetching[i / 2] == &sfe_unchained_in_edge;
			CU_ASSERT_EQUAL(a.claimed, store ? 0 : a.pushed);
			CU_ASSERT_EQUAL(a.fetched, store ? 2 - i % 2 : 0);
			drop(&p);
		}
}

/* Beyond the bound it stays where it is; the rest goes. */
static void test_too_far(void)
{
	struct pushing p;

	far_s = 0.0755;
	make(&p, &sfe_state_local, 0);
	struct ahead a = run_ahead(&p.chain, LAB_SHARED, 0, 0);
	expect_done(&a.o);
	CU_ASSERT(a.last_pushed == 0 && a.last_fetched == 1);
	CU_ASSERT_EQUAL(a.used_bytes, 206000);
	drop(&p);
	far_s = 0.075;
	make(&p, &sfe_state_local, 0);
	a = run_ahead(&p.chain, LAB_SHARED, 0, 0);
	CU_ASSERT(a.last_pushed == 1 && a.last_fetched == 0);
	drop(&p);
	far_s = 0;
}

/* What is pushed is not fetched ahead; what is too far is. */
static void test_with_prefetch(void)
{
	for (int too_far = 0; too_far < 2; too_far++) {
		struct pushing p;
		far_s = too_far ? 1 : 0;
		make(&p, &sfe_state_local, 0);
		p.with.options.prefetch = 1;
		struct ahead a = run_ahead(&p.chain, LAB_SHARED, 0, 0);
		expect_done(&a.o);
		CU_ASSERT_EQUAL(a.used_bytes, 406000);
		CU_ASSERT_EQUAL(a.pushed_bytes, too_far ? 206000 : 406000);
		CU_ASSERT_EQUAL(a.fetched, 0);
		drop(&p);
	}
	far_s = 0;
}

/* The node that has the copy crashes before its step is called: its keeper still owns the state,
 * and nothing is waited for. */
static void test_crash_of_taker(void)
{
	for (size_t i = 0; i < 2 * N_FETCHING; i++) {
		struct pushing p;
		make(&p, fetching[i / 2], 0);
		if (i % 2)
			p.chain.deployment.retry = (struct sfe_retry_policy){0};
		struct ahead a = run_ahead(&p.chain, LAB_SHARED, 3, 30);
		expect_done(&a.o);
		CU_ASSERT_EQUAL(a.last_pushed, 1);
		CU_ASSERT_EQUAL(a.used_bytes, a.pushed_bytes - 200000);
		CU_ASSERT_EQUAL(a.last_fetched, 1);
		CU_ASSERT(a.ready_ns - a.called_ns < BOUND_MS * MS);
		drop(&p);
	}
}

/* The keeper crashes once its state has gone ahead: the copy is what is left of it. */
static void test_crash_of_keeper(void)
{
	for (int back = 0; back < 2; back++) {
		struct pushing p;
		make(&p, &sfe_state_local, 0);
		struct ahead a = run_ahead(&p.chain, LAB_SHARED, 1, back ? 30 : -1);
		expect_done(&a.o);
		CU_ASSERT_EQUAL(a.used_bytes, 406000);
		drop(&p);
	}
}

/* The job is given up before its last step is called: what went ahead is never used. */
static void test_never_used(void)
{
	struct pushing p;

	make(&p, &sfe_state_local, 0);
	p.chain.steps[1].ops = 1000000 * MS;
	p.chain.deployment.job_timeout_ns = 400 * MS;
	struct ahead a = run_ahead(&p.chain, LAB_SHARED, 0, 0);
	expect_failed(&a.o, "which is job_timeout");
	/* Of step 1, which has not ended, there is no record: its 3000 bytes are not known as used.
	 */
	CU_ASSERT_EQUAL(a.pushed_bytes - a.used_bytes, 203000);
	drop(&p);
}

#define COMMON(step, from, version)                                                                \
	"sfemu-job: 0\r\nsfemu-step: " step "\r\nsfemu-from: " from                                \
	"\r\nsfemu-strategy: with(push)\r\nsfemu-versions: " version "\r\n"
#define PUSH(step, from, version, more)                                                            \
	"POST /push/0 HTTP/1.1\r\n" COMMON(step, from, version) more "\r\n"
#define S1(bytes) "sfemu-parts: s1=" bytes "\r\nContent-Length: " bytes "\r\n"

/* Waits until more than a call's bytes have come to a node which reads nothing: how many fit is a
 * setting of the host. */
static void wait_until_comes(uint32_t node)
{
	for (int i = 0; i < LAB_PATIENCE_MS; i++) {
		FILE *f = fopen("/proc/self/net/tcp", "r");
		char line[256];
		unsigned address, port, unread = 0;
		CU_ASSERT_FATAL(f != NULL);
		while (unread < 20000 && fgets(line, sizeof(line), f))
			if (sscanf(line, " %*d: %x:%x %*x:%*x %*x %*x:%x", &address, &port,
				    &unread) != 3 ||
				address != htonl(INADDR_LOOPBACK + node) || port != SFE_PORT)
				unread = 0;
		fclose(f);
		if (unread >= 20000)
			return;
		usleep(1000);
	}
	CU_FAIL("nothing comes");
}

/* A size of which both ends of a connection do not take all: how much they do is a setting of the
 * host, and the kernel's default has grown. */
static uint64_t more_than_sockets_take(void)
{
	uint64_t bytes = 4000000;

	for (int i = 0; i < 2; i++) {
		unsigned long most = 0;
		FILE *f = fopen(
			i ? "/proc/sys/net/ipv4/tcp_wmem" : "/proc/sys/net/ipv4/tcp_rmem", "r");
		CU_ASSERT_FATAL(f && fscanf(f, "%*u %*u %lu", &most) == 1);
		fclose(f);
		bytes += most;
	}
	return bytes;
}

/* The step is called while its state comes, which takes longer than the bound: it waits for the
 * rest, and fetches if that breaks off. */
static void test_on_its_way(void)
{
	for (int breaks = 0; breaks < 2; breaks++) {
		struct lab lab = {0};
		struct pushing p;
		struct ahead a = {0};
		make(&p, &sfe_state_local, 0);
		p.chain.state_bytes[0] = more_than_sockets_take();
		p.chain.job.states_total_bytes = p.chain.state_bytes[0] + 3000;
		p.chain.deployment.n_replicas = (uint32_t)breaks;
		p.chain.deployment.replica_of = p.chain.replica_of;
		lab_start(&lab, &p.chain.deployment);
		kill(lab.pid[3], SIGSTOP);
		lab_go(&lab, 0, 0);
		lab_wait_until_computing(2);
		wait_until_comes(3);
		/* Step 1's state is claimed: node 2 does not wait for node 1 any more. */
		lab_wait_for(1, "states held: 1,");
		kill(lab.pid[1], SIGSTOP);
		kill(lab.pid[3], SIGCONT);
		usleep((300 + 6 * BOUND_MS) * 1000); /* the call comes after 300 ms, or late */
		if (breaks) {                        /* before node 3 has read the rest */
			kill(lab.pid[3], SIGSTOP);
			tell(&lab, 1, SFE_CTL_CRASH);
		}
		kill(lab.pid[1], SIGCONT);
		if (breaks) {
			lab_wait_for_port(1, false);
			kill(lab.pid[3], SIGCONT);
		}
		finish_ahead(&lab, &a);
		CU_ASSERT_EQUAL(a.o.job.status, 0);
		CU_ASSERT(a.ready_ns - a.called_ns > BOUND_MS * MS);
		CU_ASSERT(a.last_pushed == !breaks && a.last_fetched == (unsigned)breaks);
		drop(&p);
	}
}

/* More comes than is kept: the step whose copy is gone does not wait for it. */
static void test_displaced(void)
{
	enum { N = 260 };
	static struct sfe_deployed_job many[N];
	struct lab lab = {.kind = LAB_SHARED};
	struct pushing p;
	struct ahead a = {0};
	char request[1024], head[4096];

	make(&p, &sfe_state_local, 0);
	p.chain.state_bytes[0] = 2000;
	p.chain.job.states_total_bytes = 5000;
	p.chain.steps[1].ops = 900 * MS;
	for (uint32_t j = 0; j < N; j++)
		many[j] = p.jobs[0];
	p.chain.deployment.jobs = many;
	p.chain.deployment.n_jobs = N;
	lab_start(&lab, &p.chain.deployment);
	lab_go(&lab, 0, 0);
	lab_wait_until_computing(2);
	usleep(100000);
	for (unsigned j = 1; j < N; j++) {
		snprintf(request, sizeof(request),
			"POST /push/%u HTTP/1.1\r\nsfemu-step: 2\r\nsfemu-from: 1\r\n"
			"sfemu-strategy: with(push)\r\nsfemu-versions: s0=1\r\n"
			"sfemu-parts: s0=2000\r\nContent-Length: 2000\r\n\r\n",
			j);
		CU_ASSERT_EQUAL_FATAL(lab_ask(3, request, 2000, head, sizeof(head)), 202);
	}
	finish_ahead(&lab, &a);
	CU_ASSERT_EQUAL(a.o.job.status, 0);
	CU_ASSERT_EQUAL(a.last_pushed, N);
	CU_ASSERT_EQUAL(a.last_fetched, 1);
	CU_ASSERT(a.ready_ns - a.called_ns < BOUND_MS * MS);
	drop(&p);
}

/* The node does not take what goes ahead within the deadline: it is not sent again. The call waits
 * for no longer than the bound, and then fetches. */
static void test_given_up(void)
{
	struct lab lab = {0};
	struct pushing p;
	struct ahead a = {0};

	make(&p, &sfe_state_local, 0);
	p.chain.state_bytes[0] = 20000000;
	p.chain.job.states_total_bytes = 20003000;
	p.chain.deployment.retry = (struct sfe_retry_policy){100 * MS, 8, 10 * MS};
	lab_start(&lab, &p.chain.deployment);
	kill(lab.pid[3], SIGSTOP);
	lab_go(&lab, 0, 0);
	lab_wait_until_computing(2);
	usleep(200000);
	kill(lab.pid[3], SIGCONT);
	finish_ahead(&lab, &a);
	CU_ASSERT_EQUAL(a.o.job.status, 0);
	CU_ASSERT(a.o.attempts_failed >= 1);
	CU_ASSERT(a.last_pushed == 0 && a.last_fetched == 1);
	CU_ASSERT(a.ready_ns - a.called_ns > BOUND_MS * MS);
	drop(&p);
}

static void test_forged(void)
{
	static const struct {
		uint32_t node;
		int status;
		const char *request;
		size_t body;
	} asked[] = {
		{2, 400, PUSH("1", "1", "s1=1", "")},                         /* no parts */
		{2, 400, PUSH("1", "1", "s1=1", S1("10")), 10},               /* of another size */
		{2, 400, PUSH("1", "1", "s1=1", "sfemu-parts: s1=3000\r\n")}, /* no body */
		{2, 400,
			PUSH("1", "1", "s1=1",
				"sfemu-parts: s0=3000\r\n"
				"Content-Length: 3000\r\n"),
			3000},
		{2, 400, PUSH("1", "3", "s1=1", S1("3000")), 3000}, /* is not its keeper */
		{2, 400, PUSH("1", "1", "s1=2", S1("3000")), 3000}, /* another version */
		{2, 400, PUSH("1", "1", "s0=1", S1("3000")), 3000}, /* is not read */
		{2, 400, PUSH("7", "1", "s1=1", S1("3000")), 3000}, /* no such step */
		{4, 400, PUSH("1", "1", "s1=1", S1("3000")), 3000}, /* not placed there */
		{2, 400, PUSH("1", "1", "s1=1", "sfemu-attempt: 9\r\n" S1("3000")), 3000},
		{2, 405, "GET /push/0 HTTP/1.1\r\n\r\n"},
		{2, 400, "POST /push/9 HTTP/1.1\r\n" COMMON("1", "1", "s1=1") S1("3000") "\r\n",
			3000},
	};
	struct pushing p;
	struct lab lab = {.kind = LAB_SHARED};
	struct ahead a = {0};
	char head[4096];

	make(&p, &sfe_state_local, 0);
	lab_start(&lab, &p.chain.deployment);
	for (size_t i = 0; i < sizeof(asked) / sizeof(*asked); i++) {
		int status =
			lab_ask(asked[i].node, asked[i].request, asked[i].body, head, sizeof(head));
		CU_ASSERT_EQUAL(status, asked[i].status);
		if (status != asked[i].status)
			fprintf(stderr, "%d for %s%s\n", status, asked[i].request, head);
	}
	lab_go(&lab, 0, 0); /* as if nothing had come */
	finish_ahead(&lab, &a);
	expect_done(&a.o);
	CU_ASSERT_EQUAL(a.used_bytes, 406000);
	drop(&p);
}

/* Where the option is off, nothing is taken. */
static void test_off(void)
{
	struct chain c;
	struct lab lab = {.kind = LAB_SHARED};
	struct outcome o = {0};
	char head[4096];

	make_chain(&c, &sfe_state_local, -1);
	lab_start(&lab, &c.deployment);
	CU_ASSERT_EQUAL(lab_ask(2,
				"POST /push/0 HTTP/1.1\r\nsfemu-job: 0\r\nsfemu-step: 1\r\n"
				"sfemu-from: 1\r\nsfemu-strategy: StateLocal\r\n"
				"sfemu-versions: s1=1\r\n" S1("3000") "\r\n",
				3000, head, sizeof(head)),
		400);
	lab_go(&lab, 0, 0);
	finish(&lab, &o);
	expect_done(&o);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"without faults", test_without_faults},
		{"beyond the bound", test_too_far},
		{"with prefetch=1", test_with_prefetch},
		{"the node with the copy crashes", test_crash_of_taker},
		{"the keeper crashes", test_crash_of_keeper},
		{"never used", test_never_used},
		{"on its way when the step is called", test_on_its_way},
		{"a node that does not take it in time", test_given_up},
		{"more than is kept", test_displaced},
		{"messages that are refused", test_forged},
		{"without the option", test_off},
	};

	return chain_main("worker push", tests, sizeof(tests) / sizeof(*tests));
}

/* SPDX-License-Identifier: MIT */
/* warm=on: workers open the connections that jobs will use, and no others; filler is of no job. */
#include "sfemu/transfer.h"
#include "tests/unit/worker_lab.h"

#define N_NODES 4
#define WINDOW_BYTES (200 * (1500 - 52))

static struct sfe_step steps[] = {
	{.arg_bytes = 100, .out_bytes = 100}, {.arg_bytes = 100, .out_bytes = 100}};
static uint32_t deps[] = {0};
static uint8_t updates[] = {SFE_UPDATE};
static uint64_t state_bytes[] = {1000};
static uint32_t places[] = {1, 2};
static struct sfe_job job = {.number = 1,
	.n_steps = 2,
	.steps = steps,
	.n_states = 1,
	.state_bytes = state_bytes,
	.states_total_bytes = 1000,
	.return_bytes = 100,
	.declared = true};
static const struct sfe_deployed_job deployed[] = {{&job, 0, places}};
static char *function_names[] = {"f"};

/* 200 segments are in flight in a round trip. */
static int find_path(void *arg, uint32_t from, uint32_t to, struct sfe_inline_path *out)
{
	static const struct sfe_hop hop = {.rate_bps = 1e8};
	static struct sfe_hop delayed;
	static const uint32_t link;
	(void)arg;

	delayed = hop;
	delayed.delay_s = 0.5 * (199 * 8 * 1514 - 8 * 66) / 1e8;
	*out = (struct sfe_inline_path){from != to, &delayed, &link};
	return 0;
}

static const struct sfe_inline_paths paths = {find_path, NULL};
static const struct sfe_tcp tcp = {.mtu = 1500, .initial_window = 10, .timestamps = true};

struct outcome {
	unsigned transfers, opened;
};

static void take(void *context, const union lab_message *m)
{
	struct outcome *o = context;

	o->transfers += m->header.type == SFE_CTL_TRANSFER;
	CU_ASSERT_NOT_EQUAL(m->header.type, SFE_CTL_ATTEMPT);
}

static uint32_t warm_up(struct lab *lab, uint32_t node, bool *to)
{
	const struct sfe_ctl_header begin = {SFE_CTL_WARM_UP, node};
	union lab_message m;
	uint32_t n = 0;

	memset(to, 0, N_NODES);
	CU_ASSERT(send(lab->control[node], &begin, sizeof(begin), MSG_NOSIGNAL) == sizeof(begin));
	for (;;) {
		CU_ASSERT_EQUAL_FATAL(lab_receive(lab, (int)node, &m, LAB_PATIENCE_MS), 0);
		CU_ASSERT_EQUAL_FATAL(m.header.type, SFE_CTL_WARMED);
		if (m.warmed.to == UINT32_MAX)
			return n;
		CU_ASSERT_FATAL(m.warmed.to < N_NODES);
		CU_ASSERT_EQUAL(m.warmed.code, 0);
		CU_ASSERT(m.warmed.payload_bytes >= 2 * WINDOW_BYTES && m.warmed.port);
		CU_ASSERT(m.warmed.window[0] && m.warmed.window[1]);
		to[m.warmed.to] = true;
		n++;
	}
}

static unsigned opened(uint32_t node)
{
	char page[4096];
	unsigned n = 0;
	const char *at = strstr(lab_page(node, page, sizeof(page)), "connections: ");

	CU_ASSERT(at && sscanf(at, "connections: %u opened", &n) == 1);
	return n;
}

static void run(enum lab_kind kind, struct sfe_deployment *d)
{
	struct lab lab = {.kind = kind};
	struct outcome o = {0};
	bool to[N_NODES];
	union lab_message m;

	lab_start(&lab, d);
	/* The client calls; step 0 fetches from the client and calls step 1, which fetches from it
	 * and returns. */
	CU_ASSERT_EQUAL(warm_up(&lab, 0, to), 1);
	CU_ASSERT(to[1]);
	CU_ASSERT_EQUAL(warm_up(&lab, 1, to), 2);
	CU_ASSERT(to[0] && to[2]);
	CU_ASSERT_EQUAL(warm_up(&lab, 2, to), 2);
	CU_ASSERT(to[0] && to[1]);
	CU_ASSERT_EQUAL(warm_up(&lab, 3, to), 0);
	lab_go(&lab, 0, 0);
	CU_ASSERT_EQUAL_FATAL(lab_receive(&lab, 0, &m, LAB_PATIENCE_MS), 0);
	CU_ASSERT_EQUAL_FATAL(m.header.type, SFE_CTL_JOB);
	CU_ASSERT_EQUAL(m.job.status, 0);
	CU_ASSERT_EQUAL(opened(0), 1); /* the job has opened no other one */
	CU_ASSERT_EQUAL(opened(1), 2);
	CU_ASSERT_EQUAL(opened(2), 2);
	for (uint32_t i = 0; i < N_NODES; i++)
		lab_stop(&lab, i, take, &o);
	CU_ASSERT_EQUAL(o.transfers, 5);
}

static void test_warm_up(void)
{
	static const char *const names[] = {"n0", "n1", "n2", "n3"};
	struct sfe_strategy_info strategy = sfe_state_local;
	struct sfe_endpoint nodes[N_NODES];
	struct sfe_deployment d = {.strategy = &strategy,
		.n_nodes = N_NODES,
		.nodes = nodes,
		.n_jobs = 1,
		.jobs = deployed,
		.n_functions = 1,
		.function_names = function_names,
		.paths = &paths,
		.tcp = &tcp,
		/* A deadline of attempts is not that of filler. */
		.retry = {.deadline_ns = 30000000000ull, .retries = 2}};

	strategy.name = "StateLocal(warm=on)";
	strategy.options.warm = SFE_WARM_ON;
	for (uint32_t i = 0; i < N_NODES; i++)
		nodes[i] = lab_node(i, names[i]);
	for (uint32_t s = 0; s < 2; s++) {
		steps[s].n_deps = 1;
		steps[s].deps = deps;
		steps[s].access = updates;
	}
	run(LAB_PROCESSES, &d);
	run(LAB_SHARED, &d);
	run(LAB_RING, &d);
}

/* Without the option nobody sends filler. */
static void test_refused(void)
{
	static const char head[] =
		"POST /warm-up HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n";
	struct sfe_strategy_info warm = sfe_state_local;
	struct sfe_endpoint nodes[] = {lab_node(0, "n0")};
	struct sfe_deployment d = {.n_nodes = 1,
		.nodes = nodes,
		.n_functions = 1,
		.function_names = function_names,
		.paths = &paths,
		.tcp = &tcp};
	char answer[4096];

	warm.options.warm = SFE_WARM_ON;
	for (int on = 0; on < 2; on++) {
		struct lab lab = {.kind = LAB_PROCESSES};
		d.strategy = on ? &warm : &sfe_state_local;
		lab_start(&lab, &d);
		/* It asks for an answer of 0 bytes. */
		CU_ASSERT_EQUAL(lab_ask(0, head, 100, answer, sizeof(answer)), 400);
		CU_ASSERT_PTR_NOT_NULL(strstr(answer,
			on ? "more or less filler" : "under this strategy nothing is warmed up"));
		lab_stop(&lab, 0, NULL, NULL);
	}
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"connections that jobs will use", test_warm_up},
		{"filler that is not due", test_refused},
	};

	if (!lab_enter()) {
		puts("SKIPPED: network namespaces are not allowed here");
		return 77;
	}
	return unit_main("worker_warm_up", tests, sizeof(tests) / sizeof(*tests));
}

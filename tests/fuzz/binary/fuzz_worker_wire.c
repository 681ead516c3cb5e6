/* SPDX-License-Identifier: MIT */
/*
 * What comes to a worker over TCP: workers of four nodes in a thread, in a network namespace of
 * this process, and bytes to one of them. Two jobs are chains, one is a graph with a join. Whatever
 * comes, no worker ends before it is told to, and what it tells its orchestrator is of jobs, steps
 * and nodes that there are.
 *
 * The first byte says the node (bits 0, 1), the strategy (bits 2 to 4) and whether the jobs are
 * started (bit 7); the second (enum manner) what else differs. The rest is sent, in parts: when a
 * part is sent, the worker is given time to answer it. Each input gets workers of its own, so that
 * a finding repeats by itself.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "emu/model/workload/job_graph.h"
#include "emu/model/workload/shared_names.h"
#include "nodes/base/control.h"
#include "nodes/base/deployment.h"
#include "nodes/runtime/worker.h"
#include "sfemu/transfer.h"
#include "tests/fuzz/fuzz.h"

#define N_NODES 4
#define N_JOBS 3
#define N_STEPS 3
#define GRAPH_STEPS 5
#define MS 1000000ull

enum manner {
	RING = 1,
	RETRIES = 2,
	DAMAGES = 4,
	COPIES = 8,
	ONE_NODE = 16,
	PARTS = 32,  /* states of the graph have any size, and may come in part; its functions are
		      * code
		      */
	PUSHES = 64, /* states go ahead unasked */
};

static struct sfe_strategy_info in_parallel; /* StateLocal with other options, too */
static const struct sfe_strategy_info *const strategies[8] = {&sfe_state_local, &sfe_pure_faas,
	&sfe_state_propagate, &sfe_unchained_in_edge, &sfe_unchained_in_function,
	&sfe_unchained_in_client, &sfe_unchained_external, &in_parallel};

/* ---- two jobs of three steps: values of 5, 7, 3, 5 bytes; states of 10 and 100 */

static uint32_t both_states[] = {0, 1};
static uint64_t state_bytes[] = {10, 100};
static struct sfe_step steps[N_STEPS] = {
	{.task = 1, .arg_bytes = 5, .out_bytes = 7, .n_deps = 2, .deps = both_states},
	{.task = 2, .arg_bytes = 7, .out_bytes = 3, .n_deps = 1, .deps = both_states},
	{.task = 3, .arg_bytes = 3, .out_bytes = 5, .n_deps = 2, .deps = both_states},
};
#define JOB(n)                                                                                     \
	{                                                                                          \
		.number = (n), .n_steps = N_STEPS, .steps = steps, .n_states = 2,                  \
		.state_bytes = state_bytes, .states_total_bytes = 110, .return_bytes = 5,          \
	}

/* ---- and one that is a graph with declared access: step 0 fans out to 1 and 2, which step 3
 * joins; step 4 follows 1 alone, so that the return value has two parts */

static const struct sfe_edge edges[] = {{0, 1}, {0, 2}, {1, 3}, {2, 3}, {1, 4}};
static uint8_t writes[] = {SFE_WRITE}, reads[] = {SFE_READ},
	       reads_updates[] = {SFE_READ, SFE_UPDATE}, updates_reads[] = {SFE_UPDATE, SFE_READ};
static struct sfe_step graph_steps[GRAPH_STEPS] = {
	{.task = 1,
		.arg_bytes = 5,
		.out_bytes = 7,
		.n_deps = 1,
		.deps = both_states,
		.access = writes},
	{.task = 2,
		.arg_bytes = 7,
		.out_bytes = 3,
		.n_deps = 1,
		.deps = both_states,
		.access = reads},
	{.task = 3,
		.arg_bytes = 7,
		.out_bytes = 5,
		.n_deps = 2,
		.deps = both_states,
		.access = reads_updates},
	{.task = 4,
		.arg_bytes = 8,
		.out_bytes = 2,
		.n_deps = 2,
		.deps = both_states,
		.access = updates_reads},
	{.task = 5, .arg_bytes = 3, .out_bytes = 4},
};
static struct sfe_job jobs[N_JOBS] = {JOB(1), JOB(2),
	{.number = 3,
		.n_steps = GRAPH_STEPS,
		.steps = graph_steps,
		.declared = true,
		.n_states = 2,
		.state_bytes = state_bytes,
		.states_total_bytes = 110,
		.return_bytes = 6}};
static const uint32_t places[N_JOBS][GRAPH_STEPS] = {{0, 1, 2}, {1, 1, 3}, {0, 1, 2, 1, 3}},
		      one_node[GRAPH_STEPS] = {2, 2, 2, 2, 2}, clients[N_JOBS] = {3, 0, 2};

/* ---- all jobs update one state that outlives them, and the graph's others read one of its client
 */

static struct sfe_shared_state shared_states[] = {
	{.name = "first", .scope = SFE_SCOPE_GLOBAL, .bytes = 9},
	{.name = "last", .scope = SFE_SCOPE_CLIENT, .consistency = SFE_LAST_WRITE, .bytes = 20},
};
static const struct sfe_workflows workflows = {.n_shared = 2, .shared = shared_states};
static struct sfe_shared_use updates_first[] = {{0, SFE_UPDATE}, {1, SFE_UPDATE}},
			     uses_last[] = {{1, SFE_READ}}, writes_last[] = {{1, SFE_WRITE}};
static const struct sfe_shared_uses of_chain[N_STEPS] = {{0, NULL}, {1, updates_first}, {0, NULL}},
				    of_graph[GRAPH_STEPS] = {{2, updates_first}, {1, uses_last},
					    {1, writes_last}, {1, updates_first}, {0, NULL}};

/* The graph's functions may name them, as they may name what nobody declares. */
static struct sfe_workflow_state named_states[] = {
	{.name = (char *)"own", .bytes = 10},
	{.name = (char *)"other", .bytes = 100},
	{.name = (char *)"first", .scope = SFE_SCOPE_GLOBAL, .shared = 0},
	{.name = (char *)"last", .scope = SFE_SCOPE_CLIENT, .shared = 1},
};
static struct sfe_workflow_step named_steps[GRAPH_STEPS] = {{.name = (char *)"a"},
	{.name = (char *)"b"}, {.name = (char *)"c"}, {.name = (char *)"d"}, {.name = (char *)"e"}};
static const struct sfe_workflow workflow = {.n_states = 2,
	.n_shared = 2,
	.states = named_states,
	.n_steps = GRAPH_STEPS,
	.steps = named_steps};

static void make_shared(void)
{
	for (uint32_t j = 0; j < N_JOBS; j++)
		jobs[j].shared = jobs[j].graph ? of_graph : of_chain;
}

static void make_strategy(void)
{
	in_parallel = sfe_state_local;
	in_parallel.name = "StateLocal(fetch=parallel)";
	in_parallel.options.fetch = SFE_FETCH_PARALLEL;
	in_parallel.options.cache = SFE_CACHE_ON;
	in_parallel.options.prefetch = 1;
}

static void make_graph(void)
{
	struct sfe_graph *graph;

	CHECK(!sfe_graph_new(GRAPH_STEPS, edges, sizeof(edges) / sizeof(*edges), &graph));
	jobs[2].graph = graph;
}

static const uint32_t replica_of[2 * N_NODES] = {0, 1, 1, 2, 2, 3, 3, 0};
static char *function_names[] = {(char *)"f0", (char *)"called"};
/* The steps' function, and one that other functions call. */
static const struct sfe_function_spec called = {
	.name = (char *)"called", .ops = {1000, 0}, .output = {5, 0}};
static const struct sfe_deployed_function functions[] = {{0}, {.spec = &called}};

/* ---- the workers */

struct lab {
	struct sfe_deployed_job deployed[N_JOBS];
	struct sfe_endpoint nodes[N_NODES];
	struct sfe_shared_instances shared;
	struct sfe_deployment deployment;
	struct sfe_worker_seat seats[N_NODES];
	struct sfe_worker_place place;
	int control[N_NODES];
	pthread_t thread;
};

static void *run_workers(void *arg)
{
	struct lab *lab = arg;
	struct sfe_error err = {0};
	char text[1024];

	int r = sfe_workers_run(&lab->deployment, lab->seats, N_NODES, &lab->place, &err);
	if (r) {
		fprintf(stderr, "the workers ended: %s\n",
			sfe_error_text(&err, text, sizeof(text)));
		abort();
	}
	return NULL;
}

union message {
	struct sfe_ctl_header header;
	struct sfe_ctl_job job;
	struct sfe_ctl_invocation invocation;
	struct sfe_ctl_transfer transfer;
	struct sfe_ctl_attempt attempt;
	struct sfe_ctl_state state;
	struct sfe_ctl_shared shared;
	struct sfe_ctl_created created;
	struct sfe_ctl_error error;
};

static void check_message(const struct lab *lab, const union message *m)
{
	switch (m->header.type) {
	case SFE_CTL_JOB:
		CHECK(m->job.job < N_JOBS);
		break;
	case SFE_CTL_INVOCATION:
		CHECK(m->invocation.job < N_JOBS &&
			m->invocation.step < jobs[m->invocation.job].n_steps);
		break;
	case SFE_CTL_TRANSFER:
		CHECK(m->transfer.job < N_JOBS && m->transfer.step < jobs[m->transfer.job].n_steps);
		CHECK(m->transfer.from < N_NODES);
		break;
	case SFE_CTL_ATTEMPT:
		CHECK(m->attempt.job < N_JOBS && m->attempt.step < jobs[m->attempt.job].n_steps);
		CHECK(m->attempt.to < N_NODES);
		break;
	case SFE_CTL_STATE:
		CHECK(m->state.job < N_JOBS && m->state.state < 2);
		CHECK(m->state.bytes == state_bytes[m->state.state] || m->state.job == 2);
		CHECK(m->state.version <= N_STEPS);
		break;
	case SFE_CTL_SHARED:
		CHECK(m->shared.job < N_JOBS && m->shared.step < jobs[m->shared.job].n_steps);
		CHECK(m->shared.outcome <= SFE_SHARED_ASKED && !m->shared.epoch);
		CHECK(m->shared.access <= SFE_BY_NAME_DELETE);
		CHECK(lab->shared.of[0].sizes_vary || m->shared.instance >= lab->shared.n ||
			m->shared.bytes == 9 || m->shared.bytes == 20);
		break;
	case SFE_CTL_CREATED:
		CHECK(m->created.instance >= lab->shared.n && m->created.name[0] &&
			strnlen(m->created.name, SFE_CREATED_NAME) < SFE_CREATED_NAME);
		break;
	case SFE_CTL_ERROR:
		fprintf(stderr, "a worker ended: %s\n", m->error.text);
		abort();
	}
}

/* Reads what the worker says, up to a message of this type. */
static void receive_until(const struct lab *lab, uint32_t node, uint32_t type)
{
	union message m;

	do {
		ssize_t n = TEMP_FAILURE_RETRY(recv(lab->control[node], &m, sizeof(m), 0));
		CHECK(n >= (ssize_t)sizeof(m.header)); /* else it is gone, untold */
		check_message(lab, &m);
	} while (m.header.type != type);
}

/* The graph is of a workflow, and its functions are code. */
static void name_states(struct lab *lab, unsigned manner)
{
	static const bool is_code[] = {true, true};
	const struct sfe_named_job named = {
		&workflow, {&jobs[2], clients[2], manner & ONE_NODE ? one_node : places[2], 2}};
	bool seen = false;

	lab->deployed[2].workflow = &workflow;
	CHECK(!sfe_shared_names_add(&lab->shared, &named, is_code, 2, &seen));
}

static int find_path(void *arg, uint32_t from, uint32_t to, struct sfe_inline_path *out)
{
	static const struct sfe_hop none;
	static const uint32_t links[] = {0};
	(void)arg;

	*out = (struct sfe_inline_path){from != to, &none, links};
	return 0;
}

static void push(struct lab *lab, const struct sfe_strategy_info *of)
{
	const struct sfe_inline_paths paths = {find_path, NULL};
	struct sfe_strategy_info rules = *of;

	rules.options.push_us = 1000;
	for (uint32_t j = 0; rules.keeper && j < N_JOBS; j++) {
		const struct sfe_placed_job placed = {
			&jobs[j], clients[j], lab->deployed[j].node, 2};
		struct sfe_pushed *pushed = NULL;
		CHECK(!sfe_pushed_new(&rules, &placed, NULL, &paths, &pushed));
		lab->deployed[j].pushed = pushed;
	}
}

static void start(struct lab *lab, unsigned strategy, unsigned manner)
{
	for (uint32_t j = 0; j < N_JOBS; j++) {
		const uint32_t *node = manner & ONE_NODE ? one_node : places[j];
		const struct sfe_placed_job placed = {&jobs[j], clients[j], node, 2};
		lab->deployed[j] = (struct sfe_deployed_job){.job = &jobs[j],
			.client = clients[j],
			.sizes_vary = j == 2 && manner & PARTS,
			.node = node};
		CHECK(!sfe_shared_add(&lab->shared, &workflows, &placed, false));
	}
	if (manner & PARTS)
		name_states(lab, manner);
	if (manner & PUSHES)
		push(lab, strategies[strategy]);
	for (uint32_t i = 0; i < N_NODES; i++) {
		int pair[2];
		CHECK(!socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair));
		lab->control[i] = pair[0];
		lab->seats[i] = (struct sfe_worker_seat){i, pair[1]};
		lab->nodes[i] = (struct sfe_endpoint){"n", htonl(INADDR_LOOPBACK + i), 1e9};
	}
	lab->place = (struct sfe_worker_place){.ring = manner & RING};
	lab->deployment = (struct sfe_deployment){.strategy = strategies[strategy],
		.n_nodes = N_NODES,
		.nodes = lab->nodes,
		.n_jobs = N_JOBS,
		.jobs = lab->deployed,
		.n_functions = 2,
		.function_names = function_names,
		.functions = functions,
		.seed = 7,
		.store = 2,
		.shared = &lab->shared,
		.cloud = 1,
		.damages = manner & DAMAGES,
		.job_timeout_ns = 100 * MS,
		.n_replicas = manner & COPIES ? 1 : 0,
		.replica_of = replica_of};
	if (manner & RETRIES)
		lab->deployment.retry = (struct sfe_retry_policy){
			.deadline_ns = 20 * MS, .retries = 1, .backoff_ns = MS};
	CHECK(!pthread_create(&lab->thread, NULL, run_workers, lab));
	for (uint32_t i = 0; i < N_NODES; i++)
		receive_until(lab, i, SFE_CTL_READY);
}

static void start_jobs(const struct lab *lab)
{
	for (uint32_t j = 0; j < N_JOBS; j++) {
		uint32_t client = lab->deployed[j].client;
		struct sfe_ctl_go go = {{SFE_CTL_GO, client}, j, 0};
		CHECK(send(lab->control[client], &go, sizeof(go), MSG_NOSIGNAL) == sizeof(go));
	}
}

static void stop(struct lab *lab)
{
	for (uint32_t i = 0; i < N_NODES; i++) {
		struct sfe_ctl_header h = {SFE_CTL_STOP, i};
		CHECK(send(lab->control[i], &h, sizeof(h), MSG_NOSIGNAL) == sizeof(h));
		receive_until(lab, i, SFE_CTL_BYE);
	}
	CHECK(!pthread_join(lab->thread, NULL));
	for (uint32_t i = 0; i < N_NODES; i++) {
		close(lab->control[i]);
		close(lab->seats[i].control_fd);
	}
	sfe_shared_free(&lab->shared);
	for (uint32_t j = 0; j < N_JOBS; j++)
		free((void *)lab->deployed[j].pushed);
}

/* ---- the other side */

static int connect_to(uint32_t node)
{
	const struct sockaddr_in to = {.sin_family = AF_INET,
		.sin_port = htons(SFE_PORT),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK + node)};
	const struct timeval patience = {.tv_sec = 2};
	const struct linger reset = {.l_onoff = 1}; /* no address stays in TIME_WAIT */
	const int on = 1;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	CHECK(fd >= 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	CHECK(!TEMP_FAILURE_RETRY(connect(fd, (const struct sockaddr *)&to, sizeof(to))));
	return fd;
}

/* A worker answers who comes later after it has read what was there before. One that does not
 * answer is gone: it says why. */
static void let_it_read(const struct lab *lab, uint32_t node)
{
	static const char text[] = "GET / HTTP/1.1\r\n\r\n";
	char answer[1024] = "";
	int fd = connect_to(node);

	CHECK(send(fd, text, sizeof(text) - 1, MSG_NOSIGNAL) == (ssize_t)sizeof(text) - 1);
	if (TEMP_FAILURE_RETRY(recv(fd, answer, sizeof(answer), 0)) < 15)
		receive_until(lab, node, SFE_CTL_BYE);
	CHECK(!memcmp(answer, "HTTP/1.1 200 OK", 15));
	close(fd);
}

static void send_all(int fd, const char *at, size_t n)
{
	while (n) {
		ssize_t sent = TEMP_FAILURE_RETRY(send(fd, at, n, MSG_NOSIGNAL));
		if (sent <= 0) /* the worker has refused it, and closed */
			return;
		at += sent;
		n -= (size_t)sent;
	}
}

static void talk(const struct lab *lab, uint32_t node, struct part rest)
{
	char answer[8192];
	int fd = connect_to(node);

	while (rest.at) {
		struct part part = next_part(&rest);
		send_all(fd, part.at, part.len);
		let_it_read(lab, node);
		while (recv(fd, answer, sizeof(answer), MSG_DONTWAIT) > 0)
			;
	}
	shutdown(fd, SHUT_WR);
	while (TEMP_FAILURE_RETRY(recv(fd, answer, sizeof(answer), 0)) > 0)
		;
	close(fd);
}

/* Memory for a body is there as soon as it is announced: only the length of what may have any is
 * limited here. */
static bool has_large_number(const uint8_t *data, size_t size)
{
	size_t digits = 0;

	for (size_t i = 0; i < size && digits < 7; i++)
		digits = data[i] >= '0' && data[i] <= '9' ? digits + 1 : 0;
	return digits == 7;
}

static bool may_have_any_size(const uint8_t *data, size_t size)
{
	return data[1] & PARTS || memmem(data, size, "/named/", 7);
}

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct ifreq lo = {.ifr_name = "lo", .ifr_flags = IFF_UP};
	(void)argc, (void)argv;

	if (unshare(CLONE_NEWNET | (geteuid() ? CLONE_NEWUSER : 0))) {
		fprintf(stderr, "SKIPPED: network namespaces are not allowed here: %s\n",
			strerror(errno));
		_exit(77);
	}
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	CHECK(fd >= 0 && !ioctl(fd, SIOCSIFFLAGS, &lo));
	close(fd);
	make_strategy();
	make_graph();
	make_shared();
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct lab lab = {0};

	if (size < 3 || (may_have_any_size(data, size) && has_large_number(data + 2, size - 2)))
		return 0;
	uint32_t node = data[0] & 3;
	start(&lab, data[0] >> 2 & 7, data[1]);
	if (data[0] & 0x80)
		start_jobs(&lab);
	talk(&lab, node, (struct part){(const char *)data + 2, size - 2});
	stop(&lab);
	return 0;
}

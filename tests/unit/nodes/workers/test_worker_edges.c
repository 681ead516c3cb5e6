/* SPDX-License-Identifier: MIT */
/* What a worker does when all is not well: strangers, nonsense, peers that die. curl is the judge
 * of its HTTP. */
#include <netinet/tcp.h>

#include "tests/unit/worker_lab.h"

#define BODY 2000000
#define FOREVER 1000000000000000ull /* operations: 11 days */

static char *function_names[] = {"f0"};

/* Two steps, on nodes 1 and 2, client 0; one state. */
struct edge {
	uint32_t deps[1], node[2];
	uint64_t state_bytes[1];
	struct sfe_step steps[2];
	struct sfe_job job;
	struct sfe_deployed_job deployed;
	struct sfe_endpoint nodes[3];
	struct sfe_deployment deployment;
};

static void make_edge(
	struct edge *e, const struct sfe_strategy_info *strategy, uint64_t ops0, uint64_t ops1)
{
	*e = (struct edge){.deps = {0}, .node = {1, 2}, .state_bytes = {1000}};
	e->steps[0] = (struct sfe_step){
		.ops = ops0, .arg_bytes = BODY, .out_bytes = 50, .n_deps = 1, .deps = e->deps};
	e->steps[1] = (struct sfe_step){
		.ops = ops1, .arg_bytes = 50, .out_bytes = 60, .n_deps = 1, .deps = e->deps};
	e->job = (struct sfe_job){.number = 1,
		.n_steps = 2,
		.steps = e->steps,
		.n_states = 1,
		.state_bytes = e->state_bytes,
		.states_total_bytes = 1000};
	e->deployed = (struct sfe_deployed_job){&e->job, 0, e->node};
	e->nodes[0] = lab_node(0, "client");
	e->nodes[1] = lab_node(1, "first");
	e->nodes[2] = lab_node(2, "second");
	e->deployment = (struct sfe_deployment){.strategy = strategy,
		.n_nodes = 3,
		.nodes = e->nodes,
		.n_jobs = 1,
		.jobs = &e->deployed,
		.n_functions = 1,
		.function_names = function_names,
		.seed = 1};
}

/* ---- curl */

#define CURL "curl -s --max-time 10 "
#define STATUS CURL "-o /dev/null -w '%{http_code}' "

static void expect(const char *command, const char *answer)
{
	char out[4096];

	lab_output(command, out, sizeof(out));
	CU_ASSERT_PTR_NOT_NULL(strstr(out, answer));
	if (!strstr(out, answer))
		fprintf(stderr, "%s\n  gave: %s\n", command, out);
}

/* Sends raw bytes and reads until the end. */
static void expect_raw(const char *bytes, size_t n, const char *answer)
{
	struct sockaddr_in to = {.sin_family = AF_INET,
		.sin_port = htons(SFE_PORT),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct timeval patience = {.tv_sec = 10};
	char out[8192] = "";
	size_t got = 0;
	ssize_t r;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	CU_ASSERT_FATAL(!connect(fd, (struct sockaddr *)&to, sizeof(to)));
	CU_ASSERT(send(fd, bytes, n, MSG_NOSIGNAL) == (ssize_t)n);
	shutdown(fd, SHUT_WR);
	while (got < sizeof(out) - 1 && (r = recv(fd, out + got, sizeof(out) - 1 - got, 0)) > 0)
		got += (size_t)r;
	CU_ASSERT_PTR_NOT_NULL(strstr(out, answer));
	if (!strstr(out, answer))
		fprintf(stderr, "%.40s\n  gave: %s\n", bytes, out);
	close(fd);
}

#define INVOKE                                                                                     \
	"-H 'sfemu-job: 0' -H 'sfemu-step: 0' -H 'sfemu-from: 0' -H 'sfemu-strategy: PureFaaS' "   \
	"http://127.0.0.2:8080/invoke "

/* A request for several states, of the client, which runs no step. */
#define STATES "-H 'sfemu-step: 0' -H 'sfemu-from: 0' -H 'sfemu-versions: s0=0' "

static void test_http(void)
{
	struct edge e;
	struct lab lab = {0};

	make_edge(&e, &sfe_pure_faas, 1000, 1000);
	lab_start(&lab, &e.deployment);
	expect(CURL "http://127.0.0.1:8080/", "sfemu worker client (node 0), strategy PureFaaS");
	expect(CURL "http://127.0.0.2:8080/ http://127.0.0.2:8080/",
		"connections: 0 opened, 1 accepted");
	expect(CURL "-0 http://127.0.0.1:8080/", "sfemu worker");
	expect(STATUS "http://127.0.0.1:8080/nope", "404");
	expect(STATUS "http://127.0.0.1:8080/state/0/0", "404");
	expect(STATUS "http://127.0.0.1:8080/state/0/x", "404");
	expect(CURL STATES "-H 'sfemu-strategy: PureFaaS' http://127.0.0.1:8080/states/0",
		"no node keeps states for others");
	expect(STATUS "-X DELETE http://127.0.0.1:8080/", "405");
	expect(STATUS "http://127.0.0.1:8080/invoke", "405");
	expect(STATUS "-d x -H 'Transfer-Encoding: chunked' http://127.0.0.1:8080/invoke", "411");
	expect("head -c 2000000 /dev/zero | " STATUS "--data-binary @- http://127.0.0.1:8080/nope",
		"404");
	expect("head -c 2000000 /dev/zero | " STATUS
	       "--data-binary @- http://127.0.0.2:8080/invoke",
		"400");
	/* A whole call by hand, which waits for 100-continue. */
	expect("head -c 2001000 /dev/zero | " CURL
	       "-o /dev/null -w '%{http_code} %{size_download}' "
	       "-H 'Expect: 100-continue' --data-binary @- -H 'sfemu-parts: arg=2000000, "
	       "s0=1000' " INVOKE,
		"200 1050");
	expect("head -c 2001000 /dev/zero | " STATUS
	       "--data-binary @- -H 'sfemu-parts: arg=1999999, s0=1001' " INVOKE,
		"400");
	expect("head -c 2000000 /dev/zero | " STATUS
	       "--data-binary @- -H 'sfemu-parts: arg=2000000' " INVOKE,
		"400"); /* its state has to come with it */
	for (uint32_t i = 0; i < 3; i++)
		lab_stop(&lab, i, NULL, NULL);
}

#define PUT                                                                                        \
	"-X PUT --data-binary @- -H 'sfemu-job: 0' -H 'sfemu-step: 0' -H 'sfemu-from: 0' "         \
	"-H 'sfemu-strategy: UnchainedInEdge' "

/* A store gives copies, and takes what is newer. */
static void test_store(void)
{
	static const char get[] = "-H 'sfemu-step: 0' http://127.0.0.2:8080/state/0/0";
	struct edge e;
	struct lab lab = {0};
	char command[512];

	make_edge(&e, &sfe_unchained_in_edge, 1000, 1000);
	e.deployment.store = 1;
	lab_start(&lab, &e.deployment);
	expect("head -c 1000 /dev/zero | " STATUS PUT
	       "-H 'sfemu-version: 1' http://127.0.0.2:8080/state/0/0",
		"409"); /* it was never there */
	snprintf(command, sizeof(command),
		CURL "-o /dev/null -w '%%{http_code} %%{size_download}' %s", get);
	expect(command, "200 1000");
	expect(command, "200 1000");
	expect(CURL STATES "-H 'sfemu-strategy: UnchainedInEdge' http://127.0.0.2:8080/states/0",
		"step 0 does not run on node 0");
	expect("head -c 1000 /dev/zero | " STATUS PUT
	       "-H 'sfemu-version: 1' http://127.0.0.1:8080/state/0/0",
		"400"); /* no store */
	expect("head -c 999 /dev/zero | " STATUS PUT
	       "-H 'sfemu-version: 1' http://127.0.0.2:8080/state/0/0",
		"400");
	expect("head -c 1000 /dev/zero | " STATUS PUT "http://127.0.0.2:8080/state/0/0", "400");
	expect("head -c 1000 /dev/zero | " STATUS PUT
	       "-H 'sfemu-version: 1' http://127.0.0.2:8080/state/0/1",
		"400");
	expect("head -c 1000 /dev/zero | " STATUS PUT
	       "-H 'sfemu-version: 1' http://127.0.0.2:8080/state/0/0",
		"200");
	expect("head -c 1000 /dev/zero | " STATUS PUT
	       "-H 'sfemu-version: 1' http://127.0.0.2:8080/state/0/0",
		"409"); /* it has this one */
	snprintf(command, sizeof(command), CURL "%s | tr -d '\\0' | wc -c", get);
	expect(command, "0");
	for (uint32_t i = 0; i < 3; i++)
		lab_stop(&lab, i, NULL, NULL);
}

static void test_nonsense(void)
{
	static char big[100000];
	struct edge e;
	struct lab lab = {0};
	char out[4096];

	make_edge(&e, &sfe_state_local, 1000, 1000);
	lab_start(&lab, &e.deployment);
#define RAW(text, answer) expect_raw(text, sizeof(text) - 1, answer)
	RAW("garbage\r\n\r\n", "HTTP/1.1 400");
	RAW("GET / HTTP/1.1\r\nsfemu-job: -1\r\n\r\n", "HTTP/1.1 400");
	RAW("GET / HTTP/1.1\r\nContent-Length: 99999999999999999999999\r\n\r\n", "HTTP/1.1 400");
	RAW("GET / HTTP/1.1\r\nContent-Length: 2000000000\r\n\r\n", "HTTP/1.1 413");
	RAW("\0\1\2\3", "HTTP/1.1 400");
	RAW("POST /return HTTP/1.1\r\nsfemu-job: 0\r\nsfemu-step: 1\r\nsfemu-from: 2\r\n"
	    "sfemu-strategy: StateLocal\r\nsfemu-parts: arg=60\r\nContent-Length: 60\r\n\r\n"
	    "012345678901234567890123456789012345678901234567890123456789",
		"HTTP/1.1 409");
	RAW("GET / HTTP/1.1\r\n\r\nGET /nope HTTP/1.1\r\n\r\n", "HTTP/1.1 404"); /* pipelined */
	memset(big, 'a', sizeof(big));
	memcpy(big, "GET / HTTP/1.1\r\nx: ", 19);
	expect_raw(big, sizeof(big), "HTTP/1.1 431");
	/* Many in one go: answered in order, without a deep stack. */
	for (size_t i = 0; i < sizeof(big) / 19; i++)
		memcpy(big + i * 19, "GET / HTTP/1.1\r\n\r\n ", 18 + 1), big[i * 19 + 18] = '\n';
	expect_raw(big, sizeof(big) / 19 * 19, "HTTP/1.1 200");
	lab_output(CURL "http://127.0.0.1:8080/", out, sizeof(out));
	CU_ASSERT_PTR_NOT_NULL(strstr(out, "StateLocal"));
	for (uint32_t i = 0; i < 3; i++)
		lab_stop(&lab, i, NULL, NULL);
}

/* ---- death */

static void kill_while_computing(const struct sfe_strategy_info *strategy, uint32_t victim)
{
	struct edge e;
	struct lab lab = {0};
	union lab_message m = {0};

	make_edge(&e, strategy, victim == 1 ? FOREVER : 1000, FOREVER);
	lab_start(&lab, &e.deployment);
	lab_go(&lab, 0, 0);
	lab_wait_until_computing(victim);
	kill(lab.pid[victim], SIGKILL);
	CU_ASSERT_EQUAL_FATAL(lab_receive(&lab, 0, &m, LAB_PATIENCE_MS), 0);
	CU_ASSERT_EQUAL(m.header.type, SFE_CTL_JOB);
	CU_ASSERT(m.job.status < 0);
	CU_ASSERT_PTR_NOT_NULL(strstr(m.job.reason, victim == 1 ? "first" : "second"));
	waitpid(lab.pid[victim], NULL, 0);
	close(lab.control[victim]);
	for (uint32_t i = 0; i < 3; i++) {
		if (i != victim)
			lab_stop(&lab, i, NULL, NULL);
	}
}

static void test_kill(void)
{
	for (uint32_t victim = 1; victim <= 2; victim++) {
		kill_while_computing(&sfe_pure_faas, victim);
		kill_while_computing(&sfe_state_propagate, victim);
		kill_while_computing(&sfe_state_local, victim);
		kill_while_computing(&sfe_unchained_in_client, victim);
		kill_while_computing(&sfe_unchained_in_function, victim);
	}
}

/* A worker that was stopped is no loss to the others, and a missing one fails the job at once. */
static void test_stop_then_call(void)
{
	struct edge e;
	struct lab lab = {0};
	union lab_message m = {0};

	make_edge(&e, &sfe_state_propagate, 1000, 1000);
	lab_start(&lab, &e.deployment);
	lab_go(&lab, 0, 0);
	CU_ASSERT_EQUAL_FATAL(lab_receive(&lab, 0, &m, LAB_PATIENCE_MS), 0);
	CU_ASSERT_EQUAL(m.job.status, 0);
	lab_stop(&lab, 2, NULL, NULL);
	usleep(50000);
	/* Job 0 again, now without its second node: node 1 finds out and says so. */
	lab_go(&lab, 0, 0);
	CU_ASSERT_EQUAL_FATAL(lab_receive(&lab, 0, &m, LAB_PATIENCE_MS), 0);
	CU_ASSERT_EQUAL(m.job.status, -ECONNREFUSED);
	CU_ASSERT_PTR_NOT_NULL(strstr(m.job.reason, "calling second"));
	lab_stop(&lab, 0, NULL, NULL);
	lab_stop(&lab, 1, NULL, NULL);
}

static void test_port_in_use(void)
{
	struct edge e;
	struct lab lab = {0};
	union lab_message m = {0};
	int pair[2];
	struct sfe_error err = {0};

	make_edge(&e, &sfe_state_local, 1, 1);
	lab_start(&lab, &e.deployment);
	CU_ASSERT(!socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair));
	CU_ASSERT_EQUAL(sfe_worker_run(&e.deployment, 1, pair[1], &err), -EADDRINUSE);
	CU_ASSERT(recv(pair[0], &m, sizeof(m), MSG_DONTWAIT) == sizeof(m.error));
	CU_ASSERT_EQUAL(m.header.type, SFE_CTL_ERROR);
	CU_ASSERT_EQUAL(m.error.code, -EADDRINUSE);
	close(pair[0]);
	close(pair[1]);
	close(lab.control[0]); /* its orchestrator is gone: it ends by itself */
	lab.control[0] = -1;
	for (uint32_t i = 0; i < 3; i++)
		lab_stop(&lab, i, NULL, NULL);
}

/* Jobs start at their time, not at that of the command; one that cannot run is told, with a reason.
 */
static void test_start(void)
{
	struct edge e;
	struct lab lab = {0};
	union lab_message m = {0};
	struct timespec now;

	make_edge(&e, &sfe_pure_faas, 1000, 1000);
	lab_start(&lab, &e.deployment);
	clock_gettime(CLOCK_MONOTONIC, &now);
	uint64_t at_ns = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec + 100000000u;
	lab_go(&lab, 0, at_ns);
	CU_ASSERT_EQUAL_FATAL(lab_receive(&lab, 0, &m, LAB_PATIENCE_MS), 0);
	CU_ASSERT_EQUAL(m.job.status, 0);
	CU_ASSERT(m.job.start_ns >= at_ns && m.job.start_ns < at_ns + 1000000000u);
	struct sfe_ctl_go go = {{SFE_CTL_GO, 1}, 0, 0};
	CU_ASSERT(send(lab.control[1], &go, sizeof(go), 0) == sizeof(go));
	CU_ASSERT_EQUAL_FATAL(lab_receive(&lab, 1, &m, LAB_PATIENCE_MS), 0);
	CU_ASSERT_EQUAL(m.job.status, -EINVAL);
	CU_ASSERT_STRING_EQUAL(m.job.reason, "not a job of this client");
	for (uint32_t i = 0; i < 3; i++)
		lab_stop(&lab, i, NULL, NULL);
}

/* A head byte by byte is a head; one that breaks off is nothing to wait for. */
static void test_slow_head(void)
{
	static const char text[] = "GET / HTTP/1.1\r\nsfemu-holders: s0=1, s1=2\r\n\r\n";
	struct sockaddr_in to = {.sin_family = AF_INET,
		.sin_port = htons(SFE_PORT),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct edge e;
	struct lab lab = {0};
	char out[1024] = "";
	const int on = 1;

	make_edge(&e, &sfe_state_local, 1000, 1000);
	lab_start(&lab, &e.deployment);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	CU_ASSERT_FATAL(!connect(fd, (struct sockaddr *)&to, sizeof(to)));
	for (size_t i = 0; i < sizeof(text) - 1; i++) {
		CU_ASSERT_EQUAL(send(fd, text + i, 1, MSG_NOSIGNAL), 1);
		usleep(500);
	}
	CU_ASSERT(recv(fd, out, sizeof(out) - 1, 0) > 0);
	CU_ASSERT_PTR_NOT_NULL(strstr(out, "HTTP/1.1 200"));
	CU_ASSERT_EQUAL(send(fd, text, 20, MSG_NOSIGNAL), 20);
	close(fd);
	expect(CURL "http://127.0.0.1:8080/", "sfemu worker");
	for (uint32_t i = 0; i < 3; i++)
		lab_stop(&lab, i, NULL, NULL);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"HTTP as curl sees it", test_http},
		{"a store of states", test_store},
		{"nonsense is refused", test_nonsense},
		{"a worker that is killed fails its jobs", test_kill},
		{"a worker that has stopped", test_stop_then_call},
		{"a job's start", test_start},
		{"a head byte by byte", test_slow_head},
		{"port in use, orchestrator gone", test_port_in_use},
	};

	if (!lab_enter()) {
		puts("SKIPPED: network namespaces are not allowed here");
		return 77;
	}
	return unit_main("worker edges", tests, sizeof(tests) / sizeof(*tests));
}

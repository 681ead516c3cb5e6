/* SPDX-License-Identifier: MIT */
/*
 * Workers with the option cache=on: what moves, how often the cache of a node served, and that each
 * step reads what its home had, also after crashes and from a home that lies.
 */
#include "nodes/base/payload.h"
#include "tests/unit/nodes/workers/cache_lab.h"

enum { FIXED, CHANGING }; /* no step changes the first one */
static uint8_t content[2][5000];
static struct sfe_shared_state states[] = {
	[FIXED] = {.name = "fixed",
		.scope = SFE_SCOPE_GLOBAL,
		.bytes = 5000,
		.content = content[0]},
	[CHANGING] = {.name = "changing",
		.scope = SFE_SCOPE_GLOBAL,
		.consistency = SFE_LAST_WRITE,
		.bytes = 700,
		.content = content[1],
		.changes = true},
};
static const struct sfe_workflows workflows = {.n_shared = 2, .shared = states};
static struct sfe_shared_use reads[] = {{FIXED, SFE_READ}, {CHANGING, SFE_READ}},
			     updates[] = {{CHANGING, SFE_UPDATE}};
static const struct sfe_shared_uses reads_both[] = {{2, reads}}, updates_one[] = {{1, updates}};

struct bench {
	struct sfe_endpoint nodes[N_NODES];
	struct sfe_job jobs[N_JOBS];
	struct sfe_step steps[N_JOBS];
	uint32_t node[N_JOBS];
	struct sfe_deployed_job deployed[N_JOBS];
	struct sfe_shared_instances shared;
	struct sfe_deployment deployment;
};

/* Jobs of client 0 with one step each. Those in `changes` (bits) change a state, on its home; the
 * others read both, the first of them at the home. */
static void make_bench(struct bench *b, uint32_t n_jobs, unsigned changes)
{
	*b = (struct bench){0};
	cached = sfe_state_local;
	cached.name = "StateLocal(cache=on)";
	cached.options.cache = SFE_CACHE_ON;
	for (uint32_t i = 0; i < 2; i++)
		payload_fill(1, i, content[i], sizeof(content[i]));
	for (uint32_t i = 0; i < N_NODES; i++)
		b->nodes[i] = lab_node(i, "n");
	for (uint32_t j = 0; j < n_jobs; j++) {
		b->steps[j] = (struct sfe_step){.ops = MS, .arg_bytes = 100, .out_bytes = 200};
		b->node[j] = !j || changes >> j & 1 ? HOME : READER;
		b->jobs[j] = (struct sfe_job){.number = 10 + j,
			.n_steps = 1,
			.steps = &b->steps[j],
			.declared = true,
			.shared = changes >> j & 1 ? updates_one : reads_both};
		b->deployed[j] = (struct sfe_deployed_job){&b->jobs[j], 0, &b->node[j]};
		const struct sfe_placed_job placed = {&b->jobs[j], 0, &b->node[j], STORE};
		CU_ASSERT_EQUAL_FATAL(sfe_shared_add(&b->shared, &workflows, &placed, false), 0);
	}
	b->deployment = (struct sfe_deployment){.strategy = &cached,
		.n_nodes = N_NODES,
		.nodes = b->nodes,
		.n_jobs = n_jobs,
		.jobs = b->deployed,
		.n_functions = 1,
		.function_names = function_names,
		.seed = 7,
		.store = STORE,
		.shared = &b->shared};
}

/* ---- what a run leaves */

static void tell(struct lab *lab, uint32_t node, enum sfe_ctl_type what)
{
	const struct sfe_ctl_header message = {what, node};

	CU_ASSERT(send(lab->control[node], &message, sizeof(message), MSG_NOSIGNAL) ==
		  sizeof(message));
}

static void crash(struct lab *lab, uint32_t node)
{
	tell(lab, node, SFE_CTL_CRASH);
	lab_wait_for_port(node, false);
}

static void restart(struct lab *lab, uint32_t node)
{
	tell(lab, node, SFE_CTL_RESTART);
	lab_wait_for_port(node, true);
}

/* What each step has read is what the home has made of that version, or began with. */
static void expect_fresh(const struct outcome *o, uint32_t n_read)
{
	CU_ASSERT_EQUAL(o->n_read, n_read);
	for (uint32_t i = 0; i < o->n_read; i++) {
		const struct sfe_ctl_shared *x = &o->read[i];
		bool found = false;
		for (uint32_t k = 0; k < o->n_home && !found; k++) {
			const struct sfe_ctl_shared *h = &o->home[k];
			bool made = h->outcome == SFE_SHARED_WRITTEN;
			found = h->instance == x->instance && h->digest == x->digest &&
				(made ? h->epoch == x->epoch_read &&
							h->version_made == x->version_read
				      : h->outcome == SFE_SHARED_READ &&
							h->epoch_read == x->epoch_read &&
							h->version_read == x->version_read);
		}
		CU_ASSERT(found);
	}
}

/* ---- states that outlive jobs */

static void test_shared(void)
{
	static const enum lab_kind kinds[] = {LAB_PROCESSES, LAB_SHARED, LAB_RING};

	for (unsigned i = 0; i < 3; i++) {
		struct lab lab = {.kind = kinds[i]};
		struct outcome o = {0};
		struct bench b;
		make_bench(&b, 6, 1 << 3);
		lab_start(&lab, &b.deployment);
		for (uint32_t j = 0; j < 6; j++)
			run_job(&lab, &o, j);
		end(&lab, &o);
		expect_moved(&o, 0, 0, 0, 0); /* at the home */
		expect_moved(&o, 1, 0, 2, 5700);
		expect_moved(&o, 2, 2, 1, 0);   /* nothing is asked of what nothing changes */
		expect_moved(&o, 4, 1, 1, 700); /* job 3 has changed it */
		expect_moved(&o, 5, 2, 1, 0);
		expect_fresh(&o, 11);
		for (uint32_t k = 0; k < o.n_read; k++)
			if (o.read[k].instance == 1)
				CU_ASSERT_EQUAL(o.read[k].version_read, o.read[k].job > 3);
		sfe_shared_free(&b.shared);
	}
}

/* Without the option each use is fetched, as it ever was. */
static void test_off(void)
{
	struct lab lab = {.kind = LAB_PROCESSES};
	struct outcome o = {0};
	struct bench b;

	make_bench(&b, 3, 0);
	b.deployment.strategy = &sfe_state_local;
	lab_start(&lab, &b.deployment);
	for (uint32_t j = 0; j < 3; j++)
		run_job(&lab, &o, j);
	end(&lab, &o);
	expect_moved(&o, 1, 0, 2, 5700);
	expect_moved(&o, 2, 0, 2, 5700);
	sfe_shared_free(&b.shared);
}

/* The cache of a node that crashed is empty. */
static void test_reader_crashes(void)
{
	struct lab lab = {.kind = LAB_PROCESSES};
	struct outcome o = {0};
	struct bench b;

	make_bench(&b, 4, 0);
	lab_start(&lab, &b.deployment);
	for (uint32_t j = 0; j < 3; j++)
		run_job(&lab, &o, j);
	crash(&lab, READER);
	restart(&lab, READER);
	run_job(&lab, &o, 3);
	end(&lab, &o);
	expect_moved(&o, 2, 2, 1, 0);
	expect_moved(&o, 3, 0, 2, 5700);
	sfe_shared_free(&b.shared);
}

/* A home that crashed begins anew: what others have of it is of another epoch, and is not used.
 * What nothing changes is the same in each. */
static void test_home_crashes(void)
{
	struct lab lab = {.kind = LAB_PROCESSES};
	struct outcome o = {0};
	struct bench b;

	make_bench(&b, 6, 1 << 1);
	lab_start(&lab, &b.deployment);
	for (uint32_t j = 0; j < 4; j++)
		run_job(&lab, &o, j);
	crash(&lab, HOME);
	restart(&lab, HOME);
	for (uint32_t j = 4; j < 6; j++)
		run_job(&lab, &o, j);
	end(&lab, &o);
	expect_moved(&o, 2, 0, 2, 5700);
	expect_moved(&o, 3, 2, 1, 0);
	expect_moved(&o, 4, 1, 1, 700);
	expect_moved(&o, 5, 2, 1, 0);
	for (uint32_t k = 0; k < o.n_read; k++)
		if (o.read[k].instance == 1 && o.read[k].job >= 4)
			CU_ASSERT(o.read[k].epoch_read == 1 && !o.read[k].version_read);
	sfe_shared_free(&b.shared);
}

/* What does not fit beside the invocations is not kept: here one of the two states. */
static void test_memory(void)
{
	struct lab lab = {.kind = LAB_PROCESSES};
	struct outcome o = {0};
	struct bench b;

	make_bench(&b, 4, 0);
	b.nodes[READER].limits.memory = 100 + 200 + 5700 + 1000;
	lab_start(&lab, &b.deployment);
	for (uint32_t j = 0; j < 4; j++)
		run_job(&lab, &o, j);
	end(&lab, &o);
	expect_moved(&o, 1, 0, 2, 5700);
	expect_moved(&o, 2, 1, 2, 5000);
	expect_moved(&o, 3, 1, 2, 5000);
	sfe_shared_free(&b.shared);
}

/* Answers all requests of one connection after another with these bytes. */
static pid_t answer_as(uint32_t node, const char *bytes)
{
	const struct sockaddr_in here = {.sin_family = AF_INET,
		.sin_port = htons(SFE_PORT),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK + node)};
	const int on = 1;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char request[4096];

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	CU_ASSERT_FATAL(!bind(fd, (const struct sockaddr *)&here, sizeof(here)) && !listen(fd, 8));
	pid_t pid = fork();
	CU_ASSERT_FATAL(pid >= 0);
	if (pid) {
		close(fd);
		return pid;
	}
	for (;;) {
		int c = accept(fd, NULL, NULL);
		if (c >= 0 && recv(c, request, sizeof(request), 0) > 0)
			send(c, bytes, strlen(bytes), MSG_NOSIGNAL);
		if (c >= 0)
			close(c);
	}
}

/* What is no answer to the request fails the job, and the worker goes on. */
static void test_lies(void)
{
#define SAYS(status, more) "HTTP/1.1 " status "\r\nConnection: close\r\n" more "\r\n"
	static const char *const answers[] = {
		SAYS("304 Not Modified", "sfemu-version: 1\r\n"),
		SAYS("304 Not Modified", "sfemu-epoch: 1\r\nsfemu-version: 0\r\n"),
		SAYS("304 Not Modified", ""),
		SAYS("200 OK", "sfemu-version: 1\r\nContent-Length: 3\r\n") "abc",
		SAYS("200 OK", "sfemu-version: 1\r\nsfemu-changes: s1=0/700/0+3\r\n"
			       "Content-Length: 3\r\n") "abc", /* sizes do not vary here */
		SAYS("412 Precondition Failed", "Content-Length: 0\r\n"),
	};

	for (size_t i = 0; i < sizeof(answers) / sizeof(*answers); i++) {
		struct lab lab = {.kind = LAB_PROCESSES};
		struct outcome o = {0};
		struct bench b;
		make_bench(&b, 4, 0);
		lab_start(&lab, &b.deployment);
		run_job(&lab, &o, 0);
		run_job(&lab, &o, 1);
		crash(&lab, HOME);
		pid_t pid = answer_as(HOME, answers[i]);
		run_job(&lab, &o, 2);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		restart(&lab, HOME);
		run_job(&lab, &o, 3);
		end(&lab, &o);
		CU_ASSERT(o.job[2].status < 0);
		CU_ASSERT_PTR_NOT_NULL(strstr(o.job[2].reason, "state changing from n: answered"));
		expect_moved(&o, 3, 2, 1, 0);
		sfe_shared_free(&b.shared);
	}
#undef SAYS
}

/* Requests that name a version are for this option. */
static void test_asked(void)
{
#define ASK(version)                                                                               \
	"GET /shared/1 HTTP/1.1\r\nsfemu-job: 1\r\nsfemu-step: 0\r\nsfemu-from: 2\r\n"             \
	"sfemu-strategy: StateLocal(cache=on)\r\n" version "\r\n"
	struct lab lab = {.kind = LAB_PROCESSES};
	struct outcome o = {0};
	char answer[4096];
	struct bench b;

	make_bench(&b, 2, 0);
	for (unsigned on = 0; on < 2; on++) {
		cached.options.cache = on;
		lab_start(&lab, &b.deployment);
		const int not_off = on ? 304 : 400;
		CU_ASSERT_EQUAL(lab_ask(HOME, ASK(""), 0, answer, sizeof(answer)), 200);
		CU_ASSERT_EQUAL(
			lab_ask(HOME, ASK("sfemu-version: 0\r\n"), 0, answer, sizeof(answer)),
			not_off);
		CU_ASSERT_EQUAL(!on || !strstr(answer, "Content-Length"), true);
		CU_ASSERT_EQUAL(
			lab_ask(HOME, ASK("sfemu-version: 9\r\n"), 0, answer, sizeof(answer)),
			on ? 200 : 400);
		CU_ASSERT_EQUAL(lab_ask(HOME, ASK("sfemu-epoch: 9\r\nsfemu-version: 0\r\n"), 0,
					answer, sizeof(answer)),
			on ? 200 : 400);
		end(&lab, &o);
	}
	sfe_shared_free(&b.shared);
#undef ASK
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"states that outlive jobs", test_shared},
		{"without the option", test_off},
		{"the reader crashes", test_reader_crashes},
		{"the home crashes", test_home_crashes},
		{"what does not fit", test_memory},
		{"answers that are none", test_lies},
		{"requests that name a version", test_asked},
	};

	if (!lab_enter()) {
		puts("SKIPPED: network namespaces are not allowed here");
		return 77;
	}
	return unit_main(
		"cache of states that outlive jobs", tests, sizeof(tests) / sizeof(tests[0]));
}

/* SPDX-License-Identifier: MIT */
/*
 * Functions that use states by name, on workers: the example of scenarios/tally.yaml. Many jobs add
 * to one state at once, nodes crash, answers are lost; forged requests are refused. What the homes
 * record is the sum of all changes, each of which has taken effect once.
 */
#include <errno.h>
#include <xxhash.h>

#include "emu/model/workload/shared_names.h"
#include "tests/unit/worker_lab.h"

#define N_NODES 4
#define N_JOBS 12
#define STORE 2
#define CLOUD 3
#define MS 1000000ull
#define MAX_RECORDS 8192
#define TEXT_BYTES 4000u

static const struct sfe_strategy_info *const strategies[] = {&sfe_pure_faas, &sfe_state_propagate,
	&sfe_state_local, &sfe_unchained_external, &sfe_unchained_in_edge,
	&sfe_unchained_in_function, &sfe_unchained_in_client};
#define N_STRATEGIES (sizeof(strategies) / sizeof(strategies[0]))

static struct sfe_shared_state states[] = {{.name = "total", .scope = SFE_SCOPE_GLOBAL},
	{.name = "mine", .scope = SFE_SCOPE_CLIENT, .bytes = 5, .content = "12345"}};
static struct sfe_workflow_state declared[] = {
	{.name = (char *)"own", .bytes = 1},
	{.name = (char *)"total", .scope = SFE_SCOPE_GLOBAL, .shared = 0},
	{.name = (char *)"mine", .scope = SFE_SCOPE_CLIENT, .shared = 1},
};
static struct sfe_workflow_step step_names[] = {{.name = (char *)"one"}};
static const struct sfe_workflow workflow = {
	.n_states = 1, .n_shared = 2, .states = declared, .n_steps = 1, .steps = step_names};
static char *function_names[] = {(char *)"tally"};

struct bench {
	struct sfe_endpoint nodes[N_NODES];
	struct sfe_function_spec spec;
	struct sfe_function_file file;
	struct sfe_deployed_function function;
	struct sfe_step step;
	struct sfe_job jobs[N_JOBS];
	uint32_t node[N_JOBS];
	struct sfe_deployed_job deployed[N_JOBS];
	struct sfe_shared_instances shared;
	struct sfe_deployment deployment;
	struct sfe_job_content content;
	char text[N_JOBS][TEXT_BYTES];
};

/* Text of job j: j + 1 words. */
static uint64_t words_of(uint32_t job)
{
	return job + 1;
}

static struct bench *make_bench(uint32_t n_jobs)
{
	static const char *const names[] = {"n0", "n1", "n2", "n3"};
	static struct sfe_job_content contents[N_JOBS];
	static const bool is_code[] = {true};
	struct bench *b = calloc(1, sizeof(*b));
	bool seen = false;

	if (!b)
		abort();
	b->file = lab_read_file(SFE_TALLY);
	b->spec = (struct sfe_function_spec){
		.name = function_names[0], .kind = SFE_FUNCTION_PLUGIN, .ops = {1000, 0}};
	b->function = (struct sfe_deployed_function){&b->spec, 1, &b->file};
	b->step = (struct sfe_step){.arg_bytes = TEXT_BYTES, .out_bytes = 1};
	b->shared.states = states;
	b->shared.first_code = SFE_NONE;
	for (uint32_t i = 0; i < N_NODES; i++)
		b->nodes[i] = lab_node(i, names[i]);
	for (uint32_t j = 0; j < n_jobs; j++) {
		memset(b->text[j], ' ', TEXT_BYTES);
		for (uint32_t w = 0; w < words_of(j); w++)
			b->text[j][8 * w] = 'x';
		contents[j] = (struct sfe_job_content){.argument = b->text[j]};
		b->jobs[j] = (struct sfe_job){
			.number = 10 + j, .n_steps = 1, .steps = &b->step, .content = &contents[j]};
		b->node[j] = 1 + j % 2;
		b->deployed[j] = (struct sfe_deployed_job){.job = &b->jobs[j],
			.client = j / 2 % 2,
			.node = &b->node[j],
			.sizes_vary = true,
			.workflow = &workflow};
		const struct sfe_named_job named = {
			&workflow, {&b->jobs[j], b->deployed[j].client, &b->node[j], STORE}};
		CU_ASSERT_EQUAL_FATAL(
			sfe_shared_names_add(&b->shared, &named, is_code, 1, &seen), 0);
	}
	b->deployment = (struct sfe_deployment){.n_nodes = N_NODES,
		.nodes = b->nodes,
		.n_jobs = n_jobs,
		.jobs = b->deployed,
		.n_functions = 1,
		.function_names = function_names,
		.functions = &b->function,
		.scratch = "/tmp",
		.seed = 7,
		.shared = &b->shared,
		.cloud = CLOUD,
		.retry = {.deadline_ns = 5000 * MS, .retries = 6, .backoff_ns = 20 * MS}};
	return b;
}

static void drop(struct bench *b)
{
	sfe_shared_free(&b->shared);
	free((void *)b->file.bytes);
	free(b);
}

/* ---- what a run leaves */

struct outcome {
	uint32_t done, failed, n, n_created;
	struct sfe_ctl_shared records[MAX_RECORDS];
	char created[64][SFE_CREATED_NAME];
	char reason[160];
	uint64_t got_bytes, put_bytes;
};

static void take(void *context, const union lab_message *m)
{
	struct outcome *o = context;

	switch (m->header.type) {
	case SFE_CTL_JOB:
		o->done += !m->job.status;
		o->failed += !!m->job.status;
		if (m->job.status)
			snprintf(o->reason, sizeof(o->reason), "%s", m->job.reason);
		break;
	case SFE_CTL_TRANSFER:
		o->got_bytes += m->transfer.kind == SFE_TRANSFER_DYNAMIC_GET
					? m->transfer.payload_bytes
					: 0;
		o->put_bytes += m->transfer.kind == SFE_TRANSFER_DYNAMIC_PUT
					? m->transfer.payload_bytes
					: 0;
		break;
	case SFE_CTL_SHARED:
		CU_ASSERT_FATAL(o->n < MAX_RECORDS);
		o->records[o->n++] = m->shared;
		break;
	case SFE_CTL_CREATED:
		CU_ASSERT_FATAL(o->n_created < 64);
		snprintf(o->created[o->n_created++], SFE_CREATED_NAME, "%s", m->created.name);
		break;
	}
}

static struct outcome *begin(
	struct lab *lab, struct bench *b, const struct sfe_strategy_info *strategy)
{
	struct outcome *o = calloc(1, sizeof(*o));

	if (!o)
		abort();
	b->deployment.strategy = strategy;
	b->deployment.store = strategy->store == SFE_STORE_CLOUD ? CLOUD : STORE;
	lab_start(lab, &b->deployment);
	return o;
}

static void wait_for(struct lab *lab, struct outcome *o, uint32_t jobs)
{
	union lab_message m;

	while (o->done + o->failed < jobs) {
		CU_ASSERT_EQUAL_FATAL(lab_receive(lab, -1, &m, LAB_PATIENCE_MS), 0);
		take(o, &m);
	}
}

static void end(struct lab *lab, struct outcome *o, uint32_t jobs)
{
	wait_for(lab, o, jobs);
	for (uint32_t i = 0; i < N_NODES; i++)
		lab_stop(lab, i, take, o);
}

static uint32_t count(const struct outcome *o, enum sfe_shared_outcome outcome, uint32_t access)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < o->n; i++)
		n += o->records[i].outcome == outcome && o->records[i].access == access;
	return n;
}

/* The total's versions are the sums of the words, each job's once an epoch. Returns the last one.
 */
static uint64_t check_total(const struct outcome *o, const struct bench *b)
{
	uint32_t total = sfe_shared_find(&b->shared, 0, SFE_NONE);
	bool changed[N_JOBS] = {false};
	uint64_t sum = 0;

	for (uint32_t number = 0; number < o->n; number++)
		for (uint32_t i = 0; i < o->n; i++) { /* in the order of the home */
			const struct sfe_ctl_shared *x = &o->records[i];
			if (x->instance != total || x->number != number ||
				x->outcome >= SFE_SHARED_GOT)
				continue;
			if (x->outcome == SFE_SHARED_ANEW) {
				memset(changed, 0, sizeof(changed));
				sum = 0;
			}
			if (x->outcome != SFE_SHARED_WRITTEN)
				continue;
			CU_ASSERT_FALSE(changed[x->job]);
			changed[x->job] = true;
			CU_ASSERT_EQUAL(x->change, 1);
			sum += words_of(x->job);
			CU_ASSERT_EQUAL(x->digest, XXH3_64bits(&sum, sizeof(sum)));
		}
	return sum;
}

/* ---- tests */

/* All jobs start at once. */
static void test_sum(void)
{
	uint32_t refused = 0;

	for (unsigned i = 0; i < N_STRATEGIES; i++) {
		struct lab lab = {.kind = (enum lab_kind)(i % 3)};
		struct bench *b = make_bench(N_JOBS);
		struct outcome *o = begin(&lab, b, strategies[i]);
		for (uint32_t j = 0; j < N_JOBS; j++)
			lab_go(&lab, j, 0);
		end(&lab, o, N_JOBS);
		CU_ASSERT_EQUAL(o->done, N_JOBS);
		CU_ASSERT_STRING_EQUAL(o->reason, "");
		CU_ASSERT_EQUAL(check_total(o, b), N_JOBS * (N_JOBS + 1) / 2);
		CU_ASSERT_EQUAL(o->n_created, 1);
		CU_ASSERT_STRING_EQUAL(o->created[0], "longest");
		refused += count(o, SFE_SHARED_CONFLICT, SFE_BY_NAME_PUT);
		CU_ASSERT_EQUAL(count(o, SFE_SHARED_WRITTEN, SFE_BY_NAME_PUT) >= N_JOBS, true);
		free(o);
		drop(b);
	}
	/* Whether some are under one strategy is a matter of how fast jobs run. */
	CU_ASSERT(refused > 0);
}

/* Waits until the home has the state that the function puts last. */
static void wait_until_put(uint32_t home)
{
	static const char get[] =
		"GET /named/longest HTTP/1.1\r\nsfemu-job: 0\r\nsfemu-step: 0\r\nsfemu-from: 1\r\n"
		"sfemu-strategy: PureFaaS\r\nsfemu-function: tally\r\nsfemu-operation: 0\r\n\r\n";
	char answer[512];

	for (int i = 0; i < LAB_PATIENCE_MS; i++) {
		int status = lab_ask(home, get, 0, answer, sizeof(answer));
		CU_ASSERT_FATAL(status == 200 || status == 404);
		if (status == 200)
			return;
		usleep(1000);
	}
	CU_FAIL("the function never put it");
}

/* The function's node crashes after the put has taken effect: the job runs again, and its put is
 * the same one. */
static void test_repeated(void)
{
	struct lab lab = {.kind = LAB_PROCESSES};
	struct bench *b = make_bench(2);
	struct outcome *o;

	b->nodes[1].speed_ops = 1e5; /* what it computes after the put takes 2 s */
	b->node[1] = 1;
	o = begin(&lab, b, &sfe_pure_faas);
	struct sfe_ctl_header message = {SFE_CTL_CRASH, 1};
	lab_go(&lab, 0, 0);
	wait_until_put(sfe_shared_created_home(&b->shared, &sfe_pure_faas, STORE));
	lab_wait_until_computing(1);
	CU_ASSERT(send(lab.control[1], &message, sizeof(message), 0) == sizeof(message));
	message.type = SFE_CTL_RESTART;
	CU_ASSERT(send(lab.control[1], &message, sizeof(message), 0) == sizeof(message));
	wait_for(&lab, o, 1);
	lab_go(&lab, 1, 0);
	end(&lab, o, 2);
	CU_ASSERT_EQUAL(o->done, 2);
	CU_ASSERT_EQUAL(check_total(o, b), 1 + 2);
	CU_ASSERT_EQUAL(count(o, SFE_SHARED_REPEATED, SFE_BY_NAME_PUT), 1);
	free(o);
	drop(b);
}

/* The home is down for good: the invocation fails with the reason. */
static void test_home_is_down(void)
{
	struct lab lab = {.kind = LAB_PROCESSES};
	struct bench *b = make_bench(1);
	struct outcome *o = begin(&lab, b, &sfe_pure_faas);
	struct sfe_ctl_header message = {SFE_CTL_CRASH, CLOUD};

	CU_ASSERT(send(lab.control[CLOUD], &message, sizeof(message), 0) == sizeof(message));
	lab_wait_for_port(CLOUD, false);
	lab_go(&lab, 0, 0);
	end(&lab, o, 1);
	CU_ASSERT_EQUAL(o->failed, 1);
	CU_ASSERT_STRING_EQUAL(
		o->reason, "function tally: state total, whose home is n3: it is down");
	free(o);
	drop(b);
}

/* The home crashes between two jobs, and begins anew. */
static void test_home_crashes(void)
{
	struct lab lab = {.kind = LAB_PROCESSES};
	struct bench *b = make_bench(2);
	struct outcome *o = begin(&lab, b, &sfe_pure_faas);
	struct sfe_ctl_header message = {SFE_CTL_CRASH, CLOUD};

	lab_go(&lab, 0, 0);
	wait_for(&lab, o, 1);
	CU_ASSERT(send(lab.control[CLOUD], &message, sizeof(message), 0) == sizeof(message));
	message.type = SFE_CTL_RESTART;
	CU_ASSERT(send(lab.control[CLOUD], &message, sizeof(message), 0) == sizeof(message));
	lab_go(&lab, 1, 0);
	end(&lab, o, 2);
	CU_ASSERT_EQUAL(o->done, 2);
	CU_ASSERT_EQUAL(check_total(o, b), 2);
	CU_ASSERT_EQUAL(count(o, SFE_SHARED_ANEW, SFE_BY_NAME_GET), 1);
	free(o);
	drop(b);
}

#define HEAD(method, name, job, strategy, more)                                                    \
	method " /named/" name " HTTP/1.1\r\nsfemu-job: " job                                      \
	       "\r\nsfemu-step: 0\r\nsfemu-from: 1\r\nsfemu-strategy: " strategy                   \
	       "\r\nsfemu-function: tally\r\n" more
#define EDGE "UnchainedInEdge"
#define GET(name, job) HEAD("GET", name, job, EDGE, "sfemu-operation: 0\r\n") "\r\n"
#define PUT(name, job, operation, more)                                                            \
	HEAD("PUT", name, job, EDGE, "sfemu-operation: " operation "\r\n" more)                    \
	"Content-Length: 3\r\n\r\n"
#define DELETE(name, job, operation, more)                                                         \
	HEAD("DELETE", name, job, EDGE, "sfemu-operation: " operation "\r\n" more) "\r\n"
#define KNOWS(version) "sfemu-version: " version "\r\n"

/* What a home answers, request by request: also the same one again, whose answer was lost. */
static void test_requests(void)
{
	static const struct {
		const char *head;
		size_t body;
		int status;
		const char *says; /* in the head of the answer */
	} cases[] = {
		/* First-write: only the newest version. */
		{GET("total", "0"), 0, 200, "sfemu-version: 0\r\n"},
		{PUT("total", "0", "1", ""), 3, 409, "sfemu-version: 0\r\n"}, /* it knows none */
		{PUT("total", "0", "1", KNOWS("0")), 3, 200, "sfemu-version: 1\r\n"},
		{PUT("total", "0", "1", KNOWS("0")), 3, 200, "sfemu-version: 1\r\n"}, /* again */
		{PUT("total", "1", "1", KNOWS("0")), 3, 409, "sfemu-version: 1\r\n"},
		{PUT("total", "1", "1", KNOWS("1") "sfemu-epoch: 1\r\n"), 3, 409, ""},
		{PUT("total", "1", "1", KNOWS("1")), 3, 200, "sfemu-version: 2\r\n"},
		/* The first one, from a later attempt of the job, which has got the newest version.
		 */
		{PUT("total", "0", "1", KNOWS("2") "sfemu-attempt: 2\r\n"), 3, 200,
			"sfemu-version: 1\r\n"},
		{DELETE("total", "0", "2", KNOWS("1")), 0, 409, ""},
		{DELETE("total", "0", "2", KNOWS("2")), 0, 200, "sfemu-version: 3\r\n"},
		{DELETE("total", "0", "2", KNOWS("2")), 0, 200, "sfemu-version: 3\r\n"}, /* again */
		{DELETE("total", "0", "3", KNOWS("3")), 0, 404, "sfemu-version: 3\r\n"},
		{GET("total", "0"), 0, 404, "sfemu-version: 3\r\n"},
		{PUT("total", "1", "2", KNOWS("1")), 3, 409, ""},
		{PUT("total", "1", "2", ""), 3, 200, "sfemu-version: 4\r\n"}, /* nothing is there */
		/* The call at run time that the function is makes another change of it. */
		{HEAD("PUT", "total", "1", EDGE,
			 "sfemu-operation: 2\r\nsfemu-call: 1.2\r\n" KNOWS(
				 "4")) "Content-Length: 3\r\n\r\n",
			3, 200, "sfemu-version: 5\r\n"},
		/* A name that nobody declares. */
		{GET("new", "0"), 0, 404, "sfemu-operation: 0\r\n"},
		{DELETE("new", "0", "1", ""), 0, 404, ""},
		{PUT("new", "0", "1", KNOWS("0")), 3, 200, "sfemu-version: 1\r\n"},
		{PUT("new", "1", "1", ""), 3, 200, "sfemu-version: 2\r\n"},
		{PUT("new", "1", "1", ""), 3, 200, "sfemu-version: 2\r\n"},
		{GET("new", "0"), 0, 200, "Content-Length: 3\r\n"},
		/* What no worker sends. */
		{GET("own", "0"), 0, 400, ""},
		{GET("..", "0"), 0, 400, ""},
		{GET("", "0"), 0, 400, ""},
		{GET("mine", "0"), 0, 200, "Content-Length: 5\r\n"},
		{GET("total", "2"), 0, 400, ""}, /* no such job */
		{HEAD("GET", "total", "0", EDGE, "") "\r\n", 0, 400, ""},
		{HEAD("GET", "total", "0", EDGE, "sfemu-operation: 1\r\n") "\r\n", 0, 400, ""},
		{HEAD("GET", "total", "0", "StateLocal", "sfemu-operation: 0\r\n") "\r\n", 0, 400,
			""},
		{HEAD("GET", "total", "0", EDGE,
			 "sfemu-operation: 0\r\nsfemu-attempt: 9\r\n") "\r\n",
			0, 400, ""},
		{PUT("total", "0", "0", KNOWS("5")), 3, 400, ""},
		{PUT("total", "0", "1001", KNOWS("5")), 3, 400, ""},
		{DELETE("total", "0", "0", ""), 0, 400, ""},
		{HEAD("POST", "total", "0", EDGE, "sfemu-operation: 1\r\n") "\r\n", 0, 405, ""},
		{"GET /named/total HTTP/1.1\r\n\r\n", 0, 400, ""},
	};
	struct lab lab = {.kind = LAB_PROCESSES};
	struct bench *b = make_bench(2);
	struct outcome *o = begin(&lab, b, &sfe_unchained_in_edge);
	char answer[512];

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		int status = lab_ask(STORE, cases[i].head, cases[i].body, answer, sizeof(answer));
		CU_ASSERT_EQUAL(status, cases[i].status);
		CU_ASSERT_PTR_NOT_NULL(strstr(answer, cases[i].says));
		if (status != cases[i].status || !strstr(answer, cases[i].says))
			printf("%zu: %s\n%s\n", i, cases[i].head, answer);
	}
	CU_ASSERT_EQUAL(
		lab_ask(0, GET("total", "0"), 0, answer, sizeof(answer)), 400); /* not the home */
	end(&lab, o, 0);
	CU_ASSERT_EQUAL(count(o, SFE_SHARED_WRITTEN, SFE_BY_NAME_PUT), 6);
	CU_ASSERT_EQUAL(count(o, SFE_SHARED_WRITTEN, SFE_BY_NAME_DELETE), 1);
	CU_ASSERT_EQUAL(count(o, SFE_SHARED_REPEATED, SFE_BY_NAME_PUT), 3);
	CU_ASSERT_EQUAL(count(o, SFE_SHARED_REPEATED, SFE_BY_NAME_DELETE), 1);
	CU_ASSERT_EQUAL(count(o, SFE_SHARED_CONFLICT, SFE_BY_NAME_PUT), 4);
	CU_ASSERT_EQUAL(count(o, SFE_SHARED_ABSENT, SFE_BY_NAME_GET), 1);
	CU_ASSERT_EQUAL(o->n_created, 1);
	free(o);
	drop(b);
}

/* So many names, and no more. */
static void test_names(void)
{
	struct lab lab = {.kind = LAB_PROCESSES};
	struct bench *b = make_bench(1);
	struct outcome *o = begin(&lab, b, &sfe_unchained_in_edge);
	char head[512], answer[512];

	for (uint32_t i = 0; i <= SFE_MOST_CREATED; i++) {
		snprintf(head, sizeof(head), PUT("n%u", "0", "1", ""), i);
		int status = lab_ask(STORE, head, 3, answer, sizeof(answer));
		CU_ASSERT_EQUAL_FATAL(status, i < SFE_MOST_CREATED ? 200 : 507);
	}
	CU_ASSERT_EQUAL(
		lab_ask(STORE, PUT("n7", "0", "2", KNOWS("1")), 3, answer, sizeof(answer)), 200);
	CU_ASSERT_EQUAL(lab_ask(STORE, GET("n4096", "0"), 0, answer, sizeof(answer)), 404);
	/* take() does not keep so many. */
	for (uint32_t i = 0; i < N_NODES; i++)
		lab_stop(&lab, i, NULL, NULL);
	free(o);
	drop(b);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"many jobs add to one state", test_sum},
		{"a job that runs again puts once", test_repeated},
		{"a home that is down", test_home_is_down},
		{"a home that begins anew", test_home_crashes},
		{"requests, and those that no worker sends", test_requests},
		{"the number of names", test_names},
	};

	if (!lab_enter()) {
		puts("SKIPPED: network namespaces are not allowed here");
		return 77;
	}
	return unit_main("worker_named", tests, sizeof(tests) / sizeof(*tests));
}

/* SPDX-License-Identifier: MIT */
/*
 * Functions that call others at run time, on workers: the example of scenarios/backup.yaml, whose
 * callees run where this test says. Many wait at once; nodes crash; forged calls are refused.
 */
#include <errno.h>
#include <xxhash.h>

#include "nodes/base/payload.h"
#include "tests/unit/worker_lab.h"

#define N_NODES 4
#define N_JOBS 40
#define BLOCK 65536u
#define BYTES (3 * BLOCK + 1000)
#define N_BLOCKS 4
#define N_CASTS 2 /* of a job: archive, and check, a minute later */
#define MS 1000000ull

enum { CLIENT, CALLER, CALLEE, OTHER };
enum { BACKUP, FINGERPRINT, ARCHIVE, CHECK, N_FUNCTIONS };

static char *function_names[] = {"backup", "fingerprint", "archive", "check"};
static const struct sfe_strategy_info *const strategies[] = {
	&sfe_pure_faas, &sfe_state_propagate, &sfe_state_local};

struct bench {
	struct sfe_endpoint nodes[N_NODES];
	struct sfe_function_spec specs[N_FUNCTIONS];
	struct sfe_function_file files[2];
	struct sfe_deployed_function functions[N_FUNCTIONS];
	struct sfe_step step;
	struct sfe_job jobs[N_JOBS];
	struct sfe_deployed_job deployed[N_JOBS];
	uint32_t node;
	struct sfe_deployment deployment;
	uint64_t right[N_JOBS]; /* return digests */
};

static uint64_t right_digest(uint32_t number)
{
	static uint8_t argument[BYTES];
	uint8_t prints[8 * N_BLOCKS];

	payload_fill(payload_job_key(1, number), 0, argument, BYTES);
	for (unsigned b = 0; b < N_BLOCKS; b++) {
		uint64_t hash = 0xcbf29ce484222325u;
		for (unsigned i = b * BLOCK; i < BYTES && i < (b + 1) * BLOCK; i++)
			hash = (hash ^ argument[i]) * 0x100000001b3u;
		for (unsigned i = 0; i < 8; i++)
			prints[8 * b + i] = (uint8_t)(hash >> (56 - 8 * i));
	}
	return XXH3_64bits(prints, sizeof(prints));
}

static void make(struct bench *b, const struct sfe_strategy_info *strategy, uint32_t n_jobs)
{
	static const char *const names[] = {"client", "caller", "callee", "other"};

	*b = (struct bench){.node = CALLER,
		.files = {lab_read_file(SFE_BACKUP), lab_read_file(SFE_FINGERPRINT)},
		.step = {.function = BACKUP, .arg_bytes = BYTES, .out_bytes = 1}};
	for (uint32_t f = 0; f < N_FUNCTIONS; f++) {
		b->specs[f] = (struct sfe_function_spec){.name = function_names[f],
			.kind = f <= FINGERPRINT ? SFE_FUNCTION_PLUGIN : SFE_FUNCTION_SYNTHETIC,
			.ops = {f == ARCHIVE ? 5e8 : 1e6, 0},
			.output = {10, 0}};
		b->functions[f] = (struct sfe_deployed_function){
			&b->specs[f], f <= FINGERPRINT, &b->files[f <= FINGERPRINT ? f : 0]};
	}
	for (uint32_t i = 0; i < N_NODES; i++)
		b->nodes[i] = lab_node(i, names[i]);
	for (uint32_t j = 0; j < n_jobs; j++) {
		b->jobs[j] = (struct sfe_job){.number = j + 1, .n_steps = 1, .steps = &b->step};
		b->deployed[j] = (struct sfe_deployed_job){
			.job = &b->jobs[j], .client = CLIENT, .node = &b->node, .sizes_vary = true};
		b->right[j] = right_digest(j + 1);
	}
	b->deployment = (struct sfe_deployment){.strategy = strategy,
		.n_nodes = N_NODES,
		.nodes = b->nodes,
		.n_jobs = n_jobs,
		.jobs = b->deployed,
		.n_functions = N_FUNCTIONS,
		.function_names = function_names,
		.functions = b->functions,
		.scratch = "/tmp",
		.seed = 1,
		.retry = {.deadline_ns = 5000 * MS, .retries = 4, .backoff_ns = 20 * MS}};
}

static void drop(struct bench *b)
{
	free((void *)b->files[0].bytes);
	free((void *)b->files[1].bytes);
}

/* ---- the orchestrator of this test */

struct outcome {
	uint32_t done, failed, ended_calls, ended_casts, delayed, placed, late;
	uint32_t runs[N_NODES][N_FUNCTIONS];
	uint32_t requests; /* the most of a call */
	char reason[160];
};

struct run {
	struct bench *b;
	struct lab lab;
	struct outcome o;
	uint32_t to;                                     /* where callees run */
	void (*placing)(struct run *r, uint32_t number); /* NULL, or before the number-th answer */
	uint32_t held; /* answers that wait until so many calls have asked */
	struct sfe_ctl_placed answers[N_JOBS];
	uint32_t n_answers;
};

static void answer(struct run *r, const struct sfe_ctl_placed *placed)
{
	CU_ASSERT(send(r->lab.control[placed->header.node], placed, sizeof(*placed),
			  MSG_NOSIGNAL) == sizeof(*placed));
}

static void place(struct run *r, const struct sfe_ctl_call *m)
{
	if (r->placing)
		r->placing(r, r->o.placed);
	r->o.placed++;
	struct sfe_ctl_placed placed = {
		.header = {SFE_CTL_PLACED, m->header.node}, .key = m->key, .to = r->to};
	if (!r->held) {
		answer(r, &placed);
		return;
	}
	r->answers[r->n_answers++] = placed;
	if (r->n_answers < r->held)
		return;
	for (uint32_t i = 0; i < r->n_answers; i++)
		answer(r, &r->answers[i]);
	r->held = r->n_answers = 0;
}

static void take(void *context, const union lab_message *m)
{
	struct run *r = context;
	struct outcome *o = &r->o;

	switch (m->header.type) {
	case SFE_CTL_JOB:
		o->done += !m->job.status;
		o->failed += !!m->job.status;
		if (!m->job.status)
			CU_ASSERT_EQUAL(m->job.return_digest, r->b->right[m->job.job]);
		snprintf(o->reason, sizeof(o->reason), "%s", m->job.reason);
		break;
	case SFE_CTL_CALL:
		if (m->call.event == SFE_CALL_PLACE) {
			place(r, &m->call);
		} else if (m->call.event == SFE_CALL_DELAYED) {
			CU_ASSERT_EQUAL(m->call.key.function, CHECK);
			CU_ASSERT_EQUAL(m->call.due_ns, m->call.begin_ns + 60000 * MS);
			o->delayed++;
		} else {
			CU_ASSERT(m->call.at_ns >= m->call.begin_ns);
			o->ended_casts += m->call.cast;
			o->late += m->call.status == -ETIMEDOUT;
			o->ended_calls += !m->call.cast;
			if (m->call.attempts > o->requests)
				o->requests = m->call.attempts;
		}
		break;
	case SFE_CTL_CALL_RUN:
		CU_ASSERT(m->call_run.finish_ns >= m->call_run.ready_ns);
		o->runs[m->header.node][m->call_run.key.function]++;
		break;
	}
}

static void start(struct run *r, struct bench *b, enum lab_kind kind, uint32_t to)
{
	*r = (struct run){.b = b, .lab.kind = kind, .to = to};
	lab_start(&r->lab, &b->deployment);
	for (uint32_t j = 0; j < b->deployment.n_jobs; j++)
		lab_go(&r->lab, j, 0);
}

/* Until all jobs and so many casts have ended, then stops all. */
static void finish(struct run *r, uint32_t casts)
{
	union lab_message m;

	while (r->o.done + r->o.failed < r->b->deployment.n_jobs || r->o.ended_casts < casts) {
		CU_ASSERT_EQUAL_FATAL(lab_receive(&r->lab, -1, &m, LAB_PATIENCE_MS), 0);
		take(r, &m);
	}
	for (uint32_t i = 0; i < N_NODES; i++)
		lab_stop(&r->lab, i, take, r);
}

/* ---- tests */

static void calls_and_casts(enum lab_kind kind, uint32_t to)
{
	for (unsigned s = 0; s < sizeof(strategies) / sizeof(*strategies); s++) {
		struct bench b;
		struct run r;
		union lab_message m;

		make(&b, strategies[s], 1);
		start(&r, &b, kind, to);
		while (!r.o.done && !r.o.failed) {
			CU_ASSERT_EQUAL_FATAL(lab_receive(&r.lab, -1, &m, LAB_PATIENCE_MS), 0);
			take(&r, &m);
		}
		/* The archive takes 0.5 s: the job has not waited. */
		CU_ASSERT_EQUAL(r.o.done, 1);
		CU_ASSERT_STRING_EQUAL(r.o.reason, "");
		CU_ASSERT_EQUAL(r.o.ended_casts, 0);
		finish(&r, 1);
		CU_ASSERT_EQUAL(r.o.ended_calls, N_BLOCKS);
		CU_ASSERT_EQUAL(r.o.delayed, 1);
		CU_ASSERT_EQUAL(r.o.runs[to][FINGERPRINT], N_BLOCKS);
		CU_ASSERT_EQUAL(r.o.runs[to][ARCHIVE], 1);
		CU_ASSERT_EQUAL(r.o.requests, to == CALLER ? 0 : 1);
		drop(&b);
	}
}

static void test_elsewhere(void)
{
	for (enum lab_kind kind = LAB_PROCESSES; kind <= LAB_RING; kind++)
		calls_and_casts(kind, CALLEE);
}

static void test_own_node(void)
{
	calls_and_casts(LAB_PROCESSES, CALLER);
	calls_and_casts(LAB_SHARED, CALLER);
}

/* The archive takes 0.5 s: its caller's node waits no longer than the policy says, wherever it is.
 * The callee ends all the same. */
static void test_deadline(void)
{
	for (uint32_t to = CALLER; to <= CALLEE; to++) {
		struct bench b;
		struct run r;

		make(&b, &sfe_state_propagate, 1);
		b.deployment.retry = (struct sfe_retry_policy){.deadline_ns = 100 * MS};
		start(&r, &b, LAB_SHARED, to);
		finish(&r, 1);
		CU_ASSERT_EQUAL(r.o.done, 1);
		CU_ASSERT_EQUAL(r.o.ended_calls, N_BLOCKS);
		CU_ASSERT_EQUAL(r.o.late, 1);
		drop(&b);
	}
}

/* All wait for their places at once; the worker goes on meanwhile. */
static void test_many_wait(void)
{
	struct bench b;
	struct run r;

	make(&b, &sfe_state_propagate, N_JOBS);
	b.specs[ARCHIVE].ops.constant = 1e6;
	start(&r, &b, LAB_PROCESSES, CALLEE);
	r.held = 30; /* a worker asks for no more than 32 places at once */
	finish(&r, N_JOBS);
	CU_ASSERT_EQUAL(r.o.done, N_JOBS);
	CU_ASSERT_EQUAL(r.o.runs[CALLEE][FINGERPRINT], N_JOBS * N_BLOCKS);
	drop(&b);
}

static void tell(struct run *r, uint32_t node, enum sfe_ctl_type what)
{
	struct sfe_ctl_header message = {what, node};

	CU_ASSERT(send(r->lab.control[node], &message, sizeof(message), MSG_NOSIGNAL) ==
		  sizeof(message));
}

/* The node is down before the second call is sent there; the next try goes elsewhere. */
static void callee_is_down(struct run *r, uint32_t number)
{
	if (number == 1) {
		tell(r, CALLEE, SFE_CTL_CRASH);
		lab_wait_for_port(CALLEE, false);
	}
	if (number == 2)
		r->to = OTHER;
}

static void callee_comes_back(struct run *r, uint32_t number)
{
	if (number == 1) {
		tell(r, CALLEE, SFE_CTL_CRASH);
		lab_wait_for_port(CALLEE, false);
	}
	if (number == 2) {
		tell(r, CALLEE, SFE_CTL_RESTART);
		lab_wait_for_port(CALLEE, true); /* else it answers a third request */
	}
}

static void test_callee_crashes(void)
{
	for (enum lab_kind kind = LAB_PROCESSES; kind <= LAB_RING; kind++) {
		struct bench b;
		struct run r;

		make(&b, strategies[kind], 1);
		start(&r, &b, kind, CALLEE);
		r.placing = callee_is_down;
		finish(&r, 1);
		CU_ASSERT_EQUAL(r.o.done, 1);
		CU_ASSERT_EQUAL(r.o.requests, 2);
		CU_ASSERT_EQUAL(r.o.runs[CALLEE][FINGERPRINT], 1);
		CU_ASSERT_EQUAL(r.o.runs[OTHER][FINGERPRINT], N_BLOCKS - 1);
		start(&r, &b, kind, CALLEE);
		r.placing = callee_comes_back;
		finish(&r, 1);
		CU_ASSERT_EQUAL(r.o.done, 1);
		CU_ASSERT_EQUAL(r.o.requests, 2);
		CU_ASSERT_EQUAL(r.o.runs[CALLEE][FINGERPRINT], N_BLOCKS);
		drop(&b);
	}
}

/* It stays down, and there is no other one. */
static void test_callee_is_gone(void)
{
	struct bench b;
	struct run r;

	make(&b, &sfe_state_propagate, 1);
	b.deployment.retry = (struct sfe_retry_policy){0};
	start(&r, &b, LAB_PROCESSES, CALLEE);
	tell(&r, CALLEE, SFE_CTL_CRASH);
	lab_wait_for_port(CALLEE, false);
	finish(&r, 0);
	CU_ASSERT_EQUAL(r.o.failed, 1);
	CU_ASSERT_STRING_EQUAL(r.o.reason, "function backup: calling callee: Connection refused");
	drop(&b);
}

/* While the function waits, its node crashes: its stack ends, and the client starts the job again.
 */
static void caller_crashes(struct run *r, uint32_t number)
{
	if (number == 1) {
		tell(r, CALLER, SFE_CTL_CRASH);
		lab_wait_for_port(CALLER, false);
		tell(r, CALLER, SFE_CTL_RESTART);
	}
}

static void test_caller_crashes(void)
{
	for (enum lab_kind kind = LAB_PROCESSES; kind <= LAB_RING; kind++) {
		struct bench b;
		struct run r;

		make(&b, &sfe_pure_faas, 1);
		start(&r, &b, kind, CALLEE);
		r.placing = caller_crashes;
		finish(&r, 1);
		CU_ASSERT_EQUAL(r.o.done, 1);
		CU_ASSERT_STRING_EQUAL(r.o.reason, "");
		drop(&b);
	}
}

/* What no worker sends: refused, and nothing runs. */
static void test_forged(void)
{
	static const char *const wrong[] = {"sfemu-job: 7", "sfemu-step: 1", "sfemu-from: 4",
		"sfemu-strategy: PureFaaS", "sfemu-function: no", "sfemu-call: 1.2.3.4.5",
		"sfemu-call: 0", "sfemu-attempt: 9"};
	static const char *const right[] = {"sfemu-job: 0", "sfemu-step: 0", "sfemu-from: 1",
		"sfemu-strategy: StatePropagate", "sfemu-function: fingerprint", "sfemu-call: 1",
		"sfemu-attempt: 1"};
	struct bench b;
	struct run r;
	char command[1024], out[1024];

	make(&b, &sfe_state_propagate, 1);
	start(&r, &b, LAB_PROCESSES, CALLEE);
	for (unsigned i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		int n = snprintf(command, sizeof(command),
			"exec 3<>/dev/tcp/127.0.0.4/8080; printf 'POST /call HTTP/1.1\\r\\n");
		size_t name = strcspn(wrong[i], ":");
		for (unsigned k = 0; k < sizeof(right) / sizeof(*right); k++)
			n += snprintf(command + n, sizeof(command) - (size_t)n, "%s\\r\\n",
				strncmp(right[k], wrong[i], name) ? right[k] : wrong[i]);
		snprintf(command + n, sizeof(command) - (size_t)n,
			"Content-Length: 3\\r\\nConnection: close\\r\\n\\r\\nabc' >&3; cat <&3");
		char shell[1200];
		snprintf(shell, sizeof(shell), "bash -c \"%s\"", command);
		lab_output(shell, out, sizeof(out));
		CU_ASSERT_PTR_NOT_NULL(strstr(out, "HTTP/1.1 400"));
		if (!strstr(out, "HTTP/1.1 400"))
			fprintf(stderr, "%s: %s\n", wrong[i], out);
	}
	finish(&r, 1);
	CU_ASSERT_EQUAL(r.o.runs[OTHER][FINGERPRINT], 0);
	drop(&b);
}

/* The last bytes of the answer to the first call of step 0, in hexadecimal. */
static void fingerprint_of(const char *argument, char *out, size_t room)
{
	char shell[600];

	snprintf(shell, sizeof(shell),
		"bash -c \"exec 3<>/dev/tcp/127.0.0.4/8080; printf 'POST /call HTTP/1.1\\r\\n"
		"sfemu-job: 0\\r\\nsfemu-step: 0\\r\\nsfemu-from: 1\\r\\n"
		"sfemu-strategy: StatePropagate\\r\\nsfemu-function: fingerprint\\r\\n"
		"sfemu-call: 1\\r\\nContent-Length: 3\\r\\nConnection: close\\r\\n\\r\\n%s' >&3; "
		"cat <&3 | tail -c 8 | od -An -tx1\"",
		argument);
	lab_output(shell, out, room);
}

/* A caller that runs again after a crash may have another argument: it gets no answer to the
 * earlier one. */
static void test_another_argument(void)
{
	struct bench b;
	struct run r;
	char first[100], second[100], again[100];

	make(&b, &sfe_state_propagate, 1);
	start(&r, &b, LAB_PROCESSES, CALLEE);
	fingerprint_of("abc", first, sizeof(first));
	fingerprint_of("xyz", second, sizeof(second));
	fingerprint_of("abc", again, sizeof(again));
	CU_ASSERT_EQUAL(strlen(first), strlen(" 00 00 00 00 00 00 00 00\n"));
	CU_ASSERT_STRING_NOT_EQUAL(first, second);
	CU_ASSERT_STRING_EQUAL(first, again);
	finish(&r, 1);
	CU_ASSERT_EQUAL(r.o.runs[OTHER][FINGERPRINT], 2);
	drop(&b);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"calls and casts on another node", test_elsewhere},
		{"calls and casts on the own node", test_own_node},
		{"the deadline", test_deadline},
		{"many wait at once", test_many_wait},
		{"the callee's node crashes", test_callee_crashes},
		{"the callee's node is gone", test_callee_is_gone},
		{"the caller's node crashes", test_caller_crashes},
		{"forged calls", test_forged},
		{"the same call with another argument", test_another_argument},
	};

	if (!lab_enter()) {
		puts("SKIPPED: network namespaces are not allowed here");
		return 77;
	}
	return unit_main("worker_dynamic", tests, sizeof(tests) / sizeof(*tests));
}

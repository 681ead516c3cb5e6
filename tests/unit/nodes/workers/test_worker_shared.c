/* SPDX-License-Identifier: MIT */
/*
 * Jobs that change states that outlive them, at the same time, on four workers. The homes record
 * the order. A repetition of that order in this process, without workers, leaves the same bytes in
 * each version, and the same states of each job: also of those whose step ran several times.
 */
#include <xxhash.h>

#include "nodes/base/payload.h"
#include "nodes/functions/function_call.h"
#include "nodes/functions/mix.h"
#include "nodes/shared/shared_home.h"
#include "tests/unit/worker_lab.h"

#define N_NODES 4
#define N_JOBS 12
#define STORE 2
#define CLOUD 3
#define SEED 7
#define MS 1000000ull
#define MAX_RECORDS 4096
#define OWN_BYTES 3000

static const struct sfe_strategy_info *const strategies[] = {&sfe_pure_faas, &sfe_state_propagate,
	&sfe_state_local, &sfe_unchained_external, &sfe_unchained_in_edge,
	&sfe_unchained_in_function, &sfe_unchained_in_client};
#define N_STRATEGIES (sizeof(strategies) / sizeof(strategies[0]))

enum { FIRST, LAST }; /* a global state with first-write, one of each client with last-write */
static uint8_t first_content[50000], last_content[700];
static struct sfe_shared_state states[] = {
	[FIRST] = {.name = "first",
		.scope = SFE_SCOPE_GLOBAL,
		.bytes = sizeof(first_content),
		.content = first_content,
		.changes = true},
	[LAST] = {.name = "last",
		.scope = SFE_SCOPE_CLIENT,
		.consistency = SFE_LAST_WRITE,
		.bytes = sizeof(last_content),
		.content = last_content,
		.changes = true},
};
static const struct sfe_workflows workflows = {.n_shared = 2, .shared = states};
static struct sfe_shared_use uses[] = {{FIRST, SFE_UPDATE}, {LAST, SFE_UPDATE}};
static struct sfe_shared_uses of_step = {2, uses}; /* both, or the first one only */
static char *function_names[] = {"f0"};
static uint64_t own_bytes = OWN_BYTES;

struct bench {
	struct sfe_endpoint nodes[N_NODES];
	struct sfe_job jobs[N_JOBS];
	struct sfe_step steps[N_JOBS];
	uint32_t deps[1], node[N_JOBS], replica_of[3 * N_NODES];
	struct sfe_deployed_job deployed[N_JOBS];
	struct sfe_shared_instances shared;
	struct sfe_deployment deployment;
};

/* Clients are the nodes 0 and 1; steps are on 1 and 2. */
static void make_bench(struct bench *b, uint32_t n_jobs, uint64_t ops)
{
	static const char *const names[] = {"n0", "n1", "n2", "n3"};

	*b = (struct bench){0};
	payload_fill(1, 1, first_content, sizeof(first_content));
	payload_fill(1, 2, last_content, sizeof(last_content));
	for (uint32_t i = 0; i < N_NODES; i++)
		b->nodes[i] = lab_node(i, names[i]);
	for (uint32_t j = 0; j < n_jobs; j++) {
		b->steps[j] = (struct sfe_step){.ops = ops,
			.arg_bytes = 100,
			.out_bytes = 200,
			.n_deps = 1,
			.deps = b->deps};
		b->jobs[j] = (struct sfe_job){.number = 10 + j,
			.n_steps = 1,
			.steps = &b->steps[j],
			.declared = true,
			.n_states = 1,
			.state_bytes = &own_bytes,
			.states_total_bytes = OWN_BYTES,
			.shared = &of_step};
		b->node[j] = 1 + j % 2;
		b->deployed[j] = (struct sfe_deployed_job){&b->jobs[j], j / 2 % 2, &b->node[j]};
		const struct sfe_placed_job placed = {
			&b->jobs[j], b->deployed[j].client, &b->node[j], STORE};
		CU_ASSERT_EQUAL_FATAL(sfe_shared_add(&b->shared, &workflows, &placed, false), 0);
	}
	b->deployment = (struct sfe_deployment){.n_nodes = N_NODES,
		.nodes = b->nodes,
		.n_jobs = n_jobs,
		.jobs = b->deployed,
		.n_functions = 1,
		.function_names = function_names,
		.seed = SEED,
		.shared = &b->shared,
		.cloud = CLOUD,
		.retry = {.deadline_ns = 5000 * MS, .retries = 6, .backoff_ns = 20 * MS}};
}

/* ---- what a run leaves */

struct outcome {
	uint32_t n_jobs, done, n;
	struct sfe_ctl_shared records[MAX_RECORDS];
	uint64_t digest[N_JOBS], version[N_JOBS]; /* of the jobs' own states */
	uint32_t ran[N_JOBS];
	uint32_t copies[N_JOBS]; /* that replicas have got for them */
	uint32_t n_attempts;
	struct sfe_ctl_attempt attempts[64]; /* of copies that were asked for */
};

static void take(void *context, const union lab_message *m)
{
	struct outcome *o = context;

	switch (m->header.type) {
	case SFE_CTL_JOB:
		CU_ASSERT_EQUAL(m->job.status, 0);
		if (m->job.status)
			printf("%s\n", m->job.reason);
		o->done++;
		break;
	case SFE_CTL_INVOCATION:
		o->ran[m->invocation.job]++;
		break;
	case SFE_CTL_STATE:
		if (m->state.version >= o->version[m->state.job])
			o->digest[m->state.job] = m->state.digest;
		break;
	case SFE_CTL_ATTEMPT:
		if (m->attempt.kind != SFE_TRANSFER_FETCH)
			break;
		CU_ASSERT_FATAL(o->n_attempts < 64);
		o->attempts[o->n_attempts++] = m->attempt;
		break;
	case SFE_CTL_TRANSFER:
		o->copies[m->transfer.job] += m->transfer.kind == SFE_TRANSFER_REPLICA;
		break;
	case SFE_CTL_SHARED:
		CU_ASSERT_FATAL(o->n < MAX_RECORDS);
		o->records[o->n++] = m->shared;
		break;
	}
}

static void wait_for(struct lab *lab, struct outcome *o, uint32_t done)
{
	union lab_message m;

	while (o->done < done) {
		CU_ASSERT_EQUAL_FATAL(lab_receive(lab, -1, &m, LAB_PATIENCE_MS), 0);
		take(o, &m);
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
	o->n_jobs = b->deployment.n_jobs;
	lab_start(lab, &b->deployment);
	return o;
}

static void end(struct lab *lab, struct outcome *o)
{
	wait_for(lab, o, o->n_jobs);
	for (uint32_t i = 0; i < N_NODES; i++)
		lab_stop(lab, i, take, o);
}

static uint32_t count(const struct outcome *o, enum sfe_shared_outcome outcome, uint32_t instance)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < o->n; i++)
		n += o->records[i].outcome == outcome && o->records[i].instance == instance;
	return n;
}

/* ---- the same in the order of the records */

struct versions {
	uint8_t *content[N_JOBS + 1];
};

/* The change of the state by a job; NULL: there is none. */
static const struct sfe_ctl_shared *change_of(
	const struct outcome *o, const struct bench *b, uint32_t job, uint32_t state)
{
	for (uint32_t i = 0; i < o->n; i++)
		if (o->records[i].outcome == SFE_SHARED_WRITTEN && o->records[i].job == job &&
			b->shared.of[o->records[i].instance].state == state)
			return &o->records[i];
	return NULL;
}

/* Calls the function of a job with these versions, and keeps what it makes of them. */
static void apply(const struct outcome *o, const struct bench *b, uint32_t j,
	const struct sfe_ctl_shared *const change[2], struct versions *versions)
{
	struct buffer_pool pool = {0};
	uint64_t key = payload_job_key(SEED, b->jobs[j].number);
	uint8_t argument[100];
	struct slice s[3] = {0};
	struct function_call call = {.buffers = &pool,
		.seed = SEED,
		.output_bytes = 200,
		.trusted = true,
		.face = {.function = "f0",
			.job = b->jobs[j].number,
			.argument = argument,
			.argument_bytes = sizeof(argument)}};

	payload_fill(key, 0, argument, sizeof(argument));
	if (function_call_open(&call, 1 + of_step.n))
		abort();
	for (uint32_t i = 0; i <= of_step.n; i++) {
		uint64_t bytes = i ? states[uses[i - 1].state].bytes : OWN_BYTES;
		if (slice_new(&pool, bytes, &s[i]))
			abort();
		if (i)
			memcpy(s[i].data,
				versions[change[i - 1]->instance]
					.content[change[i - 1]->version_read],
				bytes);
		else
			payload_fill(key, 1, s[i].data, bytes);
		function_call_state(&call, i, i ? states[uses[i - 1].state].name : NULL, &s[i], i,
			bytes, SFE_STATE_UPDATED);
	}
	CU_ASSERT(!function_call_run(&call, &function_mix));
	CU_ASSERT_EQUAL(XXH3_64bits(s[0].data, s[0].size), o->digest[j]);
	for (uint32_t i = 0; i < of_step.n; i++) {
		uint8_t **to = &versions[change[i]->instance].content[change[i]->version_made];
		CU_ASSERT_EQUAL(XXH3_64bits(s[i + 1].data, s[i + 1].size), change[i]->digest);
		CU_ASSERT_PTR_NULL_FATAL(*to);
		*to = malloc(s[i + 1].size);
		if (!*to)
			abort();
		memcpy(*to, s[i + 1].data, s[i + 1].size);
	}
	for (uint32_t i = 0; i < 3; i++)
		slice_drop(&s[i]);
	slice_drop(&call.output);
	function_call_close(&call);
	buffer_pool_clear(&pool);
}

/* A job can be repeated when the versions that it has read are there. */
static void repeat(const struct outcome *o, const struct bench *b)
{
	struct versions versions[8] = {0};
	bool repeated[N_JOBS] = {false};
	uint32_t n = 0;

	CU_ASSERT_FATAL(b->shared.n < 8);
	for (uint32_t i = 0; i < b->shared.n; i++)
		if (!(versions[i].content[0] = malloc(states[b->shared.of[i].state].bytes)))
			abort();
		else
			memcpy(versions[i].content[0], states[b->shared.of[i].state].content,
				states[b->shared.of[i].state].bytes);
	for (uint32_t round = 0; round < o->n_jobs && n < o->n_jobs; round++)
		for (uint32_t j = 0; j < o->n_jobs; j++) {
			const struct sfe_ctl_shared *change[2] = {NULL};
			bool ready = !repeated[j];
			for (uint32_t i = 0; i < of_step.n; i++) {
				change[i] = change_of(o, b, j, uses[i].state);
				CU_ASSERT_PTR_NOT_NULL_FATAL(change[i]);
				ready &= !!versions[change[i]->instance]
						   .content[change[i]->version_read];
			}
			if (!ready)
				continue;
			apply(o, b, j, change, versions);
			repeated[j] = true;
			n++;
		}
	CU_ASSERT_EQUAL(n, o->n_jobs);
	for (uint32_t i = 0; i < b->shared.n; i++)
		for (uint32_t v = 0; v <= N_JOBS; v++)
			free(versions[i].content[v]);
}

/* ---- tests */

static void check(const struct outcome *o, const struct bench *b, uint32_t state)
{
	uint32_t changes = 0, conflicts = 0, vain = 0;
	uint64_t unseen = 0;

	for (uint32_t j = 0; j < o->n_jobs; j++)
		CU_ASSERT_EQUAL(o->ran[j], 1); /* runs in vain are not among the invocations */
	for (uint32_t i = 0; i < o->n; i++) {
		const struct sfe_ctl_shared *x = &o->records[i];
		uint32_t home = sfe_shared_home(&b->shared, x->instance, b->deployment.strategy,
			b->deployment.store, CLOUD);
		if (x->outcome < SFE_SHARED_GOT)
			CU_ASSERT_EQUAL(x->header.node, home);
		if (b->shared.of[x->instance].state != state)
			continue;
		changes += x->outcome == SFE_SHARED_WRITTEN;
		unseen += x->unseen;
		conflicts += x->outcome == SFE_SHARED_CONFLICT;
		vain += x->outcome == SFE_SHARED_AGAIN;
		if (x->outcome == SFE_SHARED_AGAIN && of_step.n == 1) /* for nothing */
			CU_ASSERT_EQUAL(x->vain_bytes, x->header.node == home ? 0 : 2 * x->bytes);
	}
	CU_ASSERT(changes == o->n_jobs && vain == conflicts);
	bool first_write = states[state].consistency == SFE_FIRST_WRITE;
	CU_ASSERT_EQUAL(conflicts > 0, first_write);
	if (first_write || of_step.n == 1)
		CU_ASSERT_EQUAL(unseen > 0, !first_write);
}

/* All jobs start at once: many read before the first one has changed anything. */
static void test_jobs(const struct sfe_shared_use *first, uint32_t n)
{
	static const enum lab_kind kinds[] = {LAB_PROCESSES, LAB_RING};
	struct bench b;

	of_step.n = n;
	for (uint32_t i = 0; i < n; i++)
		uses[i] = first[i];
	make_bench(&b, N_JOBS, 10 * MS);
	for (unsigned i = 0; i < N_STRATEGIES; i++) {
		struct lab lab = {.kind = kinds[i % 2]};
		struct outcome *o = begin(&lab, &b, strategies[i]);
		for (uint32_t j = 0; j < N_JOBS; j++)
			lab_go(&lab, j, 0);
		end(&lab, o);
		for (uint32_t k = 0; k < n; k++)
			check(o, &b, uses[k].state);
		repeat(o, &b);
		free(o);
	}
	sfe_shared_free(&b.shared);
}

static void test_first_write(void)
{
	test_jobs(&(struct sfe_shared_use){FIRST, SFE_UPDATE}, 1);
}

static void test_last_write(void)
{
	test_jobs(&(struct sfe_shared_use){LAST, SFE_UPDATE}, 1);
}

static void test_both(void)
{
	test_jobs((const struct sfe_shared_use[]){{LAST, SFE_UPDATE}, {FIRST, SFE_UPDATE}}, 2);
}

/*
 * The home of the global state crashes after one job, while the step of the next one computes, and
 * loses the first change. The step's version is of a time that the home does not remember: it runs
 * again with version 0.
 */
static void test_crash(void)
{
	struct lab lab = {.kind = LAB_PROCESSES};
	struct sfe_ctl_header message = {SFE_CTL_CRASH, CLOUD};
	struct bench b;
	uint32_t begun = 0;

	make_bench(&b, 2, 400 * MS);
	struct outcome *o = begin(&lab, &b, &sfe_pure_faas);
	lab_go(&lab, 0, 0);
	wait_for(&lab, o, 1);
	lab_go(&lab, 1, 0);
	lab_wait_until_computing(b.node[1]);
	CU_ASSERT(send(lab.control[CLOUD], &message, sizeof(message), 0) == sizeof(message));
	message.type = SFE_CTL_RESTART;
	CU_ASSERT(send(lab.control[CLOUD], &message, sizeof(message), 0) == sizeof(message));
	end(&lab, o);
	for (uint32_t i = 0; i < o->n; i++) {
		const struct sfe_ctl_shared *x = &o->records[i];
		if (b.shared.of[x->instance].state != FIRST)
			continue;
		if (x->outcome == SFE_SHARED_ANEW) {
			begun++;
			CU_ASSERT(x->version_read == 1 && !x->epoch_read && x->epoch == 1);
		}
		if (x->outcome == SFE_SHARED_CONFLICT)
			CU_ASSERT(x->job == 1 && !x->epoch_read && x->version_read == 1);
		if (x->outcome == SFE_SHARED_WRITTEN)
			CU_ASSERT(x->version_made == 1 && x->epoch == x->job);
	}
	uint32_t first = b.shared.of[0].state == FIRST ? 0 : 1;
	CU_ASSERT_EQUAL(begun, 1);
	CU_ASSERT_EQUAL(count(o, SFE_SHARED_CONFLICT, first), 1);
	CU_ASSERT_EQUAL(count(o, SFE_SHARED_WRITTEN, first), 2);
	free(o);
	sfe_shared_free(&b.shared);
}

/* ---- copies after a crash of the home */

#define HOME 1
#define SILENT 3 /* asked first */

static void tell(struct lab *lab, uint32_t node, enum sfe_ctl_type what)
{
	const struct sfe_ctl_header message = {what, node};

	CU_ASSERT(send(lab->control[node], &message, sizeof(message), MSG_NOSIGNAL) ==
		  sizeof(message));
}

/* One job has changed the state, of which there are two copies; then the home crashes. The next
 * job's step is on the node of the second copy. */
static struct outcome *begin_copies(struct lab *lab, struct bench *b, uint32_t n_jobs)
{
	of_step.n = 1;
	uses[0] = (struct sfe_shared_use){FIRST, SFE_UPDATE};
	make_bench(b, n_jobs, MS);
	b->replica_of[0] = SILENT;
	b->replica_of[1] = STORE;
	b->replica_of[2] = HOME;
	b->deployment.n_replicas = 2;
	b->deployment.replica_of = b->replica_of;
	/* More than twice the time in which the silent one must have answered. */
	b->deployment.retry = (struct sfe_retry_policy){1000 * MS, 2, 20 * MS};
	struct outcome *o = begin(lab, b, &sfe_state_local);
	CU_ASSERT_EQUAL_FATAL(sfe_shared_home(&b->shared, 0, &sfe_state_local, STORE, CLOUD), HOME);
	lab_go(lab, 0, 0);
	wait_for(lab, o, 1);
	return o;
}

static void crash_home(struct lab *lab)
{
	tell(lab, HOME, SFE_CTL_CRASH);
	lab_wait_for_port(HOME, false);
	tell(lab, HOME, SFE_CTL_RESTART);
	lab_wait_for_port(HOME, true);
}

/* The second job has gone on with the first one's version, and one request has failed so. */
static void check_copies(const struct outcome *o, int code)
{
	CU_ASSERT_EQUAL(o->done, 2);
	CU_ASSERT_EQUAL(count(o, SFE_SHARED_WRITTEN, 0), 2);
	CU_ASSERT_EQUAL(count(o, SFE_SHARED_RESTORED, 0), 1);
	CU_ASSERT_EQUAL(count(o, SFE_SHARED_ANEW, 0), 0);
	for (uint32_t i = 0; i < o->n; i++)
		if (o->records[i].outcome == SFE_SHARED_WRITTEN)
			CU_ASSERT_EQUAL(o->records[i].version_made, o->records[i].job + 1);
	uint32_t n = 0;
	for (uint32_t i = 0; i < o->n_attempts; i++) {
		if (o->attempts[i].header.node != HOME)
			continue;
		n++;
		CU_ASSERT_EQUAL(o->attempts[i].to, SILENT);
		CU_ASSERT_EQUAL(o->attempts[i].code, code);
	}
	CU_ASSERT_EQUAL(n, 1);
}

/* Whoever asks the home gets the copy before it gives up. */
static void test_silent_replica(void)
{
	struct lab lab = {.kind = LAB_PROCESSES};
	struct bench b;
	struct outcome *o = begin_copies(&lab, &b, 2);

	kill(lab.pid[SILENT], SIGSTOP);
	crash_home(&lab);
	lab_go(&lab, 1, 0);
	wait_for(&lab, o, 2);
	kill(lab.pid[SILENT], SIGCONT);
	end(&lab, o);
	check_copies(o, -ETIMEDOUT);
	free(o);
	sfe_shared_free(&b.shared);
}

/* Answers all requests of one connection after another with these bytes. */
static pid_t answer_as(uint32_t node, const char *bytes, size_t n)
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
			send(c, bytes, n, MSG_NOSIGNAL);
		if (c >= 0)
			close(c);
	}
}

/* What one replica says is no copy. It is not taken, and it is told. */
static void test_bad_replica(void)
{
	static const char *const answers[] = {
		"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
		"HTTP/1.1 200 OK\r\nConnection: close\r\nsfemu-version: 9\r\nsfemu-effects: 10\r\n"
		"Content-Length: 0\r\n\r\n",
		"HTTP/1.1 500 Internal Server Error\r\nConnection: close\r\nContent-Length: "
		"0\r\n\r\n",
	};

	for (size_t i = 0; i < sizeof(answers) / sizeof(*answers); i++) {
		struct lab lab = {.kind = LAB_PROCESSES};
		struct bench b;
		struct outcome *o = begin_copies(&lab, &b, 2);
		tell(&lab, SILENT, SFE_CTL_CRASH);
		lab_wait_for_port(SILENT, false);
		pid_t pid = answer_as(SILENT, answers[i], strlen(answers[i]));
		crash_home(&lab);
		lab_go(&lab, 1, 0);
		wait_for(&lab, o, 2);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		end(&lab, o);
		check_copies(o, -EBADMSG);
		free(o);
		sfe_shared_free(&b.shared);
	}
}

/* One replica is down and the other one has lost its copy: who did not answer is asked again. */
static void test_lost_copies(void)
{
	struct lab lab = {.kind = LAB_PROCESSES};
	struct bench b;
	struct outcome *o = begin_copies(&lab, &b, 2);

	b.node[1] = 0;
	tell(&lab, SILENT, SFE_CTL_CRASH);
	lab_wait_for_port(SILENT, false);
	tell(&lab, STORE, SFE_CTL_CRASH);
	lab_wait_for_port(STORE, false);
	tell(&lab, STORE, SFE_CTL_RESTART); /* without its copy */
	lab_wait_for_port(STORE, true);
	crash_home(&lab);
	lab_go(&lab, 1, 0);
	end(&lab, o);
	CU_ASSERT_EQUAL(o->done, 2);
	CU_ASSERT_EQUAL(count(o, SFE_SHARED_ANEW, 0), 1);
	CU_ASSERT_EQUAL(count(o, SFE_SHARED_RESTORED, 0), 0);
	uint32_t n = 0;
	for (uint32_t i = 0; i < o->n_attempts; i++)
		if (o->attempts[i].header.node == HOME) {
			CU_ASSERT_EQUAL(o->attempts[i].number, ++n);
			CU_ASSERT_EQUAL(o->attempts[i].last, n == 2);
			CU_ASSERT_EQUAL(o->attempts[i].code, -ECONNREFUSED);
		}
	CU_ASSERT_EQUAL(n, 2);
	free(o);
	sfe_shared_free(&b.shared);
}

/* A copy of the first job's change, as a replica sends it. */
static pid_t answer_with_older_copy(uint32_t node)
{
	static char bytes[60000];
	static const uint64_t version = 1;
	size_t n = (size_t)sprintf(bytes,
		"HTTP/1.1 200 OK\r\nConnection: close\r\nsfemu-version: 1\r\nsfemu-effects: 1\r\n"
		"Content-Length: %zu\r\n\r\n",
		sizeof(first_content) + SHARED_EFFECT_BYTES);

	n += sizeof(first_content) + SHARED_EFFECT_BYTES;
	memcpy(bytes + n - sizeof(version), &version, sizeof(version));
	return answer_as(node, bytes, n);
}

/* Two jobs have changed the state. After the crash of its home one replica has only the first
 * change, the other one does not answer the first time, or never. It is asked again, since the home
 * knows which version was lost; when that does not help either, the older copy is the state. */
static void older_copy(bool answers)
{
	struct lab lab = {.kind = LAB_PROCESSES};
	struct bench b;
	struct outcome *o = begin_copies(&lab, &b, 3);
	uint32_t n = 0;

	lab_go(&lab, 1, 0);
	wait_for(&lab, o, 2);
	tell(&lab, SILENT, SFE_CTL_CRASH);
	lab_wait_for_port(SILENT, false);
	pid_t pid = answer_with_older_copy(SILENT);
	kill(lab.pid[STORE], SIGSTOP);
	crash_home(&lab);
	lab_go(&lab, 2, 0);
	usleep(1300000); /* after the deadline */
	if (answers)
		kill(lab.pid[STORE], SIGCONT);
	wait_for(&lab, o, 3);
	kill(lab.pid[STORE], SIGCONT);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	end(&lab, o);
	for (uint32_t i = 0; i < o->n; i++) {
		if (o->records[i].outcome == SFE_SHARED_RESTORED) {
			CU_ASSERT_EQUAL(o->records[i].version_read, 2);
			CU_ASSERT_EQUAL(o->records[i].version_made, answers ? 2 : 1);
		}
	}
	CU_ASSERT_EQUAL(count(o, SFE_SHARED_RESTORED, 0), 1);
	for (uint32_t i = 0; i < o->n_attempts; i++)
		if (o->attempts[i].header.node == HOME) {
			CU_ASSERT_EQUAL(o->attempts[i].to, STORE);
			CU_ASSERT_EQUAL(o->attempts[i].number, ++n);
			CU_ASSERT_EQUAL(o->attempts[i].last, n == 2);
		}
	CU_ASSERT_EQUAL(n, answers ? 1 : 2);
	free(o);
	sfe_shared_free(&b.shared);
}

static void test_older_copy(void)
{
	older_copy(true);
	older_copy(false);
}

#define FROM(job, strategy)                                                                        \
	"sfemu-job: " job "\r\nsfemu-step: 0\r\nsfemu-from: 1\r\nsfemu-strategy: " strategy "\r\n"
#define FETCH(number, job, strategy)                                                               \
	"GET /shared/" number " HTTP/1.1\r\n" FROM(job, strategy) "\r\n"
#define GIVE(number, job, version, bytes)                                                          \
	"PUT /shared/" number " HTTP/1.1\r\n" FROM(job, "UnchainedInEdge") version                 \
		"Content-Length: " bytes "\r\n\r\n"
#define V0 "sfemu-version: 0\r\n"

/* A home that crashed may not have sent all copies of its last change: who repeats that has them
 * sent before it is answered. */
static void test_repeated_after_crash(void)
{
	static const char head[] = "PUT /shared/0 HTTP/1.1\r\n" FROM("0", "StateLocal") V0
		"Content-Length: 50000\r\n\r\n";
	struct lab lab = {.kind = LAB_PROCESSES};
	struct bench b;
	struct outcome *o = begin_copies(&lab, &b, 2);
	char answer[256];

	crash_home(&lab);
	CU_ASSERT_EQUAL(lab_ask(HOME, head, 50000, answer, sizeof(answer)), 200);
	lab_go(&lab, 1, 0);
	end(&lab, o);
	CU_ASSERT_EQUAL(count(o, SFE_SHARED_RESTORED, 0), 1);
	CU_ASSERT_EQUAL(count(o, SFE_SHARED_REPEATED, 0), 1);
	CU_ASSERT_EQUAL(o->copies[0], 6); /* of its own state, of the change, and of that again */
	free(o);
	sfe_shared_free(&b.shared);
}

/* Requests that no worker sends are refused, and change nothing. */
static void test_forged(void)
{
	static const struct {
		uint32_t node;
		const char *head;
		size_t body;
		int status;
	} cases[] = {
		{STORE, FETCH("0", "0", "UnchainedInEdge"), 0, 200},
		{STORE, FETCH("0", "0", "StateLocal"), 0, 400},
		{STORE, FETCH("0", "2", "UnchainedInEdge"), 0, 400}, /* no such job */
		{STORE, FETCH("7", "0", "UnchainedInEdge"), 0, 400}, /* no such instance */
		{STORE, FETCH("0/0", "0", "UnchainedInEdge"), 0, 400},
		{STORE, FETCH("0x", "0", "UnchainedInEdge"), 0, 400},
		{0, FETCH("0", "0", "UnchainedInEdge"), 0, 400}, /* not the home */
		{STORE, "GET /shared/0 HTTP/1.1\r\n\r\n", 0, 400},
		{STORE, "POST /shared/0 HTTP/1.1\r\nContent-Length: 0\r\n\r\n", 0, 405},
		{STORE, GIVE("0", "0", "", "50000"), 50000, 400}, /* of no version */
		{STORE, GIVE("0", "0", V0, "49999"), 49999, 400},
		{STORE, GIVE("0", "0", V0 "sfemu-attempt: 9\r\n", "50000"), 50000, 400},
		{STORE, GIVE("0", "0", V0 "sfemu-epoch: 1\r\n", "50000"), 50000, 409},
		{STORE, GIVE("0", "0", "sfemu-version: 3\r\n", "50000"), 50000, 409},
		{STORE, GIVE("0", "0", V0, "50000"), 50000, 200},
		{STORE, GIVE("0", "0", V0, "50000"), 50000, 200}, /* again */
		{STORE, GIVE("0", "1", V0, "50000"), 50000, 409},
	};
	struct lab lab = {.kind = LAB_PROCESSES};
	struct bench b;
	char answer[256];

	of_step.n = 1;
	uses[0] = (struct sfe_shared_use){FIRST, SFE_UPDATE};
	make_bench(&b, 2, MS);
	struct outcome *o = begin(&lab, &b, &sfe_unchained_in_edge);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		int status = lab_ask(
			cases[i].node, cases[i].head, cases[i].body, answer, sizeof(answer));
		CU_ASSERT_EQUAL(status, cases[i].status);
		if (status != cases[i].status)
			printf("%d instead of %d: %s\n", status, cases[i].status, cases[i].head);
	}
	o->done = 2; /* none was started */
	end(&lab, o);
	CU_ASSERT(count(o, SFE_SHARED_WRITTEN, 0) == 1 && count(o, SFE_SHARED_REPEATED, 0) == 1);
	CU_ASSERT(count(o, SFE_SHARED_READ, 0) == 1 && count(o, SFE_SHARED_CONFLICT, 0) == 3);
	free(o);
	sfe_shared_free(&b.shared);
}

#define CHANGES(text) "sfemu-changes: " text "\r\n"
#define V1 "sfemu-version: 1\r\n"

/* Likewise of ranges. The home has the version that was read, though it is not the newest. */
static void test_forged_ranges(void)
{
	static const struct {
		const char *head;
		size_t body;
		int status;
	} cases[] = {
		{GIVE("0", "0", V0 CHANGES("s0=0/50000/0+5"), "6"), 6, 400},
		{GIVE("0", "0", V0 CHANGES("s1=0/50000/0+5"), "5"), 5, 400}, /* another state */
		{GIVE("0", "0", V0 CHANGES("s0=9/50000/0+5"), "5"), 5,
			400}, /* of another version */
		{GIVE("0", "0", V0 CHANGES("s0=0/50000/0+5, s1=0/5/0+0"), "5"), 5, 400},
		{GIVE("0", "0", V0 CHANGES("s0=0/50000/49999+5"), "5"), 5, 400},
		{GIVE("0", "0", V0 CHANGES("s0=0/2000000000/0+5"), "5"), 5, 400}, /* too large */
		{GIVE("0", "0", V0 CHANGES("s0=0/50009/50004+5"), "5"), 5, 400},  /* a gap */
		{GIVE("0", "0", CHANGES("s0=0/50000/0+5"), "5"), 5, 400}, /* of no version */
		{GIVE("0", "0", "sfemu-version: 7\r\n" CHANGES("s0=7/50000/0+5"), "5"), 5, 412},
		{GIVE("0", "0", V0 CHANGES("s0=0/50000/0+5"), "5"), 5, 200},
		{GIVE("0", "0", V1 CHANGES("s0=1/50000/0+5"), "5"), 5, 200},     /* again */
		{GIVE("0", "1", V0 CHANGES("s0=0/50003/50000+3"), "3"), 3, 200}, /* late */
	};
	struct lab lab = {.kind = LAB_PROCESSES};
	struct bench b;

	of_step.n = 1;
	uses[0] = (struct sfe_shared_use){FIRST, SFE_UPDATE};
	states[FIRST].consistency = SFE_LAST_WRITE;
	make_bench(&b, 2, MS);
	for (uint32_t i = 0; i < b.shared.n; i++)
		b.shared.of[i].sizes_vary = true;
	struct outcome *o = begin(&lab, &b, &sfe_unchained_in_edge);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char answer[256];
		int status = lab_ask(STORE, cases[i].head, cases[i].body, answer, sizeof(answer));
		CU_ASSERT_EQUAL(status, cases[i].status);
		if (status != cases[i].status)
			printf("%d instead of %d: %s\n", status, cases[i].status, cases[i].head);
	}
	o->done = 2; /* none was started */
	end(&lab, o);
	CU_ASSERT(count(o, SFE_SHARED_WRITTEN, 0) == 2 && count(o, SFE_SHARED_REPEATED, 0) == 1);
	for (uint32_t i = 0; i < o->n; i++)
		if (o->records[i].outcome == SFE_SHARED_WRITTEN)
			CU_ASSERT_EQUAL(o->records[i].bytes, o->records[i].job ? 50003 : 50000);
	states[FIRST].consistency = SFE_FIRST_WRITE;
	free(o);
	sfe_shared_free(&b.shared);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"first-write: who was late runs again; the recorded order leaves the same bytes",
			test_first_write},
		{"last-write: all take effect; likewise", test_last_write},
		{"a step with both", test_both},
		{"a home crashes and begins anew", test_crash},
		{"one replica does not answer", test_silent_replica},
		{"one replica has an older copy", test_older_copy},
		{"one replica's answer is no copy", test_bad_replica},
		{"one replica is down, and the other one has no copy", test_lost_copies},
		{"a change that is repeated after a crash of its home", test_repeated_after_crash},
		{"requests that no worker sends", test_forged},
		{"ranges that no worker sends", test_forged_ranges},
	};

	if (!lab_enter()) {
		puts("SKIPPED: network namespaces are not allowed here");
		return 77;
	}
	return unit_main("worker_shared", tests, sizeof(tests) / sizeof(*tests));
}

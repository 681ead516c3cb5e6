/* SPDX-License-Identifier: MIT */
/*
 * Workers that crash, come back or do not answer: jobs go on where the strategy and the retry
 * policy let them, fail with the reason where not, and no function is applied to a state twice.
 */
#include "tests/unit/worker_lab.h"

#define N_NODES 5
#define N_STEPS 3
#define N_STATES 2
#define MS 1000000ull
#define LONG_OPS (150 * MS) /* at 10^9 operations/s: time enough to crash in */

static char *function_names[] = {"f0"};

/*
 * A client (node 0) and three steps on nodes 1, 2, 3. State 0 is used by steps 0 and 2, state 1 by
 * steps 0 and 1: so node 1 holds state 0 while step 1 runs, and node 2 state 1 while step 2 does.
 */
struct chain {
	uint32_t deps[N_STEPS][N_STATES], node[N_STEPS];
	uint64_t state_bytes[N_STATES];
	struct sfe_step steps[N_STEPS];
	struct sfe_job job;
	struct sfe_deployed_job deployed;
	struct sfe_endpoint nodes[N_NODES];
	uint32_t replica_of[2 * N_NODES];
	struct sfe_deployment deployment;
};

static void make_chain(struct chain *c, const struct sfe_strategy_info *strategy, int long_step)
{
	static const char *const names[] = {"client", "one", "two", "three", "four"};

	*c = (struct chain){.deps = {{0, 1}, {1}, {0}},
		.node = {1, 2, 3},
		.state_bytes = {200000, 3000},
		.replica_of = {4, 3}};
	for (uint32_t s = 0; s < N_STEPS; s++)
		c->steps[s] = (struct sfe_step){.ops = (int)s == long_step ? LONG_OPS : MS,
			.arg_bytes = 1000 + s,
			.out_bytes = 1001 + s,
			.n_deps = s ? 1 : 2,
			.deps = c->deps[s]};
	c->job = (struct sfe_job){.number = 1,
		.n_steps = N_STEPS,
		.steps = c->steps,
		.n_states = N_STATES,
		.state_bytes = c->state_bytes,
		.states_total_bytes = 203000};
	c->deployed = (struct sfe_deployed_job){&c->job, 0, c->node};
	for (uint32_t i = 0; i < N_NODES; i++)
		c->nodes[i] = lab_node(i, names[i]);
	c->deployment = (struct sfe_deployment){.strategy = strategy,
		.n_nodes = N_NODES,
		.nodes = c->nodes,
		.n_jobs = 1,
		.jobs = &c->deployed,
		.n_functions = 1,
		.function_names = function_names,
		.seed = 1,
		.store = 4,
		.retry = {.deadline_ns = 5000 * MS, .retries = 6, .backoff_ns = 20 * MS}};
}

/* ---- what is left */

struct outcome {
	struct sfe_ctl_job job;
	bool ended;
	uint64_t digest[N_STATES]; /* of the version that is the last, held, lost or copied */
	unsigned held[N_STATES], copies[N_STATES];
	unsigned ran[N_STEPS], attempts_failed, replicas_moved;
};

static const uint64_t last_version[N_STATES] = {2, 2};

static void take(void *context, const union lab_message *m)
{
	struct outcome *o = context;

	switch (m->header.type) {
	case SFE_CTL_JOB:
		CU_ASSERT(!o->ended);
		o->job = m->job;
		o->ended = true;
		break;
	case SFE_CTL_STATE:
		CU_ASSERT(m->state.version <= last_version[m->state.state]);
		if (m->state.version == last_version[m->state.state])
			o->digest[m->state.state] = m->state.digest;
		o->held[m->state.state] += m->state.condition == SFE_STATE_HELD;
		o->copies[m->state.state] += m->state.condition == SFE_STATE_REPLICA;
		break;
	case SFE_CTL_INVOCATION:
		o->ran[m->invocation.step]++;
		break;
	case SFE_CTL_ATTEMPT:
		CU_ASSERT(m->attempt.code < 0 && m->attempt.end_ns >= m->attempt.begin_ns);
		o->attempts_failed++;
		break;
	case SFE_CTL_TRANSFER:
		o->replicas_moved += m->transfer.kind == SFE_TRANSFER_REPLICA;
		break;
	}
}

static void tell(struct lab *lab, uint32_t node, enum sfe_ctl_type what)
{
	struct sfe_ctl_header message = {what, node};

	CU_ASSERT(send(lab->control[node], &message, sizeof(message), MSG_NOSIGNAL) ==
		  sizeof(message));
}

/* Follows the job to its end, whatever else is told; then all stop. */
static void finish(struct lab *lab, struct outcome *o)
{
	union lab_message m;

	while (!o->ended) {
		int r = lab_receive(lab, -1, &m, LAB_PATIENCE_MS);
		CU_ASSERT_EQUAL_FATAL(r, 0);
		take(o, &m);
	}
	for (uint32_t i = 0; i < lab->deployment->n_nodes; i++)
		lab_stop(lab, i, take, o);
}

static void wait_until_computing(uint32_t node)
{
	char command[128], out[4096];

	snprintf(command, sizeof(command), "curl -s --max-time 10 http://127.0.0.%u:%d/", node + 1,
		SFE_PORT);
	for (int i = 0; i < 1000; i++) {
		if (strstr(lab_output(command, out, sizeof(out)), "invocations: 1 computing"))
			return;
		usleep(2000);
	}
	CU_FAIL("the step never began");
}

/* The job runs with its long step on the node `where`; then `victim` crashes, and comes back unless
 * down_ms is negative. */
static struct outcome crash(
	struct chain *c, enum lab_kind kind, uint32_t where, uint32_t victim, int down_ms)
{
	struct lab lab = {.kind = kind};
	struct outcome o = {0};

	lab_start(&lab, &c->deployment);
	lab_go(&lab, 0, 0);
	wait_until_computing(where);
	tell(&lab, victim, SFE_CTL_CRASH);
	if (down_ms >= 0) {
		usleep((unsigned)down_ms * 1000);
		tell(&lab, victim, SFE_CTL_RESTART);
	}
	finish(&lab, &o);
	return o;
}

static uint64_t right_digest[N_STATES], right_return;

static void expect_done(const struct outcome *o)
{
	CU_ASSERT_EQUAL(o->job.status, 0);
	CU_ASSERT_STRING_EQUAL(o->job.reason, "");
	CU_ASSERT_EQUAL(o->job.return_digest, right_return);
	for (uint32_t s = 0; s < N_STATES; s++) {
		CU_ASSERT_EQUAL(o->digest[s], right_digest[s]);
		CU_ASSERT_EQUAL(o->held[s], 1);
	}
}

static void expect_failed(const struct outcome *o, const char *reason)
{
	CU_ASSERT(o->job.status < 0);
	CU_ASSERT_PTR_NOT_NULL(strstr(o->job.reason, reason));
	if (!strstr(o->job.reason, reason))
		fprintf(stderr, "failed with '%s', not '%s'\n", o->job.reason, reason);
	for (uint32_t s = 0; s < N_STATES; s++)
		CU_ASSERT(o->held[s] <= 1);
}

static const struct sfe_strategy_info *const strategies[] = {&sfe_pure_faas, &sfe_state_propagate,
	&sfe_state_local, &sfe_unchained_external, &sfe_unchained_in_edge,
	&sfe_unchained_in_function, &sfe_unchained_in_client};
#define N_STRATEGIES (sizeof(strategies) / sizeof(strategies[0]))

/* What all others are compared with. */
static void test_without_faults(void)
{
	for (size_t i = 0; i < N_STRATEGIES; i++) {
		struct chain c;
		struct lab lab = {0};
		struct outcome o = {0};

		make_chain(&c, strategies[i], -1);
		lab_start(&lab, &c.deployment);
		lab_go(&lab, 0, 0);
		finish(&lab, &o);
		if (!i) {
			memcpy(right_digest, o.digest, sizeof(right_digest));
			right_return = o.job.return_digest;
		}
		expect_done(&o);
		CU_ASSERT_EQUAL(o.job.attempts, 1);
		CU_ASSERT_EQUAL(o.attempts_failed, 0);
		for (uint32_t s = 0; s < N_STEPS; s++)
			CU_ASSERT_EQUAL(o.ran[s], 1);
	}
}

/* With digests in all messages, as where links corrupt packets. */
static void test_digests(void)
{
	for (size_t i = 0; i < N_STRATEGIES; i++) {
		struct chain c;
		struct lab lab = {.kind = LAB_RING};
		struct outcome o = {0};

		make_chain(&c, strategies[i], -1);
		c.deployment.damages = true;
		lab_start(&lab, &c.deployment);
		lab_go(&lab, 0, 0);
		finish(&lab, &o);
		expect_done(&o);
		CU_ASSERT_EQUAL(o.attempts_failed, 0);
	}
}

/* ---- crashes */

/* The node that computes crashes: what it had of the job came with the call, or can be had again.
 */
static void test_crash_of_first(void)
{
	for (int kind = LAB_PROCESSES; kind <= LAB_RING; kind++) {
		for (size_t i = 0; i < N_STRATEGIES; i++) {
			struct chain c;
			make_chain(&c, strategies[i], 0);
			struct outcome o = crash(&c, (enum lab_kind)kind, 1, 1, 50);
			expect_done(&o);
			CU_ASSERT(o.attempts_failed >= 1 || o.job.attempts == 2 ||
				  strategies[i] == &sfe_state_local);
			CU_ASSERT_EQUAL(
				o.job.attempts, strategies[i] == &sfe_state_propagate ? 2u : 1u);
		}
	}
}

/* It does not come back. */
static void test_down_for_good(void)
{
	for (size_t i = 0; i < N_STRATEGIES; i++) {
		struct chain c;
		make_chain(&c, strategies[i], 1);
		c.deployment.retry.retries = 2;
		struct outcome o = crash(&c, LAB_SHARED, 2, 2, -1);
		expect_failed(&o, "calling two: Connection refused");
	}
}

/* A node that holds a state which is still wanted crashes: only strategies that leave states on
 * nodes mind. */
static void test_crash_of_holder(void)
{
	for (size_t i = 0; i < N_STRATEGIES; i++) {
		struct chain c;
		bool minds = strategies[i] == &sfe_state_local ||
			     strategies[i] == &sfe_unchained_in_function;
		make_chain(&c, strategies[i], 1);
		struct outcome o = crash(&c, LAB_SHARED, 2, 1, 30);
		if (minds)
			expect_failed(&o, "state 0 was lost when one crashed");
		else
			expect_done(&o);
	}
	struct chain c;
	make_chain(&c, &sfe_state_local, 1);
	struct outcome o = crash(&c, LAB_SHARED, 2, 1, -1);
	expect_failed(&o, "state 0 was lost: one is down");
}

/* A node crashes after the one that had called it did: whoever had called that one misses it. */
static void test_crash_of_both(void)
{
	struct chain c;
	struct lab lab = {.kind = LAB_SHARED};
	struct outcome o = {0};

	make_chain(&c, &sfe_state_local, 2);
	c.steps[2].ops = 1000000 * MS;
	c.deployment.job_timeout_ns = 8000 * MS;
	lab_start(&lab, &c.deployment);
	lab_go(&lab, 0, 0);
	wait_until_computing(3);
	tell(&lab, 2, SFE_CTL_CRASH);
	usleep(50000);
	tell(&lab, 3, SFE_CTL_CRASH);
	finish(&lab, &o);
	expect_failed(&o, "node three has gone away");
}

static void test_copies(void)
{
	for (int back = 0; back < 2; back++) {
		struct chain c;
		make_chain(&c, &sfe_state_local, 1);
		c.deployment.n_replicas = 1;
		c.deployment.replica_of = c.replica_of;
		struct outcome o = crash(&c, LAB_SHARED, 2, 1, back ? 50 : -1);
		expect_done(&o);
		CU_ASSERT_EQUAL(o.replicas_moved, 4); /* one each time that a state is changed */
		CU_ASSERT(o.copies[0] >= 1 && o.copies[1] >= 1);
		/* A copy on the node that asks for it. */
		make_chain(&c, &sfe_state_local, 1);
		c.deployment.n_replicas = 1;
		c.replica_of[0] = 3;
		c.replica_of[1] = 4;
		c.deployment.replica_of = c.replica_of;
		o = crash(&c, LAB_SHARED, 2, 1, back ? 50 : -1);
		expect_done(&o);
		/* No copy of it is left: its only node has crashed too. */
		make_chain(&c, &sfe_state_local, 1);
		c.deployment.n_replicas = 1;
		c.replica_of[0] = 1;
		c.replica_of[1] = 2;
		c.deployment.replica_of = c.replica_of;
		o = crash(&c, LAB_SHARED, 2, 2, 50);
		expect_done(&o); /* state 1 was given back by node 1's keepsake */
	}
}

/* The node that is to have the copies is silent: each of them costs one deadline. */
static void test_copies_to_nobody(void)
{
	struct chain c;
	struct lab lab = {0};
	struct outcome o = {0};

	make_chain(&c, &sfe_state_local, -1);
	c.deployment.retry = (struct sfe_retry_policy){60 * MS, 8, 10 * MS};
	c.deployment.n_replicas = 1;
	c.deployment.replica_of = c.replica_of;
	lab_start(&lab, &c.deployment);
	kill(lab.pid[4], SIGSTOP);
	lab_go(&lab, 0, 0);
	while (!o.ended) {
		union lab_message m;
		CU_ASSERT_EQUAL_FATAL(lab_receive(&lab, -1, &m, LAB_PATIENCE_MS), 0);
		take(&o, &m);
	}
	kill(lab.pid[4], SIGCONT);
	finish(&lab, &o);
	expect_done(&o);
	CU_ASSERT_EQUAL(o.attempts_failed, 4);
}

/* The store crashes: its states are gone, which is what the job says. */
static void test_crash_of_store(void)
{
	struct chain c;

	make_chain(&c, &sfe_unchained_in_edge, 1);
	struct outcome o = crash(&c, LAB_PROCESSES, 2, 4, 50);
	expect_failed(&o, "it does not take it");
}

static void test_crash_of_client(void)
{
	struct chain c;
	struct lab lab = {.kind = LAB_SHARED};
	struct outcome o = {0};

	make_chain(&c, &sfe_state_propagate, 1);
	o = crash(&c, LAB_SHARED, 2, 0, 50);
	expect_failed(&o, "its client has crashed");
	/* A job that is due while its client is down. */
	lab_start(&lab, &c.deployment);
	tell(&lab, 0, SFE_CTL_CRASH);
	lab_go(&lab, 0, 0);
	o = (struct outcome){0};
	finish(&lab, &o);
	expect_failed(&o, "its client is down");
}

/* ---- silence */

/* A node that does not answer is asked again; when it does at last, it has run the step once. */
static void test_silence(void)
{
	for (size_t i = 0; i < N_STRATEGIES; i++) {
		struct chain c;
		struct lab lab = {0};
		struct outcome o = {0};

		make_chain(&c, strategies[i], -1);
		c.deployment.retry = (struct sfe_retry_policy){60 * MS, 8, 10 * MS};
		lab_start(&lab, &c.deployment);
		kill(lab.pid[2], SIGSTOP);
		lab_go(&lab, 0, 0);
		usleep(200000);
		kill(lab.pid[2], SIGCONT);
		finish(&lab, &o);
		expect_done(&o);
		CU_ASSERT(o.attempts_failed >= 1);
		/* Each attempt of the job runs it once. */
		CU_ASSERT(o.ran[1] >= 1 && o.ran[1] <= o.job.attempts);
	}
}

/* The answer takes longer than the deadline: what runs is waited for, and not begun again. */
static void test_slow_answer(void)
{
	for (size_t i = 0; i < N_STRATEGIES; i++) {
		struct chain c;
		struct lab lab = {0};
		struct outcome o = {0};

		make_chain(&c, strategies[i], 1);
		c.deployment.retry = (struct sfe_retry_policy){60 * MS, 8, 10 * MS};
		lab_start(&lab, &c.deployment);
		lab_go(&lab, 0, 0);
		finish(&lab, &o);
		expect_done(&o);
		if (strategies[i] != &sfe_state_propagate)
			CU_ASSERT_EQUAL(o.ran[1], 1);
	}
}

/* The chain of an attempt that was given up comes back after all: that ends the job. */
static void test_late_return(void)
{
	struct chain c;
	struct lab lab = {0};
	struct outcome o = {0};

	make_chain(&c, &sfe_state_propagate, 1);
	c.deployment.retry = (struct sfe_retry_policy){30 * MS, 1, 400 * MS};
	lab_start(&lab, &c.deployment);
	lab_go(&lab, 0, 0); /* overdue after 90 ms, back after 150, begun again after 490 */
	finish(&lab, &o);
	expect_done(&o);
	CU_ASSERT_EQUAL(o.job.attempts, 1);
	CU_ASSERT_EQUAL(o.job.attempt, 1);
	CU_ASSERT(o.job.end_ns - o.job.start_ns < 450 * MS);
}

static void test_job_timeout(void)
{
	struct chain c;
	struct lab lab = {0};
	struct outcome o = {0};

	make_chain(&c, &sfe_state_local, 1);
	c.deployment.job_timeout_ns = 100 * MS;
	lab_start(&lab, &c.deployment);
	lab_go(&lab, 0, 0);
	finish(&lab, &o);
	CU_ASSERT_EQUAL(o.job.status, -ETIME);
	CU_ASSERT_PTR_NOT_NULL(strstr(o.job.reason, "not done 0.1 s after its start"));
	CU_ASSERT(o.job.end_ns - o.job.start_ns >= 99 * MS);
}

/* ---- a storm */

#define STORM_JOBS 24
#define STORM_STEPS 6
#define STORM_STATES 3

struct storm {
	struct sfe_job job[STORM_JOBS];
	struct sfe_deployed_job deployed[STORM_JOBS];
	uint32_t node[STORM_JOBS][STORM_STEPS], deps[STORM_STEPS][STORM_STATES];
	uint64_t state_bytes[STORM_STATES];
	struct sfe_step steps[STORM_STEPS];
	struct sfe_endpoint nodes[N_NODES];
	uint32_t replica_of[N_NODES * 2];
	struct sfe_deployment deployment;
};

static uint32_t draw(uint64_t *x, uint32_t n)
{
	*x = *x * 6364136223846793005ull + 1442695040888963407ull;
	return (uint32_t)(*x >> 33) % n;
}

static void make_storm(struct storm *t, const struct sfe_strategy_info *strategy, uint64_t seed)
{
	static const char *const names[] = {"client", "one", "two", "three", "four"};
	uint64_t x = seed;

	*t = (struct storm){.state_bytes = {150000, 2000, 30000}};
	for (uint32_t s = 0; s < STORM_STEPS; s++) {
		t->steps[s] = (struct sfe_step){.ops = (1 + draw(&x, 20)) * MS,
			.arg_bytes = 1000 + s,
			.out_bytes = 1001 + s,
			.deps = t->deps[s]};
		for (uint32_t i = 0; i < STORM_STATES; i++) {
			if (draw(&x, 2))
				t->deps[s][t->steps[s].n_deps++] = i;
		}
	}
	for (uint32_t i = 0; i < N_NODES; i++) {
		t->nodes[i] = lab_node(i, names[i]);
		t->replica_of[2 * i] = 1;
		t->replica_of[2 * i + 1] = 2;
	}
	for (uint32_t j = 0; j < STORM_JOBS; j++) {
		t->job[j] = (struct sfe_job){.number = j + 1,
			.n_steps = STORM_STEPS,
			.steps = t->steps,
			.n_states = STORM_STATES,
			.state_bytes = t->state_bytes,
			.states_total_bytes = 182000};
		for (uint32_t s = 0; s < STORM_STEPS; s++)
			t->node[j][s] = draw(&x, N_NODES);
		t->deployed[j] = (struct sfe_deployed_job){&t->job[j], draw(&x, 2), t->node[j]};
	}
	t->deployment = (struct sfe_deployment){.strategy = strategy,
		.n_nodes = N_NODES,
		.nodes = t->nodes,
		.n_jobs = STORM_JOBS,
		.jobs = t->deployed,
		.n_functions = 1,
		.function_names = function_names,
		.seed = 1,
		.store = 4,
		.retry = {.deadline_ns = 200 * MS, .retries = 6, .backoff_ns = 5 * MS},
		.job_timeout_ns = 4000 * MS,
		.n_replicas = seed % 2,
		.replica_of = t->replica_of};
}

struct wreckage {
	const struct storm *storm;
	struct sfe_ctl_job job[STORM_JOBS];
	unsigned ended[STORM_JOBS], n_ended, n_done;
	struct {
		uint64_t version, digest;
		unsigned held;
	} state[STORM_JOBS][STORM_STATES]; /* the newest of each */
};

static void take_wreckage(void *context, const union lab_message *m)
{
	struct wreckage *k = context;

	if (m->header.type == SFE_CTL_ERROR) {
		CU_FAIL("a worker failed");
		fprintf(stderr, "%s\n", m->error.text);
	}
	if (m->header.type == SFE_CTL_JOB) {
		CU_ASSERT_EQUAL(k->ended[m->job.job]++, 0);
		k->job[m->job.job] = m->job;
		k->n_ended++;
		k->n_done += !m->job.status;
	}
	if (m->header.type != SFE_CTL_STATE)
		return;
	/* Of one version there is one owner, and whoever has it has the same. */
	bool newer = m->state.version > k->state[m->state.job][m->state.state].version;
	if (newer || !k->state[m->state.job][m->state.state].digest) {
		k->state[m->state.job][m->state.state].version = m->state.version;
		k->state[m->state.job][m->state.state].digest = m->state.digest;
		k->state[m->state.job][m->state.state].held = 0;
	}
	if (m->state.version != k->state[m->state.job][m->state.state].version)
		return;
	CU_ASSERT_EQUAL(m->state.digest, k->state[m->state.job][m->state.state].digest);
	if (m->state.condition == SFE_STATE_HELD)
		k->state[m->state.job][m->state.state].held++;
}

/* All jobs, and so many crashes while they run. */
static void weather(const struct storm *t, unsigned crashes, uint64_t seed, struct wreckage *k)
{
	struct lab lab = {.kind = seed % 2 ? LAB_RING : LAB_SHARED};
	struct timespec now;
	union lab_message m;
	uint64_t x = seed;

	*k = (struct wreckage){.storm = t};
	lab_start(&lab, &t->deployment);
	clock_gettime(CLOCK_MONOTONIC, &now);
	uint64_t at_ns = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
	for (uint32_t j = 0; j < STORM_JOBS; j++)
		lab_go(&lab, j, at_ns + j * 15 * MS);
	for (unsigned i = 0; i < crashes; i++) {
		uint32_t victim = draw(&x, N_NODES);
		tell(&lab, victim, SFE_CTL_CRASH);
		while (!lab_receive(&lab, -1, &m, (int)draw(&x, 25)))
			take_wreckage(k, &m);
		tell(&lab, victim, SFE_CTL_RESTART);
	}
	while (k->n_ended < STORM_JOBS) {
		CU_ASSERT_EQUAL_FATAL(lab_receive(&lab, -1, &m, LAB_PATIENCE_MS), 0);
		take_wreckage(k, &m);
	}
	for (uint32_t i = 0; i < N_NODES; i++)
		lab_stop(&lab, i, take_wreckage, k);
}

static void test_storm(void)
{
	static struct storm storm;
	static struct wreckage calm, wild;

	for (uint64_t seed = 1; seed <= 2 * N_STRATEGIES; seed++) {
		make_storm(&storm, strategies[seed % N_STRATEGIES], seed);
		weather(&storm, 0, seed, &calm);
		CU_ASSERT_EQUAL(calm.n_done, STORM_JOBS);
		weather(&storm, 12, seed, &wild);
		CU_ASSERT(wild.n_done > 0);
		for (uint32_t j = 0; j < STORM_JOBS; j++) {
			CU_ASSERT(!wild.job[j].status == !wild.job[j].reason[0]);
			for (uint32_t s = 0; s < STORM_STATES; s++)
				CU_ASSERT(wild.state[j][s].held <= 1);
			if (wild.job[j].status)
				continue;
			CU_ASSERT_EQUAL(wild.job[j].return_digest, calm.job[j].return_digest);
			for (uint32_t s = 0; s < STORM_STATES; s++) {
				CU_ASSERT_EQUAL(wild.state[j][s].version, calm.state[j][s].version);
				CU_ASSERT_EQUAL(wild.state[j][s].digest, calm.state[j][s].digest);
			}
		}
	}
}

/* ---- the same call twice, by hand */

static const char *ask(const char *command, char *out, size_t room)
{
	return lab_output(command, out, room);
}

#define CALL                                                                                       \
	"head -c 1000 /dev/zero | curl -s --max-time 10 -o - -w ' %%{http_code}' --data-binary "   \
	"@- "                                                                                      \
	"-H 'sfemu-job: 0' -H 'sfemu-step: 0' -H 'sfemu-from: 0' -H 'sfemu-parts: arg=1000' "      \
	"-H 'sfemu-strategy: %s' http://127.0.0.2:8080/invoke | md5sum"
#define VERSION                                                                                    \
	"curl -s --max-time 10 -D - -o /dev/null -H 'sfemu-step: %d' "                             \
	"http://127.0.0.%d:8080/state/0/0 | grep -i '^sfemu-version' | tr -d '\\r\\n'"

static void test_called_twice(void)
{
	static const struct {
		const struct sfe_strategy_info *strategy;
		int store;
	} cases[] = {{&sfe_unchained_in_function, 1}, {&sfe_unchained_in_edge, 4}};

	for (size_t i = 0; i < 2; i++) {
		struct chain c;
		struct lab lab = {.kind = LAB_SHARED};
		struct outcome o = {.ended = true};
		char command[512], first[256], second[256];

		make_chain(&c, cases[i].strategy, -1);
		lab_start(&lab, &c.deployment);
		snprintf(command, sizeof(command), CALL, cases[i].strategy->name);
		ask(command, first, sizeof(first));
		ask(command, second, sizeof(second));
		CU_ASSERT_STRING_EQUAL(first, second);
		/* A later step gets the one change, the same step what it was given before. */
		snprintf(command, sizeof(command), VERSION, 2, cases[i].store + 1);
		CU_ASSERT_STRING_EQUAL(ask(command, first, sizeof(first)), "sfemu-version: 1");
		snprintf(command, sizeof(command), VERSION, cases[i].store == 4 ? 0 : 2,
			cases[i].store + 1);
		CU_ASSERT_STRING_EQUAL(ask(command, first, sizeof(first)),
			cases[i].store == 4 ? "sfemu-version: 0" : "sfemu-version: 1");
		finish(&lab, &o);
		CU_ASSERT_EQUAL(o.ran[0], 1);
	}
}

/* A node crashes long after the job: nobody is told that the job is lost. */
static void test_crash_long_after(void)
{
	const char *page = "curl -s --max-time 10 http://127.0.0.1:8080/ | grep -o '[0-9]* accepted'";

	for (int i = 0; i < 2; i++) {
		struct chain c;
		struct lab lab = {.kind = LAB_SHARED};
		struct outcome o = {0};
		union lab_message m;
		char before[64], after[64];

		make_chain(&c, i ? &sfe_state_local : &sfe_state_propagate, -1);
		c.deployment.job_timeout_ns = 1000 * MS;
		lab_start(&lab, &c.deployment);
		lab_go(&lab, 0, 0);
		while (!o.ended) {
			CU_ASSERT_EQUAL_FATAL(lab_receive(&lab, -1, &m, LAB_PATIENCE_MS), 0);
			take(&o, &m);
		}
		usleep(1100000);
		ask(page, before, sizeof(before));
		tell(&lab, 3, SFE_CTL_CRASH); /* which node 2 has called */
		usleep(50000);
		int n = atoi(before);
		CU_ASSERT(n > 0);
		/* But for the page itself. */
		CU_ASSERT_EQUAL(atoi(ask(page, after, sizeof(after))), n + 1);
		finish(&lab, &o);
		CU_ASSERT_EQUAL(o.attempts_failed, 0);
		CU_ASSERT_EQUAL(o.job.status, 0);
	}
}

/*
 * A step is called again on a node that has crashed since it ran it, and that holds by now what a
 * later step has left: nothing comes of it.
 */
static void test_overtaken(void)
{
	struct chain c;
	struct lab lab = {.kind = LAB_RING};
	struct outcome o = {0};
	union lab_message m;
	char out[4096];

	make_chain(&c, &sfe_state_local, 1);
	c.node[2] = 1; /* as step 0 */
	c.deployment.n_replicas = 1;
	c.deployment.replica_of = c.replica_of;
	lab_start(&lab, &c.deployment);
	lab_go(&lab, 0, 0);
	wait_until_computing(2);
	tell(&lab, 1, SFE_CTL_CRASH);
	tell(&lab, 1, SFE_CTL_RESTART);
	while (!o.ended) {
		CU_ASSERT_EQUAL_FATAL(lab_receive(&lab, -1, &m, LAB_PATIENCE_MS), 0);
		take(&o, &m);
	}
	ask("head -c 1000 /dev/zero | curl -s --max-time 10 -w '%{http_code}' --data-binary @- "
	    "-H 'sfemu-job: 0' -H 'sfemu-step: 0' -H 'sfemu-from: 0' -H 'sfemu-parts: arg=1000' "
	    "-H 'sfemu-strategy: StateLocal' -H 'sfemu-holders: s0=0, s1=0' "
	    "http://127.0.0.2:8080/invoke",
		out, sizeof(out));
	CU_ASSERT_STRING_EQUAL(out, "202");
	for (int i = 0; i < 1000; i++) {
		if (strstr(ask("curl -s --max-time 10 http://127.0.0.2:8080/", out, sizeof(out)),
			    "invocations: 0 computing, 3 done"))
			break;
		usleep(2000);
	}
	CU_ASSERT_PTR_NOT_NULL(strstr(out, "invocations: 0 computing, 3 done"));
	finish(&lab, &o);
	expect_done(&o);
	CU_ASSERT_EQUAL(o.ran[0], 2);
	CU_ASSERT_EQUAL(o.ran[1], 1);
}

/* What no worker would ask for: it is told so, and the worker goes on. */
static void test_odd_requests(void)
{
#define STATUS "curl -s --max-time 10 -o /dev/null -w '%{http_code}' "
#define HEAD                                                                                       \
	"-H 'sfemu-job: 0' -H 'sfemu-from: 0' -H 'sfemu-parts: arg=1000' -H 'sfemu-strategy: "     \
	"StateLocal' "
#define PUT "-H 'sfemu-step: 2' " HEAD "-H 'sfemu-version: 2' -X PUT --data-binary @- "
	static const struct {
		const struct sfe_strategy_info *strategy;
		const char *command, *answer;
	} odd[] = {
		/* Of a step that is not there: at a store, at a holder, of a copy. */
		{&sfe_unchained_in_edge,
			STATUS "-H 'sfemu-step: 4294967294' http://127.0.0.5:8080/state/0/0",
			"404"},
		{&sfe_unchained_in_edge,
			STATUS "-H 'sfemu-step: 3' http://127.0.0.5:8080/state/0/0", "404"},
		{&sfe_state_local,
			STATUS "-H 'sfemu-step: 4294967294' http://127.0.0.1:8080/state/0/0",
			"404"},
		{&sfe_state_local,
			"head -c 200000 /dev/zero | " STATUS PUT
			"http://127.0.0.5:8080/replica/0/0; " STATUS
			"-H 'sfemu-step: 4294967294' http://127.0.0.5:8080/replica/0/0",
			"200404"},
		{&sfe_state_local, STATUS "http://127.0.0.1:8080/step/0/4294967294", "404"},
		{&sfe_state_local, STATUS "http://127.0.0.1:8080/step/0/4", "404"},
		/* Attempts that cannot be, or are older. */
		{&sfe_state_local,
			STATUS HEAD "-H 'sfemu-step: 0' -H 'sfemu-attempt: 0' -d '' "
				    "http://127.0.0.2:8080/invoke",
			"400"},
		{&sfe_state_local,
			STATUS HEAD "-H 'sfemu-step: 0' -H 'sfemu-attempt: 99999999999' -d '' "
				    "http://127.0.0.2:8080/invoke",
			"400"},
		/* A copy of an older version than is here, and where nobody keeps copies. */
		{&sfe_state_local,
			"for i in 1 2; do head -c 3000 /dev/zero | " STATUS HEAD
			"-H \"sfemu-step: $((2 - i))\" -H \"sfemu-version: $((3 - i))\" -X PUT "
			"--data-binary "
			"@- "
			"http://127.0.0.5:8080/replica/0/1; done",
			"200409"},
		{&sfe_pure_faas,
			"head -c 200000 /dev/zero | " STATUS PUT
			"http://127.0.0.5:8080/replica/0/0",
			"400"},
	};

	for (size_t i = 0; i < sizeof(odd) / sizeof(*odd); i++) {
		struct chain c;
		struct lab lab = {.kind = i % 2 ? LAB_RING : LAB_PROCESSES};
		struct outcome o = {0};
		char out[256];

		make_chain(&c, odd[i].strategy, 1);
		c.deployment.n_replicas = 1;
		c.deployment.replica_of = c.replica_of;
		lab_start(&lab, &c.deployment);
		lab_go(&lab, 0, 0);
		wait_until_computing(2);
		CU_ASSERT_STRING_EQUAL(ask(odd[i].command, out, sizeof(out)), odd[i].answer);
		finish(&lab, &o);
		CU_ASSERT_EQUAL(o.job.status, 0);
	}
}

/* What is not what was sent is refused as such; a person with curl has no digest to say. */
static void test_damaged(void)
{
#define ASK "curl -s --max-time 5 -o /dev/null -w '%{http_code}' "
#define STEP "http://127.0.0.2:8080/step/0/1"
	static const char *const asked[][2] = {
		{ASK "http://127.0.0.2:8080/", "200"},
		{ASK STEP, "404"},
		{ASK "-H 'sfemu-job: 0' " STEP, "503"},
		{ASK "-H 'sfemu-job: 0' -H 'sfemu-digest: 0123456789abcdef-0123456789abcdef' " STEP,
			"503"},
		{ASK "-H 'sfemu-job: 0' -H 'sfemu-digest: 0123456789abcdeg-0123456789abcdef' " STEP,
			"503"},
		{ASK "-H 'sfemu-job: x' " STEP, "503"},
	};
	struct chain c;
	struct lab lab = {0};
	struct outcome o = {.ended = true};
	char out[256];

	make_chain(&c, &sfe_state_local, -1);
	c.deployment.damages = true;
	lab_start(&lab, &c.deployment);
	for (size_t i = 0; i < sizeof(asked) / sizeof(*asked); i++)
		CU_ASSERT_STRING_EQUAL(ask(asked[i][0], out, sizeof(out)), asked[i][1]);
	finish(&lab, &o);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"without faults", test_without_faults},
		{"messages with digests", test_digests},
		{"the first node crashes", test_crash_of_first},
		{"a node is down for good", test_down_for_good},
		{"the holder of a state crashes", test_crash_of_holder},
		{"a node and who called it crash", test_crash_of_both},
		{"copies of states", test_copies},
		{"copies that nobody takes", test_copies_to_nobody},
		{"the store crashes", test_crash_of_store},
		{"the client crashes", test_crash_of_client},
		{"a silent node", test_silence},
		{"an answer after the deadline", test_slow_answer},
		{"a return after its deadline", test_late_return},
		{"a job takes too long", test_job_timeout},
		{"a call that comes twice", test_called_twice},
		{"a crash long after", test_crash_long_after},
		{"a step that was overtaken", test_overtaken},
		{"what nobody would ask for", test_odd_requests},
		{"damaged messages", test_damaged},
		{"a storm of crashes", test_storm},
	};

	if (!lab_enter()) {
		puts("SKIPPED: network namespaces are not allowed here");
		return 77;
	}
	return unit_main("worker faults", tests, sizeof(tests) / sizeof(*tests));
}

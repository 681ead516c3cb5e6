/* SPDX-License-Identifier: MIT */
/* Four workers on a loopback of their own: every strategy must leave the same bytes and move what
 * the model says. */
#include <math.h>

#include "tests/unit/worker_lab.h"

#define N_NODES 4
#define N_JOBS 20
#define MAX_STEPS 8
#define MAX_STATES 5
#define MAX_RECORDS 4096

static const struct sfe_strategy_info *const strategies[] = {&sfe_pure_faas, &sfe_state_propagate,
	&sfe_state_local, &sfe_unchained_external, &sfe_unchained_in_edge,
	&sfe_unchained_in_function, &sfe_unchained_in_client};
#define N_STRATEGIES (sizeof(strategies) / sizeof(strategies[0]))
/* Those whose steps fetch states, with fetch=parallel. */
static const struct sfe_strategy_info *const fetching[] = {
	&sfe_state_local, &sfe_unchained_in_edge, &sfe_unchained_in_function};
#define N_FETCHING (sizeof(fetching) / sizeof(fetching[0]))
#define STORE 2 /* the node that keeps all states, where one does */

/* ---- the workload */

struct bench {
	struct sfe_endpoint nodes[N_NODES];
	struct sfe_deployed_job deployed[N_JOBS];
	struct sfe_job jobs[N_JOBS];
	struct sfe_step steps[N_JOBS][MAX_STEPS];
	uint32_t deps[N_JOBS][MAX_STEPS][MAX_STATES];
	uint64_t state_bytes[N_JOBS][MAX_STATES];
	uint32_t node[N_JOBS][MAX_STEPS];
	struct sfe_deployment deployment;
};

static uint32_t draw(uint64_t *x, uint32_t n)
{
	*x = *x * 6364136223846793005ull + 1442695040888963407ull;
	return (uint32_t)(*x >> 33) % n;
}

static char *function_names[] = {"f0", "f1", "f10", "f2"};
static const char *const node_names[] = {"n0", "n1", "n2", "n3"};

static void make_job(struct bench *b, uint32_t j, uint64_t *x)
{
	static const uint64_t sizes[] = {0, 1, 100, 4096, 70000, 300000, 3000000};
	struct sfe_job *job = &b->jobs[j];

	*job = (struct sfe_job){.number = 100 + j,
		.n_steps = 1 + j % MAX_STEPS,
		.steps = b->steps[j],
		.n_states = 1 + draw(x, MAX_STATES),
		.state_bytes = b->state_bytes[j]};
	for (uint32_t i = 0; i < job->n_states; i++) {
		b->state_bytes[j][i] = sizes[draw(x, 7)];
		job->states_total_bytes += b->state_bytes[j][i];
	}
	uint64_t arg = sizes[draw(x, 6)];
	job->return_bytes = arg;
	for (uint32_t s = 0; s < job->n_steps; s++) {
		struct sfe_step *step = &b->steps[j][s];
		*step = (struct sfe_step){.task = s + 1,
			.function = draw(x, 4),
			.ops = draw(x, 8) ? 100000 + draw(x, 1000000) : 0,
			.arg_bytes = arg,
			.out_bytes = s + 1 < job->n_steps ? sizes[draw(x, 6)] : job->return_bytes,
			.deps = b->deps[j][s]};
		arg = step->out_bytes;
		for (uint32_t i = 0; i < job->n_states; i++) {
			if (draw(x, 2) || s + 1 == job->n_steps)
				step->deps[step->n_deps++] = i;
		}
		/* Often the node of the step before. */
		b->node[j][s] = s && !draw(x, 3) ? b->node[j][s - 1] : draw(x, N_NODES);
	}
	b->deployed[j] = (struct sfe_deployed_job){job, draw(x, N_NODES), b->node[j]};
}

static struct bench *make_bench(void)
{
	struct bench *b = calloc(1, sizeof(*b));
	uint64_t x = 42;

	if (!b)
		abort();
	for (uint32_t i = 0; i < N_NODES; i++)
		b->nodes[i] = lab_node(i, node_names[i]);
	for (uint32_t j = 0; j < N_JOBS; j++)
		make_job(b, j, &x);
	b->deployment = (struct sfe_deployment){.n_nodes = N_NODES,
		.nodes = b->nodes,
		.n_jobs = N_JOBS,
		.jobs = b->deployed,
		.n_functions = 4,
		.function_names = function_names,
		.seed = 7,
		.store = STORE};
	return b;
}

/* ---- what a run leaves */

struct moved { /* a transfer, without its times */
	uint32_t job, step, kind, from, to;
	uint64_t bytes;
};

struct outcome {
	struct sfe_ctl_job jobs[N_JOBS];
	struct sfe_ctl_state states[N_JOBS][MAX_STATES];
	unsigned holders[N_JOBS][MAX_STATES];
	struct moved moved[MAX_RECORDS];
	size_t n_moved;
	struct sfe_ctl_invocation invocations[MAX_RECORDS];
	size_t n_invocations;
};

static void take(void *context, const union lab_message *m)
{
	struct outcome *o = context;
	const struct sfe_ctl_transfer *t = &m->transfer;

	switch (m->header.type) {
	case SFE_CTL_STATE:
		o->states[m->state.job][m->state.state] = m->state;
		o->holders[m->state.job][m->state.state]++;
		break;
	case SFE_CTL_TRANSFER:
		CU_ASSERT(t->head_ns <= t->done_ns);
		o->moved[o->n_moved++] = (struct moved){
			t->job, t->step, t->kind, t->from, t->header.node, t->payload_bytes};
		break;
	case SFE_CTL_INVOCATION:
		o->invocations[o->n_invocations++] = m->invocation;
		break;
	default:
		CU_FAIL("a message that does not belong here");
	}
}

static void wait_for_job(struct lab *lab, struct outcome *o)
{
	union lab_message m;

	CU_ASSERT_EQUAL_FATAL(lab_receive(lab, -1, &m, LAB_PATIENCE_MS), 0);
	CU_ASSERT_EQUAL_FATAL(m.header.type, SFE_CTL_JOB);
	CU_ASSERT_EQUAL(m.job.status, 0);
	if (m.job.status)
		fprintf(stderr, "job %u: %s\n", m.job.job, m.job.reason);
	CU_ASSERT(m.job.start_ns <= m.job.end_ns);
	o->jobs[m.job.job] = m.job;
}

static struct outcome *run(
	struct bench *b, const struct sfe_strategy_info *strategy, bool at_once, enum lab_kind kind)
{
	struct lab lab = {.kind = kind};

	b->deployment.strategy = strategy;
	lab_start(&lab, &b->deployment);
	/* After the workers are forked: to the leak checker in them it would be lost memory. */
	struct outcome *o = calloc(1, sizeof(*o));
	if (!o)
		abort();
	for (uint32_t j = 0; j < N_JOBS; j++) {
		lab_go(&lab, j, 0);
		if (!at_once)
			wait_for_job(&lab, o);
	}
	for (uint32_t j = 0; at_once && j < N_JOBS; j++)
		wait_for_job(&lab, o);
	for (uint32_t i = 0; i < N_NODES; i++)
		lab_stop(&lab, i, take, o);
	return o;
}

/* ---- what the model says */

static void add(struct outcome *o, uint32_t job, uint32_t step, uint32_t kind, uint32_t from,
	uint32_t to, uint64_t bytes)
{
	if (from != to)
		o->moved[o->n_moved++] = (struct moved){job, step, kind, from, to, bytes};
}

/* A step's states between its node and where they are, before and after it. */
static void expect_states(const struct bench *b, uint32_t j, uint32_t s,
	const struct sfe_strategy_info *strategy, uint32_t *holder, struct outcome *o)
{
	const struct sfe_step *step = &b->jobs[j].steps[s];
	bool stored = strategy == &sfe_unchained_in_edge || strategy == &sfe_unchained_external;
	bool fetched = strategy == &sfe_state_local || strategy == &sfe_unchained_in_function;
	uint32_t node = b->node[j][s];

	for (uint32_t i = 0; i < step->n_deps; i++) {
		uint32_t state = step->deps[i];
		uint64_t bytes = b->state_bytes[j][state];
		if (stored) {
			add(o, j, s, SFE_TRANSFER_FETCH, STORE, node, bytes);
			add(o, j, s, SFE_TRANSFER_STORE, node, STORE, bytes);
		} else if (fetched) {
			/* SFE_NONE: it comes to being here. */
			if (holder[state] != SFE_NONE)
				add(o, j, s, SFE_TRANSFER_FETCH, holder[state], node, bytes);
			holder[state] = node;
		}
	}
}

/* What goes with a call and comes back with its return. */
static uint64_t carried(
	const struct bench *b, uint32_t j, uint32_t s, const struct sfe_strategy_info *strategy)
{
	const struct sfe_step *step = &b->jobs[j].steps[s];
	uint64_t bytes = 0;

	if (strategy == &sfe_pure_faas || strategy == &sfe_state_propagate)
		return b->jobs[j].states_total_bytes;
	for (uint32_t i = 0; strategy == &sfe_unchained_in_client && i < step->n_deps; i++)
		bytes += b->state_bytes[j][step->deps[i]];
	return bytes;
}

static void expect_job(const struct bench *b, uint32_t j, const struct sfe_strategy_info *strategy,
	struct outcome *o)
{
	const struct sfe_job *job = &b->jobs[j];
	uint32_t client = b->deployed[j].client, previous = client, holder[MAX_STATES];
	bool chained = strategy == &sfe_state_propagate || strategy == &sfe_state_local;

	for (uint32_t i = 0; i < MAX_STATES; i++)
		holder[i] = strategy == &sfe_unchained_in_function ? SFE_NONE : client;
	for (uint32_t s = 0; s < job->n_steps; s++) {
		const struct sfe_step *step = &job->steps[s];
		uint32_t node = b->node[j][s];
		uint64_t with = carried(b, j, s, strategy);
		add(o, j, s, SFE_TRANSFER_CALL, previous, node, step->arg_bytes + with);
		expect_states(b, j, s, strategy, holder, o);
		if (!chained || s + 1 == job->n_steps)
			add(o, j, s, SFE_TRANSFER_RETURN, node, client, step->out_bytes + with);
		if (chained)
			previous = node;
	}
}

static int by_all(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct moved));
}

/* What a step fetches from a node comes in one message. Sorted. */
static void merge_fetches(struct outcome *o)
{
	size_t n = 0;

	qsort(o->moved, o->n_moved, sizeof(struct moved), by_all);
	for (size_t i = 0; i < o->n_moved; i++) {
		struct moved *one = &o->moved[i], *before = n ? &o->moved[n - 1] : NULL;
		if (one->kind == SFE_TRANSFER_FETCH && before &&
			!memcmp(one, before, offsetof(struct moved, bytes)))
			before->bytes += one->bytes;
		else
			o->moved[n++] = *one;
	}
	o->n_moved = n;
}

static void check_traffic(const struct bench *b, const struct sfe_strategy_info *strategy,
	bool in_parallel, struct outcome *o)
{
	struct outcome *expected = calloc(1, sizeof(*expected));

	if (!expected)
		abort();
	for (uint32_t j = 0; j < N_JOBS; j++)
		expect_job(b, j, strategy, expected);
	if (in_parallel) {
		size_t each = expected->n_moved;
		merge_fetches(expected);
		CU_ASSERT(expected->n_moved < each);
	}
	qsort(o->moved, o->n_moved, sizeof(struct moved), by_all);
	qsort(expected->moved, expected->n_moved, sizeof(struct moved), by_all);
	CU_ASSERT_EQUAL(o->n_moved, expected->n_moved);
	CU_ASSERT(!memcmp(o->moved, expected->moved, expected->n_moved * sizeof(struct moved)));
	free(expected);
}

static void check_states(const struct bench *b, const struct outcome *o)
{
	for (uint32_t j = 0; j < N_JOBS; j++) {
		for (uint32_t i = 0; i < b->jobs[j].n_states; i++) {
			uint64_t version = 0;
			for (uint32_t s = 0; s < b->jobs[j].n_steps; s++) {
				for (uint32_t d = 0; d < b->steps[j][s].n_deps; d++)
					version += b->deps[j][s][d] == i;
			}
			CU_ASSERT_EQUAL(o->holders[j][i], 1);
			CU_ASSERT_EQUAL(o->states[j][i].version, version);
			CU_ASSERT_EQUAL(o->states[j][i].bytes, b->state_bytes[j][i]);
		}
	}
}

static void check_invocations(const struct bench *b, const struct outcome *o, bool alone)
{
	size_t steps = 0;

	for (uint32_t j = 0; j < N_JOBS; j++)
		steps += b->jobs[j].n_steps;
	CU_ASSERT_EQUAL(o->n_invocations, steps);
	for (size_t i = 0; i < o->n_invocations; i++) {
		const struct sfe_ctl_invocation *r = &o->invocations[i];
		uint64_t alone_ns = (uint64_t)round((double)r->ops / 1e9 * 1e9);
		CU_ASSERT(r->request_ns <= r->ready_ns);
		CU_ASSERT(r->finish_ns - r->ready_ns >= alone_ns);
		if (alone)
			CU_ASSERT_EQUAL(r->finish_ns - r->ready_ns, alone_ns);
	}
}

static void check_same(const struct outcome *a, const struct outcome *b)
{
	for (uint32_t j = 0; j < N_JOBS; j++) {
		CU_ASSERT_EQUAL(a->jobs[j].return_digest, b->jobs[j].return_digest);
		for (uint32_t i = 0; i < MAX_STATES; i++) {
			CU_ASSERT_EQUAL(a->states[j][i].digest, b->states[j][i].digest);
			CU_ASSERT_EQUAL(a->states[j][i].version, b->states[j][i].version);
		}
	}
}

static void all_strategies(bool at_once, enum lab_kind kind, struct outcome **first)
{
	struct bench *b = make_bench();

	for (unsigned i = 0; i < N_STRATEGIES; i++) {
		struct outcome *o = run(b, strategies[i], at_once, kind);
		check_traffic(b, strategies[i], false, o);
		check_states(b, o);
		check_invocations(b, o, !at_once);
		if (*first)
			check_same(*first, o);
		if (*first)
			free(o);
		else
			*first = o;
	}
	for (unsigned i = 0; i < N_FETCHING; i++) {
		struct sfe_strategy_info with = *fetching[i];
		with.name = "with(fetch=parallel)";
		with.options.fetch = SFE_FETCH_PARALLEL;
		struct outcome *o = run(b, &with, at_once, kind);
		check_traffic(b, fetching[i], true, o);
		check_states(b, o);
		check_invocations(b, o, !at_once);
		check_same(*first, o);
		free(o);
	}
	free(b);
}

static void test_strategies_agree(void)
{
	struct outcome *first = NULL;

	all_strategies(false, LAB_PROCESSES, &first);
	all_strategies(true, LAB_PROCESSES, &first); /* the same bytes, however they overlap */
	all_strategies(true, LAB_SHARED, &first);    /* and whoever shares a process */
	all_strategies(false, LAB_RING, &first);
	all_strategies(true, LAB_RING, &first);
	free(first);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"strategies leave the same bytes and move what the model says",
			test_strategies_agree},
	};

	if (!lab_enter()) {
		puts("SKIPPED: network namespaces are not allowed here");
		return 77;
	}
	return unit_main("worker", tests, sizeof(tests) / sizeof(*tests));
}

/* SPDX-License-Identifier: MIT */
/*
 * Jobs that are random graphs with declared access, on four workers: every strategy leaves the
 * bytes that the same functions leave without a network, in one version with one owner, and moves
 * what the access of the steps says.
 */
#include <xxhash.h>

#include "emu/model/workload/job_graph.h"
#include "nodes/base/inline_jobs.h"
#include "nodes/base/payload.h"
#include "nodes/functions/function_call.h"
#include "nodes/functions/mix.h"
#include "sfemu/transfer.h"
#include "tests/unit/worker_lab.h"

#define N_NODES 4
#define N_JOBS 30
#define MAX_STEPS 20
#define MAX_STATES 6
#define STORE 2
#define SEED 7

static const struct sfe_strategy_info *const strategies[] = {&sfe_pure_faas, &sfe_state_propagate,
	&sfe_state_local, &sfe_unchained_external, &sfe_unchained_in_edge,
	&sfe_unchained_in_function, &sfe_unchained_in_client};
#define N_STRATEGIES (sizeof(strategies) / sizeof(strategies[0]))

struct one { /* a job */
	struct sfe_job job;
	struct sfe_step steps[MAX_STEPS];
	uint32_t deps[MAX_STEPS][MAX_STATES];
	uint8_t access[MAX_STEPS][MAX_STATES];
	uint64_t state_bytes[MAX_STATES];
	uint32_t node[MAX_STEPS];
	struct sfe_graph *graph;
	struct sfe_job_content content;
	const void *state_content[MAX_STATES];
	/* What is right. */
	uint64_t return_digest, state_digest[MAX_STATES];
};

struct bench {
	struct sfe_endpoint nodes[N_NODES];
	struct sfe_deployed_job deployed[N_JOBS];
	struct one jobs[N_JOBS];
	struct sfe_deployment deployment;
};

static uint32_t draw(uint64_t *x, uint32_t n)
{
	*x = *x * 6364136223846793005ull + 1442695040888963407ull;
	return (uint32_t)(*x >> 33) % n;
}

static char *function_names[] = {"f0", "f1", "f10", "f2"};
static const char *const node_names[] = {"n0", "n1", "n2", "n3"};

/* ---- the workload */

static void draw_edges(struct one *o, uint64_t *x)
{
	struct sfe_edge edges[MAX_STEPS * MAX_STEPS];
	uint32_t n = o->job.n_steps, density = 2 + draw(x, 5);
	size_t n_edges = 0;

	for (uint32_t from = 0; from < n; from++)
		for (uint32_t to = from + 1; to < n; to++)
			if (!draw(x, density))
				edges[n_edges++] = (struct sfe_edge){from, to};
	if (sfe_graph_new(n, edges, n_edges, &o->graph))
		abort();
	o->job.graph = o->graph;
}

static void drop_access(struct sfe_step *step, uint32_t state)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < step->n_deps; i++) {
		if (step->deps[i] == state)
			continue;
		step->deps[n] = step->deps[i];
		step->access[n++] = step->access[i];
	}
	step->n_deps = n;
}

static void draw_access(struct one *o, uint64_t *x)
{
	uint32_t a, b, state;

	for (uint32_t s = 0; s < o->job.n_steps; s++) {
		struct sfe_step *step = &o->steps[s];
		for (uint32_t i = 0; i < o->job.n_states; i++) {
			if (draw(x, 3))
				continue;
			step->access[step->n_deps] = (uint8_t)draw(x, 3);
			step->deps[step->n_deps++] = i;
		}
	}
	while (sfe_graph_conflict(&o->job, &a, &b, &state))
		drop_access(&o->steps[b], state);
}

/* Many messages are in flight to one node at once: all steps between the first and the last run
 * there, beside each other, and read all states. */
static void make_wide(struct one *o)
{
	struct sfe_edge edges[2 * MAX_STEPS];
	size_t n = 0;

	sfe_graph_free(o->graph);
	for (uint32_t s = 1; s + 1 < o->job.n_steps; s++) {
		edges[n++] = (struct sfe_edge){0, s};
		edges[n++] = (struct sfe_edge){s, o->job.n_steps - 1};
	}
	if (sfe_graph_new(o->job.n_steps, edges, n, &o->graph))
		abort();
	o->job.graph = o->graph;
	for (uint32_t s = 0; s < o->job.n_steps; s++) {
		struct sfe_step *step = &o->steps[s];
		o->node[s] = s && s + 1 < o->job.n_steps;
		step->out_bytes = 1000;
		step->arg_bytes = 1000 * (s + 1 == o->job.n_steps ? o->job.n_steps - 2 : 1);
		step->n_deps = o->job.n_states;
		for (uint32_t i = 0; i < o->job.n_states; i++) {
			step->deps[i] = i;
			step->access[i] = SFE_READ;
		}
	}
}

/* What files would say: the argument of every third job, and some of its states. */
static uint8_t file[1000000 + MAX_STATES];

static void add_content(struct one *o, uint32_t j)
{
	if (j % 3)
		return;
	for (uint32_t i = 0; i < sizeof(file); i++)
		file[i] = (uint8_t)(i * 2654435761u >> 13);
	for (uint32_t i = 1; i < o->job.n_states; i += 2)
		o->state_content[i] = file + i;
	o->content = (struct sfe_job_content){file, o->state_content};
	o->job.content = &o->content;
}

static void make_job(struct bench *b, uint32_t j, uint64_t *x)
{
	static const uint64_t sizes[] = {0, 1, 100, 4096, 70000, 300000};
	struct one *o = &b->jobs[j];

	o->job = (struct sfe_job){.number = 100 + j,
		.n_steps = j ? 2 + draw(x, MAX_STEPS - 1) : MAX_STEPS,
		.steps = o->steps,
		.n_states = j ? draw(x, MAX_STATES + 1) : MAX_STATES,
		.state_bytes = o->state_bytes,
		.declared = true};
	for (uint32_t i = 0; i < o->job.n_states; i++)
		o->job.states_total_bytes += o->state_bytes[i] = j ? sizes[draw(x, 6)] : 1000000;
	draw_edges(o, x);
	uint64_t argument = sizes[draw(x, 6)];
	for (uint32_t s = 0; s < o->job.n_steps; s++) {
		o->steps[s] = (struct sfe_step){.task = s + 1,
			.function = draw(x, 4),
			.ops = draw(x, 4) ? 100000 + draw(x, 1000000) : 0,
			.out_bytes = sizes[draw(x, 5)],
			.deps = o->deps[s],
			.access = o->access[s]};
		for (uint32_t i = 0; i < sfe_steps_before(&o->job, s); i++)
			o->steps[s].arg_bytes += o->steps[sfe_step_before(&o->job, s, i)].out_bytes;
		if (!sfe_steps_before(&o->job, s))
			o->steps[s].arg_bytes = argument;
		o->node[s] = draw(x, N_NODES);
	}
	draw_access(o, x);
	if (!j)
		make_wide(o);
	if (sfe_graph_add_states(o->graph, &o->job))
		abort();
	add_content(o, j);
	b->deployed[j] = (struct sfe_deployed_job){&o->job, draw(x, N_NODES), o->node};
}

/* ---- what is right: the same functions, one after the other */

static void run_step(struct one *o, uint32_t s, uint8_t *const *state, uint8_t *const *output,
	const uint8_t *argument)
{
	struct sfe_step *step = &o->steps[s];
	struct buffer_pool pool = {0};
	struct slice use[MAX_STATES];
	uint8_t *arg = calloc(1, step->arg_bytes + 1), *at = arg;

	if (!arg)
		abort();
	for (uint32_t i = 0; i < sfe_steps_before(&o->job, s); i++) {
		uint32_t before = sfe_step_before(&o->job, s, i);
		memcpy(at, output[before], o->steps[before].out_bytes);
		at += o->steps[before].out_bytes;
	}
	if (!sfe_steps_before(&o->job, s))
		memcpy(arg, argument, step->arg_bytes);
	struct function_call call = {.buffers = &pool,
		.seed = SEED,
		.output_bytes = step->out_bytes,
		.trusted = true,
		.face = {.function = function_names[step->function],
			.job = o->job.number,
			.step_number = s,
			.argument = arg,
			.argument_bytes = step->arg_bytes}};
	if (function_call_open(&call, step->n_deps))
		abort();
	for (uint32_t i = 0; i < step->n_deps; i++) {
		uint64_t bytes = o->state_bytes[step->deps[i]];
		if (slice_new(&pool, bytes, &use[i]))
			abort();
		memcpy(use[i].data, state[step->deps[i]], bytes);
		function_call_state(&call, i, NULL, &use[i], step->deps[i], bytes,
			function_access(sfe_step_access(step, i)));
	}
	CU_ASSERT(!function_call_run(&call, &function_mix));
	memcpy(output[s], call.output.data, step->out_bytes);
	for (uint32_t i = 0; i < step->n_deps; i++) {
		CU_ASSERT_EQUAL(use[i].size, o->state_bytes[step->deps[i]]);
		if (use[i].size)
			memcpy(state[step->deps[i]], use[i].data, use[i].size);
		slice_drop(&use[i]);
	}
	slice_drop(&call.output);
	function_call_close(&call);
	buffer_pool_clear(&pool);
	free(arg);
}

static void run_directly(struct one *o)
{
	uint64_t key = payload_job_key(SEED, o->job.number), bytes = 0;
	uint8_t *state[MAX_STATES] = {0}, *output[MAX_STEPS] = {0},
		*argument = malloc(o->steps[0].arg_bytes + 1);
	XXH3_state_t *all = XXH3_createState();

	if (!argument || !all)
		abort();
	payload_fill(key, 0, argument, o->steps[0].arg_bytes);
	if (o->content.argument)
		memcpy(argument, file, o->steps[0].arg_bytes);
	for (uint32_t i = 0; i < o->job.n_states; i++) {
		if (!(state[i] = malloc(o->state_bytes[i] + 1)))
			abort();
		payload_fill(key, 1 + (uint64_t)i, state[i], o->state_bytes[i]);
		if (o->state_content[i])
			memcpy(state[i], file + i, o->state_bytes[i]);
	}
	XXH3_64bits_reset(all);
	for (uint32_t s = 0; s < o->job.n_steps; s++) {
		if (!(output[s] = malloc(o->steps[s].out_bytes + 1)))
			abort();
		run_step(o, s, state, output, argument);
		if (sfe_steps_after(&o->job, s))
			continue;
		XXH3_64bits_update(all, output[s], o->steps[s].out_bytes);
		bytes += o->steps[s].out_bytes;
	}
	o->job.return_bytes = bytes;
	o->return_digest = XXH3_64bits_digest(all);
	for (uint32_t i = 0; i < o->job.n_states; i++) {
		o->state_digest[i] = XXH3_64bits(state[i], o->state_bytes[i]);
		free(state[i]);
	}
	for (uint32_t s = 0; s < o->job.n_steps; s++)
		free(output[s]);
	free(argument);
	XXH3_freeState(all);
}

static struct bench *make_bench(void)
{
	struct bench *b = calloc(1, sizeof(*b));
	uint64_t x = 11;

	if (!b)
		abort();
	for (uint32_t i = 0; i < N_NODES; i++)
		b->nodes[i] = lab_node(i, node_names[i]);
	for (uint32_t j = 0; j < N_JOBS; j++) {
		make_job(b, j, &x);
		run_directly(&b->jobs[j]);
	}
	b->deployment = (struct sfe_deployment){.n_nodes = N_NODES,
		.nodes = b->nodes,
		.n_jobs = N_JOBS,
		.jobs = b->deployed,
		.n_functions = 4,
		.function_names = function_names,
		.seed = SEED,
		.store = STORE};
	return b;
}

static void free_bench(struct bench *b)
{
	for (uint32_t j = 0; j < N_JOBS; j++)
		sfe_graph_free(b->jobs[j].graph);
	free(b);
}

/* ---- what a run leaves */

struct outcome {
	const struct bench *bench;
	unsigned owners[N_JOBS][MAX_STATES];
	uint64_t moved[N_JOBS][SFE_TRANSFER_REPLICA + 1]; /* bytes, by kind; fetched also ahead */
	uint64_t ahead;                                   /* of these */
	unsigned ran[N_JOBS][MAX_STEPS];
};

static void take(void *context, const union lab_message *m)
{
	struct outcome *out = context;

	switch (m->header.type) {
	case SFE_CTL_STATE: {
		const struct sfe_ctl_state *s = &m->state;
		const struct one *o = &out->bench->jobs[s->job];
		if (s->condition != SFE_STATE_HELD)
			break;
		out->owners[s->job][s->state]++;
		CU_ASSERT_EQUAL(s->digest, o->state_digest[s->state]);
		CU_ASSERT_EQUAL(s->version, sfe_version_before(&o->job, s->state, o->job.n_steps));
		break;
	}
	case SFE_CTL_TRANSFER:
		if (m->transfer.kind <= SFE_TRANSFER_REPLICA)
			out->moved[m->transfer.job][m->transfer.kind] += m->transfer.payload_bytes;
		break;
	case SFE_CTL_ATTEMPT: /* what was to come ahead had gone */
		CU_ASSERT_EQUAL(m->attempt.kind, SFE_TRANSFER_PREFETCH);
		break;
	case SFE_CTL_INVOCATION:
		out->moved[m->invocation.job][SFE_TRANSFER_FETCH] += m->invocation.ahead_bytes;
		out->ahead += m->invocation.ahead_bytes;
		out->ran[m->invocation.job][m->invocation.step]++;
		break;
	default:
		CU_FAIL("a message that does not belong here");
	}
}

static void wait_for_job(struct lab *lab, const struct bench *b)
{
	union lab_message m;

	CU_ASSERT_EQUAL_FATAL(lab_receive(lab, -1, &m, LAB_PATIENCE_MS), 0);
	CU_ASSERT_EQUAL_FATAL(m.header.type, SFE_CTL_JOB);
	CU_ASSERT_EQUAL(m.job.status, 0);
	if (m.job.status)
		fprintf(stderr, "job %u: %s\n", m.job.job, m.job.reason);
	else
		CU_ASSERT_EQUAL(m.job.return_digest, b->jobs[m.job.job].return_digest);
}

static struct outcome *run(
	struct bench *b, const struct sfe_strategy_info *strategy, enum lab_kind kind)
{
	struct lab lab = {.kind = kind};

	b->deployment.strategy = strategy;
	lab_start(&lab, &b->deployment);
	struct outcome *o = calloc(1, sizeof(*o));
	if (!o)
		abort();
	o->bench = b;
	for (uint32_t j = 0; j < N_JOBS; j++)
		lab_go(&lab, j, 0);
	for (uint32_t j = 0; j < N_JOBS; j++)
		wait_for_job(&lab, b);
	for (uint32_t i = 0; i < N_NODES; i++)
		lab_stop(&lab, i, take, o);
	return o;
}

/* ---- what the access of the steps says */

/* The states that go with a message; from and to as in sfemu/strategy.h. */
static uint64_t with(const struct bench *b, uint32_t j, uint32_t from, uint32_t to)
{
	const struct sfe_job *job = &b->jobs[j].job;
	uint64_t bytes = 0;

	for (uint32_t i = 0; i < job->n_states; i++)
		if (deployment_carries(&b->deployment, j, i, from, to))
			bytes += job->state_bytes[i];
	return bytes;
}

static void expect_calls(const struct bench *b, uint32_t j,
	const struct sfe_strategy_info *strategy, uint64_t *moved)
{
	const struct one *o = &b->jobs[j];
	uint32_t client = b->deployed[j].client;

	for (uint32_t s = 0; s < o->job.n_steps; s++) {
		uint32_t n = sfe_steps_before(&o->job, s);
		bool by_client = strategy->client_invokes || !n;
		if (by_client && o->node[s] != client)
			moved[SFE_TRANSFER_CALL] +=
				o->steps[s].arg_bytes + with(b, j, SFE_CLIENT, s);
		for (uint32_t i = 0; !by_client && i < n; i++) {
			uint32_t from = sfe_step_before(&o->job, s, i);
			if (o->node[from] != o->node[s])
				moved[SFE_TRANSFER_CALL] +=
					o->steps[from].out_bytes + with(b, j, from, s);
		}
		if ((strategy->client_invokes || !sfe_steps_after(&o->job, s)) &&
			o->node[s] != client)
			moved[SFE_TRANSFER_RETURN] +=
				o->steps[s].out_bytes + with(b, j, s, SFE_CLIENT);
	}
}

/* Where a state is before its first change: with the client, in the store, or where it is used
 * first. */
static uint32_t first_keeper(
	const struct bench *b, uint32_t j, uint32_t state, const struct sfe_strategy_info *strategy)
{
	const struct one *o = &b->jobs[j];

	if (strategy->store)
		return STORE;
	for (uint32_t s = 0; strategy == &sfe_unchained_in_function && s < o->job.n_steps; s++)
		if (sfe_step_uses(&o->steps[s], state))
			return o->node[s];
	return b->deployed[j].client;
}

static bool comes(const struct bench *b, uint32_t j, uint32_t state, uint32_t step)
{
	const struct sfe_inlined *inlined = b->deployment.jobs[j].inlined;

	return inlined && sfe_inlined_comes(inlined, &b->jobs[j].job, state, step);
}

static void expect_states(const struct bench *b, uint32_t j,
	const struct sfe_strategy_info *strategy, uint64_t *moved)
{
	const struct one *o = &b->jobs[j];

	const bool by_edge = b->deployment.jobs[j].by_edge;

	for (uint32_t state = 0; strategy->keeper && state < o->job.n_states; state++) {
		uint32_t keeper = first_keeper(b, j, state, strategy);
		for (uint32_t s = 0; s < o->job.n_steps; s++) {
			uint32_t from =
				by_edge ? deployment_keeper(&b->deployment, j, state, s) : keeper;
			if (sfe_step_reads(&o->steps[s], state) && o->node[s] != from &&
				!comes(b, j, state, s))
				moved[SFE_TRANSFER_FETCH] += o->state_bytes[state];
			if (!sfe_step_changes(&o->steps[s], state))
				continue;
			if (!strategy->store)
				keeper = o->node[s];
			else if (o->node[s] != STORE)
				moved[SFE_TRANSFER_STORE] += o->state_bytes[state];
		}
	}
}

static void check(
	const struct bench *b, const struct sfe_strategy_info *strategy, const struct outcome *out)
{
	for (uint32_t j = 0; j < N_JOBS; j++) {
		const struct one *o = &b->jobs[j];
		uint64_t moved[SFE_TRANSFER_REPLICA + 1] = {0};
		expect_calls(b, j, strategy, moved);
		expect_states(b, j, strategy, moved);
		CU_ASSERT(!memcmp(moved, out->moved[j], sizeof(moved)));
		for (uint32_t s = 0; s < o->job.n_steps; s++)
			CU_ASSERT_EQUAL(out->ran[j][s], 1);
		for (uint32_t i = 0; i < o->job.n_states; i++) {
			bool used = sfe_state_used_from(&o->job, i, 0);
			CU_ASSERT_EQUAL(out->owners[j][i], used || !strategy->created_on_use);
		}
	}
}

/* States come ahead of calls: the same bytes and owners, and each step uses what it would fetch. */
static void test_ahead(void)
{
	static const enum lab_kind kinds[] = {LAB_PROCESSES, LAB_SHARED, LAB_RING};
	struct bench *b = make_bench();

	for (unsigned i = 0; i < N_STRATEGIES; i++)
		for (unsigned k = 0; strategies[i]->keeper && k < 3; k++) {
			struct sfe_strategy_info with = *strategies[i];
			with.name = "with(prefetch=1)";
			with.options.prefetch = 1;
			with.options.fetch = k == 1 ? SFE_FETCH_SERIAL : SFE_FETCH_PARALLEL;
			struct outcome *o = run(b, &with, kinds[k]);
			check(b, strategies[i], o);
			CU_ASSERT(o->ahead > 0);
			free(o);
		}
	free_bench(b);
}

static void test_graphs(void)
{
	static const enum lab_kind kinds[] = {LAB_PROCESSES, LAB_SHARED, LAB_RING};
	struct bench *b = make_bench();

	for (unsigned i = 0; i < N_STRATEGIES; i++)
		for (unsigned k = 0; k < 3; k++) {
			struct outcome *o = run(b, strategies[i], kinds[k]);
			check(b, strategies[i], o);
			free(o);
		}
	free_bench(b);
}

/* Round trips of half of the pairs of nodes are so long that all states go with calls. */
static int find_path(void *arg, uint32_t from, uint32_t to, struct sfe_inline_path *out)
{
	static const struct sfe_hop hops[] = {{.rate_bps = 1e6}, {.rate_bps = 1e6, .delay_s = 0.5},
		{.rate_bps = 1e6, .delay_s = 100}};
	static const uint32_t links[N_NODES * N_NODES] = {
		0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
	(void)arg;

	*out = (struct sfe_inline_path){
		from != to, &hops[(from + to) % 3], &links[from * N_NODES + to]};
	return 0;
}

/* Readers with their states in hand and those who fetch, of the same versions. */
static void run_inline(struct sfe_strategy_info strategy)
{
	static const enum lab_kind kinds[] = {LAB_PROCESSES, LAB_SHARED, LAB_RING, LAB_RING};
	const struct sfe_inline_paths paths = {find_path, NULL};
	struct bench *b = make_bench();
	struct sfe_deployed_job *jobs;
	unsigned n = 0, fetched = 0;

	strategy.options.inlined = SFE_INLINE_AUTO;
	b->deployment.strategy = &strategy;
	CU_ASSERT_FATAL(!inline_jobs_new(&b->deployment, &paths, &jobs));
	b->deployment.jobs = jobs;
	for (uint32_t j = 0; j < N_JOBS; j++)
		for (uint32_t s = 0; s < b->jobs[j].job.n_steps; s++)
			for (uint32_t i = 0; i < b->jobs[j].job.n_states; i++) {
				bool reads = sfe_step_reads(&b->jobs[j].steps[s], i);
				n += reads && comes(b, j, i, s);
				fetched += reads && !comes(b, j, i, s);
			}
	CU_ASSERT(n > 0 && fetched > 100);
	for (unsigned k = 0; k < 4; k++) {
		strategy.options.fetch = k == 3 ? SFE_FETCH_PARALLEL : SFE_FETCH_SERIAL;
		struct outcome *o = run(b, &strategy, kinds[k]);
		check(b, &strategy, o);
		free(o);
	}
	inline_jobs_free(jobs, N_JOBS);
	free_bench(b);
}

/* States go ahead of calls unasked, where links are short: the same bytes and owners. */
static void test_pushed(void)
{
	static const enum lab_kind kinds[] = {LAB_PROCESSES, LAB_SHARED, LAB_RING};
	const struct sfe_inline_paths paths = {find_path, NULL};
	struct bench *b = make_bench();
	const struct sfe_deployed_job *of = b->deployment.jobs;

	for (unsigned i = 0; i < N_STRATEGIES; i++)
		for (unsigned k = 0; strategies[i]->keeper && k < 3; k++) {
			struct sfe_strategy_info with = *strategies[i];
			struct sfe_deployed_job *jobs;
			with.name = "with(push)";
			with.options.push_us = 2000000;
			with.options.fetch = k == 1 ? SFE_FETCH_PARALLEL : SFE_FETCH_SERIAL;
			with.options.prefetch = k == 2;
			b->deployment.strategy = &with;
			b->deployment.jobs = of;
			CU_ASSERT_FATAL(!inline_jobs_new(&b->deployment, &paths, &jobs));
			b->deployment.jobs = jobs;
			struct outcome *o = run(b, &with, kinds[k]);
			check(b, strategies[i], o);
			CU_ASSERT(o->ahead > 0);
			free(o);
			inline_jobs_free(jobs, N_JOBS);
		}
	b->deployment.jobs = of;
	free_bench(b);
}

static void test_inline(void)
{
	run_inline(sfe_state_local);
}

/* Versions are kept elsewhere than where they are made: as a plugin may have it. */
static void test_inline_store(void)
{
	struct sfe_strategy_info strategy = sfe_unchained_in_edge;

	strategy.client_invokes = false;
	run_inline(strategy);
}

/* ---- by=edge */

enum edges { EDGES_STAY, EDGES_CARRY, EDGES_DRAWN };

static void decide_edges(struct bench *b, enum edges edges, uint64_t *x)
{
	for (uint32_t j = 0; j < N_JOBS; j++) {
		const struct sfe_placed_job placed = deployment_job(&b->deployment, j);
		struct sfe_edge_calls *calls;
		struct sfe_by_edge *of;
		bool carries[MAX_STEPS * MAX_STEPS];
		CU_ASSERT_EQUAL_FATAL(sfe_edge_calls_new(&placed, &calls), 0);
		CU_ASSERT_EQUAL_FATAL(sfe_by_edge_new(placed.job, &of), 0);
		for (uint32_t i = 0; i < calls->n; i++)
			carries[i] = edges == EDGES_DRAWN ? draw(x, 2) : edges == EDGES_CARRY;
		sfe_by_edge_set(calls, carries, of);
		sfe_edge_calls_free(calls);
		b->deployed[j].by_edge = of;
	}
}

/* The bytes of the calls of StatePropagate between nodes, but for states that only the client is to
 * get. */
static uint64_t calls_that_carry(const struct bench *b, uint32_t j)
{
	const struct one *o = &b->jobs[j];
	uint64_t bytes = 0;

	for (uint32_t s = 0; s < o->job.n_steps; s++)
		for (uint32_t k = 0, n = sfe_steps_before(&o->job, s); k < (n ? n : 1); k++) {
			uint32_t from = n ? sfe_step_before(&o->job, s, k) : SFE_CLIENT;
			if ((n ? o->node[from] : b->deployed[j].client) == o->node[s])
				continue;
			bytes += n ? o->steps[from].out_bytes : o->steps[s].arg_bytes;
			for (uint32_t i = 0; i < o->job.n_states; i++)
				if (sfe_state_propagate.carries(&o->job, i, from, s) &&
					sfe_reader_along(&o->job, i, from, s) != SFE_CLIENT)
					bytes += o->state_bytes[i];
		}
	return bytes;
}

/* Of each job the edges carry, or not: the same bytes and owners as ever. Those that all stay have
 * StateLocal's messages, those that all carry StatePropagate's calls and no fetches. */
static void test_by_edge(void)
{
	static const enum lab_kind kinds[] = {LAB_PROCESSES, LAB_SHARED, LAB_RING};
	struct bench *b = make_bench();
	struct outcome *local = run(b, &sfe_state_local, LAB_SHARED);
	uint64_t x = 5;

	for (unsigned k = 0; k < 9; k++) {
		const enum edges edges = k == 0 ? EDGES_STAY : k == 1 ? EDGES_CARRY : EDGES_DRAWN;
		struct sfe_strategy_info with = sfe_edges;
		struct sfe_deployed_job *jobs;
		with.options.fetch = k % 2 ? SFE_FETCH_PARALLEL : SFE_FETCH_SERIAL;
		with.options.prefetch = k > 5;
		decide_edges(b, edges, &x);
		b->deployment.strategy = &with;
		CU_ASSERT_EQUAL_FATAL(inline_jobs_new(&b->deployment, NULL, &jobs), 0);
		b->deployment.jobs = jobs;
		struct outcome *o = run(b, &with, kinds[k % 3]);
		check(b, &with, o);
		CU_ASSERT_EQUAL(o->ahead > 0, k > 5);
		if (edges == EDGES_STAY)
			CU_ASSERT(!memcmp(o->moved, local->moved, sizeof(o->moved)));
		for (uint32_t j = 0; edges == EDGES_CARRY && j < N_JOBS; j++) {
			CU_ASSERT_EQUAL(o->moved[j][SFE_TRANSFER_CALL], calls_that_carry(b, j));
			CU_ASSERT_EQUAL(o->moved[j][SFE_TRANSFER_FETCH], 0);
		}
		free(o);
		inline_jobs_free(jobs, N_JOBS);
		b->deployment.jobs = b->deployed;
		for (uint32_t j = 0; j < N_JOBS; j++) {
			sfe_by_edge_free((struct sfe_by_edge *)b->deployed[j].by_edge);
			b->deployed[j].by_edge = NULL;
		}
	}
	free(local);
	free_bench(b);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"random graphs: the same bytes, one owner, and what the access says", test_graphs},
		{"random graphs whose states come ahead of calls", test_ahead},
		{"random graphs whose states go ahead of calls unasked", test_pushed},
		{"the same where some states go along with calls", test_inline},
		{"and are kept by another node", test_inline_store},
		{"by=edge: states go along some calls, and copies stay where they came",
			test_by_edge},
	};

	if (!lab_enter()) {
		puts("SKIPPED: network namespaces are not allowed here");
		return 77;
	}
	return unit_main("worker_graphs", tests, sizeof(tests) / sizeof(*tests));
}

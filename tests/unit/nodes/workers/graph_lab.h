/* SPDX-License-Identifier: MIT */
/*
 * Random graphs with declared access for tests: the jobs, what the same functions leave without a
 * network, a run of them on four workers, and what the access of the steps says that it moves.
 */
#ifndef SFE_TESTS_GRAPH_LAB_H
#define SFE_TESTS_GRAPH_LAB_H

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

static inline uint32_t draw(uint64_t *x, uint32_t n)
{
	*x = *x * 6364136223846793005ull + 1442695040888963407ull;
	return (uint32_t)(*x >> 33) % n;
}

static char *function_names[] = {"f0", "f1", "f10", "f2"};
static const char *const node_names[] = {"n0", "n1", "n2", "n3"};

/* ---- the workload */

static inline void draw_edges(struct one *o, uint64_t *x)
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

static inline void drop_access(struct sfe_step *step, uint32_t state)
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

static inline void draw_access(struct one *o, uint64_t *x)
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
static inline void make_wide(struct one *o)
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

static inline void add_content(struct one *o, uint32_t j)
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

static inline void make_job(struct bench *b, uint32_t j, uint64_t *x)
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

static inline void run_step(struct one *o, uint32_t s, uint8_t *const *state,
	uint8_t *const *output, const uint8_t *argument)
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

static inline void run_directly(struct one *o)
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

static inline struct bench *make_bench(void)
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

static inline void free_bench(struct bench *b)
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

static inline void take(void *context, const union lab_message *m)
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

static inline void wait_for_job(struct lab *lab, const struct bench *b)
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

static inline struct outcome *run(
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
static inline uint64_t with(const struct bench *b, uint32_t j, uint32_t from, uint32_t to)
{
	const struct sfe_job *job = &b->jobs[j].job;
	uint64_t bytes = 0;

	for (uint32_t i = 0; i < job->n_states; i++)
		if (deployment_carries(&b->deployment, j, i, from, to))
			bytes += job->state_bytes[i];
	return bytes;
}

static inline void expect_calls(const struct bench *b, uint32_t j,
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
static inline uint32_t first_keeper(
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

static inline bool comes(const struct bench *b, uint32_t j, uint32_t state, uint32_t step)
{
	const struct sfe_inlined *inlined = b->deployment.jobs[j].inlined;

	return inlined && sfe_inlined_comes(inlined, &b->jobs[j].job, state, step);
}

static inline void expect_states(const struct bench *b, uint32_t j,
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

static inline void check(
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

#endif

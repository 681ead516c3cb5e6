/* SPDX-License-Identifier: MIT */
/*
 * Jobs for tests of states that outlive jobs: some jobs of one step each on four workers, which
 * change a global state, one of each client, or both; and what a run of them leaves.
 */
#ifndef SFE_TESTS_SHARED_LAB_H
#define SFE_TESTS_SHARED_LAB_H

#include "nodes/base/payload.h"
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
static inline void make_bench(struct bench *b, uint32_t n_jobs, uint64_t ops)
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

static inline void take(void *context, const union lab_message *m)
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

static inline void wait_for(struct lab *lab, struct outcome *o, uint32_t done)
{
	union lab_message m;

	while (o->done < done) {
		CU_ASSERT_EQUAL_FATAL(lab_receive(lab, -1, &m, LAB_PATIENCE_MS), 0);
		take(o, &m);
	}
}

static inline struct outcome *begin(
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

static inline void end(struct lab *lab, struct outcome *o)
{
	wait_for(lab, o, o->n_jobs);
	for (uint32_t i = 0; i < N_NODES; i++)
		lab_stop(lab, i, take, o);
}

static inline uint32_t count(
	const struct outcome *o, enum sfe_shared_outcome outcome, uint32_t instance)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < o->n; i++)
		n += o->records[i].outcome == outcome && o->records[i].instance == instance;
	return n;
}

/* ---- requests */

#define FROM(job, strategy)                                                                        \
	"sfemu-job: " job "\r\nsfemu-step: 0\r\nsfemu-from: 1\r\nsfemu-strategy: " strategy "\r\n"
#define V0 "sfemu-version: 0\r\n"

#endif

/* SPDX-License-Identifier: MIT */
/* A storm of crashes under many jobs: those that end well end as without a crash, and no state has
 * two owners. */
#include "tests/unit/nodes/workers/chain_lab.h"

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

struct storm_result {
	const struct storm *storm;
	struct sfe_ctl_job job[STORM_JOBS];
	unsigned ended[STORM_JOBS], n_ended, n_done;
	struct {
		uint64_t version, digest;
		unsigned held;
	} state[STORM_JOBS][STORM_STATES]; /* the newest of each */
};

static void take_result(void *context, const union lab_message *m)
{
	struct storm_result *k = context;

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
	/* A version has one owner, and its copies have the same bytes. */
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

/* Runs all jobs, with so many crashes meanwhile. */
static void run_storm(
	const struct storm *t, unsigned crashes, uint64_t seed, struct storm_result *k)
{
	struct lab lab = {.kind = seed % 2 ? LAB_RING : LAB_SHARED};
	struct timespec now;
	union lab_message m;
	uint64_t x = seed;

	*k = (struct storm_result){.storm = t};
	lab_start(&lab, &t->deployment);
	clock_gettime(CLOCK_MONOTONIC, &now);
	uint64_t at_ns = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
	for (uint32_t j = 0; j < STORM_JOBS; j++)
		lab_go(&lab, j, at_ns + j * 15 * MS);
	for (unsigned i = 0; i < crashes; i++) {
		uint32_t victim = draw(&x, N_NODES);
		tell(&lab, victim, SFE_CTL_CRASH);
		while (!lab_receive(&lab, -1, &m, (int)draw(&x, 25)))
			take_result(k, &m);
		tell(&lab, victim, SFE_CTL_RESTART);
	}
	while (k->n_ended < STORM_JOBS) {
		CU_ASSERT_EQUAL_FATAL(lab_receive(&lab, -1, &m, LAB_PATIENCE_MS), 0);
		take_result(k, &m);
	}
	for (uint32_t i = 0; i < N_NODES; i++)
		lab_stop(&lab, i, take_result, k);
}

static void test_storm(void)
{
	static struct storm storm;
	static struct storm_result reference, crashed;

	for (uint64_t seed = 1; seed <= 2 * N_STRATEGIES; seed++) {
		make_storm(&storm, strategies[seed % N_STRATEGIES], seed);
		run_storm(&storm, 0, seed, &reference);
		CU_ASSERT_EQUAL(reference.n_done, STORM_JOBS);
		run_storm(&storm, 12, seed, &crashed);
		CU_ASSERT(crashed.n_done > 0);
		for (uint32_t j = 0; j < STORM_JOBS; j++) {
			CU_ASSERT(!crashed.job[j].status == !crashed.job[j].reason[0]);
			for (uint32_t s = 0; s < STORM_STATES; s++)
				CU_ASSERT(crashed.state[j][s].held <= 1);
			if (crashed.job[j].status)
				continue;
			CU_ASSERT_EQUAL(
				crashed.job[j].return_digest, reference.job[j].return_digest);
			for (uint32_t s = 0; s < STORM_STATES; s++) {
				CU_ASSERT_EQUAL(
					crashed.state[j][s].version, reference.state[j][s].version);
				CU_ASSERT_EQUAL(
					crashed.state[j][s].digest, reference.state[j][s].digest);
			}
		}
	}
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"a storm of crashes", test_storm},
	};

	return chain_main("worker storm", tests, sizeof(tests) / sizeof(*tests));
}

/* SPDX-License-Identifier: MIT */
/* Workloads, in Spår's format and in Alibaba's. */
#include "sfemu/workload_summary.h"

#include "emu/model/workload/job_graph.h"
#include "emu/model/workload/job_length.h"
#include "tests/fuzz/fuzz.h"

static void check_states(const struct sfe_job *j)
{
	uint64_t total = 0;

	CHECK(j->n_steps && j->n_states);
	for (uint32_t s = 0; s < j->n_states; s++) {
		CHECK(j->state_bytes[s] <= SFE_MAX_STATE_BYTES);
		total += j->state_bytes[s];
	}
	CHECK(total == j->states_total_bytes);
}

static void check_chain(const struct sfe_job *j, uint32_t functions)
{
	CHECK(!j->graph && !j->declared && j->return_bytes == j->steps[0].arg_bytes);
	for (uint32_t i = 0; i < j->n_steps; i++) {
		const struct sfe_step *step = &j->steps[i];

		CHECK(step->function < functions && step->arg_bytes <= SFE_MAX_STATE_BYTES);
		CHECK(!i || step->task > step[-1].task);
		for (uint32_t k = 0; k < step->n_deps; k++)
			CHECK(step->deps[k] < j->n_states &&
				(!k || step->deps[k] > step->deps[k - 1]));
	}
}

/* The same tasks as the chain's, each after those before it, without conflicts. */
static void check_graph(const struct sfe_job *j, const struct sfe_job *chain)
{
	uint64_t ops = 0, chain_ops = 0, out = 0;
	uint32_t a, b, state;

	CHECK(j->declared && j->n_steps == chain->n_steps && j->n_states == chain->n_states);
	CHECK(!sfe_graph_conflict(j, &a, &b, &state));
	for (uint32_t i = 0; i < j->n_steps; i++) {
		uint64_t argument = i ? 0 : j->steps[0].arg_bytes;

		ops += j->steps[i].ops;
		chain_ops += chain->steps[i].ops;
		CHECK(!i == !sfe_steps_before(j, i));
		for (uint32_t k = 0; k < sfe_steps_before(j, i); k++) {
			CHECK(sfe_step_before(j, i, k) < i);
			argument += j->steps[sfe_step_before(j, i, k)].out_bytes;
		}
		CHECK(argument == j->steps[i].arg_bytes);
		out += sfe_steps_after(j, i) ? 0 : j->steps[i].out_bytes;
	}
	CHECK(ops == chain_ops && out == j->return_bytes);
	CHECK(sfe_job_length(j) <= j->n_steps && j->steps[0].task == 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sfe_workload_params params = {
		.functions = 3, .ops_factor = 1e5, .arg_factor = 1e6, .state_factor = 1e6};
	struct sfe_workload_summary summary;
	struct sfe_error err = {0};
	struct sfe_workload *chains, *graphs;
	int rc = sfe_workload_parse((const char *)data, size, "tasks", &params, &chains, &err);

	if (rc) {
		check_error(&err, rc);
		return 0;
	}
	params.shape = SFE_SHAPE_DAG;
	CHECK(!sfe_workload_parse((const char *)data, size, "tasks", &params, &graphs, &err));
	CHECK(chains->n_jobs && graphs->n_jobs == chains->n_jobs);
	for (uint32_t j = 0; j < chains->n_jobs; j++) {
		check_states(&chains->jobs[j]);
		check_states(&graphs->jobs[j]);
		check_chain(&chains->jobs[j], chains->n_functions);
		check_graph(&graphs->jobs[j], &chains->jobs[j]);
	}
	for (int k = 0; k < 2; k++) {
		const struct sfe_workload *w = k ? graphs : chains;
		CHECK(!sfe_workload_summarise(w, &summary));
		CHECK(summary.jobs == w->n_jobs && summary.first_s <= summary.last_s);
		CHECK(summary.graphs == w->n_graphs && (k || !w->n_graphs));
	}
	sfe_workload_free(chains);
	sfe_workload_free(graphs);
	return 0;
}

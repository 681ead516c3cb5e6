/* SPDX-License-Identifier: MIT */
/* Workloads, in Spår's format and in Alibaba's. */
#include "sfemu/workload_summary.h"
#include "tests/fuzz/fuzz.h"

static void check_job(const struct sfe_job *j, uint32_t functions)
{
	uint64_t total = 0;

	CHECK(j->n_steps && j->n_states);
	CHECK(j->return_bytes == j->steps[0].arg_bytes);
	for (uint32_t s = 0; s < j->n_states; s++) {
		CHECK(j->state_bytes[s] <= SFE_MAX_STATE_BYTES);
		total += j->state_bytes[s];
	}
	CHECK(total == j->states_total_bytes);
	for (uint32_t i = 0; i < j->n_steps; i++) {
		const struct sfe_step *step = &j->steps[i];

		CHECK(step->function < functions && step->arg_bytes <= SFE_MAX_STATE_BYTES);
		CHECK(!i || step->task > step[-1].task);
		for (uint32_t k = 0; k < step->n_deps; k++)
			CHECK(step->deps[k] < j->n_states &&
				(!k || step->deps[k] > step->deps[k - 1]));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct sfe_workload_params params = {
		.functions = 3, .ops_factor = 1e5, .arg_factor = 1e6, .state_factor = 1e6};
	struct sfe_workload_summary summary;
	struct sfe_error err = {0};
	struct sfe_workload *w;
	int rc = sfe_workload_parse((const char *)data, size, "tasks", &params, &w, &err);

	if (rc) {
		check_error(&err, rc);
		return 0;
	}
	CHECK(w->n_jobs);
	for (uint32_t j = 0; j < w->n_jobs; j++)
		check_job(&w->jobs[j], w->n_functions);
	CHECK(!sfe_workload_summarise(w, &summary));
	CHECK(summary.jobs == w->n_jobs && summary.first_s <= summary.last_s);
	sfe_workload_free(w);
	return 0;
}

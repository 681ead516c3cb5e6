/* SPDX-License-Identifier: MIT */
/* What a chain with failed attempts waited for. */
#include "emu/results/explanation/retried.h"
#include "tests/unit/unit.h"

enum { CLIENT, S };
#define MS 1000000ull

static struct sfe_step step;
static struct sfe_job job = {.n_steps = 1, .steps = &step};
static struct sfe_deployed_job deployed = {.job = &job, .client = CLIENT};
static struct sfe_scenario scenario = {.invocation = {.backoff_ns = 50 * MS}};
static struct sfe_experiment e = {.scenario = &scenario, .jobs = &deployed};

/*
 * The call failed at 110 and, repeated at 160, at 260; it was repeated at 360 and came at 400. A
 * call of before came too late, after the job's end.
 */
static void test_chain(void)
{
	struct sfe_ctl_transfer t[] = {
		{.header.node = S, .from = CLIENT, .head_ns = 380 * MS, .done_ns = 400 * MS},
		{.header.node = CLIENT,
			.from = S,
			.kind = SFE_TRANSFER_RETURN,
			.head_ns = 510 * MS,
			.done_ns = 520 * MS},
		{.header.node = S, .from = CLIENT, .head_ns = 900 * MS, .done_ns = 910 * MS}};
	struct sfe_ctl_invocation v = {.ready_ns = 400 * MS, .finish_ns = 500 * MS};
	struct sfe_ctl_attempt a[] = {
		{.to = S, .number = 2, .begin_ns = 160 * MS, .end_ns = 260 * MS},
		{.to = S, .number = 1, .begin_ns = 10 * MS, .end_ns = 110 * MS}};
	struct sfe_job_result result = {.ended = true,
		.attempts = 1,
		.failed_attempts = 2,
		.start_ns = 10 * MS,
		.attempt_ns = 10 * MS,
		.end_ns = 520 * MS,
		.processing_ns = 100 * MS};
	struct sfe_replay r = {.n_jobs = 1,
		.jobs = &result,
		.n_transfers = 3,
		.transfers = t,
		.n_invocations = 1,
		.invocations = &v,
		.n_attempts = 2,
		.attempts = a};
	const uint64_t start[] = {10 * MS, 500 * MS, 520 * MS};
	uint64_t resent[3], overlap[3] = {0};
	bool on_path[] = {true, true, true};
	double beside = 0;

	CU_ASSERT_EQUAL(sfe_retried_begin(&e, &r, start, resent), 0);
	CU_ASSERT_EQUAL(resent[0], 360 * MS);
	CU_ASSERT_EQUAL(resent[1], 500 * MS);
	CU_ASSERT_EQUAL(sfe_retried_paths(&e, &r, start, overlap, on_path, &beside), 0);
	CU_ASSERT(on_path[0] && on_path[1] && !on_path[2]);
	CU_ASSERT_DOUBLE_EQUAL(beside, 0, 1e-12);

	/* The client began the job again at 300: all before is waiting for the retry. */
	result.attempts = 2;
	result.attempt_ns = 300 * MS;
	CU_ASSERT_EQUAL(sfe_retried_paths(&e, &r, start, overlap, on_path, &beside), 0);
	CU_ASSERT(on_path[1]);
	/* Processing of an earlier attempt, of which the job's time does not know. */
	result.attempts = 1;
	result.attempt_ns = 10 * MS;
	result.processing_ns = 0;
	CU_ASSERT_EQUAL(sfe_retried_paths(&e, &r, start, overlap, on_path, &beside), 0);
	CU_ASSERT_DOUBLE_EQUAL(beside, 0.1, 1e-12);

	/* Without failed attempts the paths are left alone. */
	result.failed_attempts = 0;
	on_path[2] = true;
	CU_ASSERT_EQUAL(sfe_retried_paths(&e, &r, start, overlap, on_path, &beside), 0);
	CU_ASSERT(on_path[2]);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"a chain", test_chain},
	};

	return unit_main("failed attempts", tests, sizeof(tests) / sizeof(tests[0]));
}

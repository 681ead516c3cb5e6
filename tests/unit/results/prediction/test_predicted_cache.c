/* SPDX-License-Identifier: MIT */
/* Which states the caches of nodes will have, job by job; and what that makes of response times. */
#include "emu/results/prediction/predicted_cache.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "emu/experiment/experiment_new.h"
#include "emu/results/prediction/prediction.h"
#include "tests/unit/unit.h"

enum { FIXED, CHANGING };

/* Workflow `set` begins both states on server_1 and changes one; in `use`, two steps on server_0
 * read a picture of the client's, and the second one both states. */
static struct sfe_experiment *make(const char *more)
{
	struct sfe_scenario *s = NULL;
	struct sfe_experiment *e = NULL;
	struct sfe_error err = {0};
	char text[4096];

	snprintf(text, sizeof(text),
		"topology: {compose: {cells: [{node: rpi4, to: sw, count: 1}, {node: server, to: "
		"sw, count: 2}], backbone: []}}\n"
		"link: {node: {delay: 5ms}}\n"
		"functions: {f: {ops: 1e6, output: 1kB}}\n"
		"workflows:\n"
		"  - {name: set, at: [0s, 1h], states: {fixed: {size: 50kB, scope: global}, "
		"changing: "
		"{size: 5kB, scope: global}}, steps: [{name: set, function: f, read: fixed, "
		"update: changing}]}\n"
		"  - {name: use, at: [10min, 20min, 2h, 3h], argument: 1kB, states: {picture: "
		"{size: "
		"30kB}, fixed: {size: 50kB, scope: global}, changing: {size: 5kB, scope: global}}, "
		"steps: [{name: one, function: f, read: picture}, {name: two, function: f, after: "
		"one, read: [picture, fixed, changing]}]}\n"
		"placement: {rule: ProcNet, pin: [{step: set, node: server_1}, {step: one, node: "
		"server_0}, {step: two, node: server_0}]}\n"
		"strategies: [StateLocal, StateLocal(cache=on)]\n%s",
		more);
	int r = sfe_scenario_parse(text, strlen(text), "t.yaml", NULL, 0, &s, &err);
	r = r ? r : sfe_experiment_new(s, &e, &err);
	if (r)
		printf("%s: %s\n", err.where, err.what);
	CU_ASSERT_EQUAL_FATAL(r, 0);
	return e;
}

struct seen { /* by the steps of a job */
	bool picture[2];
	enum sfe_cached_how shared[2];
};

static struct seen run(struct sfe_predicted_caches *all, const struct sfe_experiment *e,
	uint32_t job, unsigned strategy)
{
	const struct sfe_placed_job placed = {
		e->jobs[job].job, e->jobs[job].client, e->jobs[job].node, SFE_NONE};
	struct seen seen = {0};

	for (uint32_t s = 0; s < placed.job->n_steps; s++) {
		const struct sfe_cached_step step = {
			e->scenario->strategies[strategy], &placed, job, s};
		CU_ASSERT_EQUAL(sfe_predicted_cache_begin(all, &step, 1000), 0);
		if (placed.job->steps[s].n_deps)
			seen.picture[s] = sfe_predicted_cache_has(all, &step, 0);
		for (uint32_t i = 0; s && i < 2; i++)
			seen.shared[i] = sfe_predicted_cache_shared(all, &step, i);
		CU_ASSERT_EQUAL(sfe_predicted_cache_fetched(all, &step), 0);
		CU_ASSERT_EQUAL(sfe_predicted_cache_gave(all, &step), 0);
	}
	return seen;
}

static void expect(const struct seen *seen, enum sfe_cached_how fixed, enum sfe_cached_how changing)
{
	CU_ASSERT(!seen->picture[0] && seen->picture[1]);
	CU_ASSERT_EQUAL(seen->shared[FIXED], fixed);
	CU_ASSERT_EQUAL(seen->shared[CHANGING], changing);
}

static void test_hits(void)
{
	struct sfe_experiment *e = make("");
	struct sfe_predicted_caches *all = sfe_predicted_caches_new(e, &sfe_state_local);

	CU_ASSERT_PTR_NOT_NULL_FATAL(all);
	run(all, e, 0, 1);
	struct seen seen = run(all, e, 2, 1);
	expect(&seen, SFE_CACHED_NOT, SFE_CACHED_NOT);
	seen = run(all, e, 3, 1);
	expect(&seen, SFE_CACHED_FOREVER, SFE_CACHED_NEWEST);
	run(all, e, 1, 1); /* changes one */
	seen = run(all, e, 4, 1);
	expect(&seen, SFE_CACHED_FOREVER, SFE_CACHED_OLD);
	seen = run(all, e, 5, 1);
	expect(&seen, SFE_CACHED_FOREVER, SFE_CACHED_NEWEST);
	/* A job without the option uses nothing of it. */
	seen = run(all, e, 5, 0);
	CU_ASSERT(!seen.picture[1] && !seen.shared[FIXED] && !seen.shared[CHANGING]);
	sfe_predicted_caches_free(all);
	sfe_experiment_free(e);
}

static void test_undo(void)
{
	struct sfe_experiment *e = make("");
	struct sfe_predicted_caches *all = sfe_predicted_caches_new(e, &sfe_state_local);

	CU_ASSERT_PTR_NOT_NULL_FATAL(all);
	sfe_predicted_caches_mark(all);
	run(all, e, 2, 1);
	sfe_predicted_caches_undo(all);
	struct seen seen = run(all, e, 2, 1); /* as if it had not been */
	expect(&seen, SFE_CACHED_NOT, SFE_CACHED_NOT);
	sfe_predicted_caches_mark(all);
	run(all, e, 1, 1);
	seen = run(all, e, 3, 1);
	expect(&seen, SFE_CACHED_FOREVER, SFE_CACHED_OLD);
	sfe_predicted_caches_undo(all);
	seen = run(all, e, 3, 1); /* the version of before the mark is the newest again */
	expect(&seen, SFE_CACHED_FOREVER, SFE_CACHED_NEWEST);
	sfe_predicted_caches_free(all);
	sfe_experiment_free(e);
}

/* Invocations have the node's memory first. */
static void test_memory(void)
{
	struct sfe_experiment *e = make("nodes: [{node: server_0, memory: 100kB}]\n");
	struct sfe_predicted_caches *all = sfe_predicted_caches_new(e, &sfe_state_local);

	CU_ASSERT_PTR_NOT_NULL_FATAL(all);
	run(all, e, 2, 1);
	/* The second step takes 30 + 50 + 5 and 2 kB and leaves 13: the state of 5 kB is kept. The
	 * next picture is used later than that, but has no room beside the second step either. */
	const struct sfe_placed_job placed = {
		e->jobs[3].job, e->jobs[3].client, e->jobs[3].node, SFE_NONE};
	const struct sfe_cached_step step = {e->scenario->strategies[1], &placed, 3, 1};
	CU_ASSERT_EQUAL(sfe_predicted_cache_shared(all, &step, FIXED), SFE_CACHED_NOT);
	CU_ASSERT_EQUAL(sfe_predicted_cache_shared(all, &step, CHANGING), SFE_CACHED_NEWEST);
	const struct seen seen = run(all, e, 3, 1);
	CU_ASSERT(!seen.picture[1] && !seen.shared[FIXED] && !seen.shared[CHANGING]);
	sfe_predicted_caches_free(all);
	sfe_experiment_free(e);
}

static void test_times(void)
{
	struct sfe_experiment *e = make("");
	struct sfe_predictor *p = sfe_predictor_new(e, &sfe_state_local);
	const struct sfe_strategy_info *off = e->scenario->strategies[0],
				       *on = e->scenario->strategies[1];
	double without, with, again, mean_off, mean_on;

	CU_ASSERT_PTR_NOT_NULL_FATAL(p);
	for (uint32_t i = 0; i < 2; i++)
		CU_ASSERT_EQUAL(sfe_predict_job(p, on, sfe_predictor_at(p, i), true, &with), 0);
	uint32_t job = sfe_predictor_at(p, 2); /* the second that uses them */
	CU_ASSERT_EQUAL(sfe_predict_job(p, on, job, false, &with), 0);
	CU_ASSERT_EQUAL(sfe_predict_job(p, on, job, false, &again), 0);
	CU_ASSERT_EQUAL(with, again);
	CU_ASSERT_EQUAL(sfe_predict_job(p, off, job, false, &without), 0);
	/* Two fetches fewer, of 30 and 50 kB: two round trips of 20 ms at least. */
	CU_ASSERT(with < without - 0.04);
	sfe_predictor_free(p);
	CU_ASSERT_EQUAL(sfe_predict_mean(e, off, &mean_off), 0);
	CU_ASSERT_EQUAL(sfe_predict_mean(e, on, &mean_on), 0);
	CU_ASSERT(mean_on < mean_off);
	sfe_experiment_free(e);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"what is there, job by job", test_hits},
		{"a job that did not run", test_undo},
		{"memory", test_memory},
		{"response times", test_times},
	};

	return unit_main("predicted cache", tests, sizeof(tests) / sizeof(tests[0]));
}

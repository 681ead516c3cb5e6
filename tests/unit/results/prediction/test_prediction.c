/* SPDX-License-Identifier: MIT */
/* Predicted response times against sums of messages, and which strategy is chosen by them. */
#include "emu/results/prediction/prediction.h"

#include "tests/unit/unit.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emu/experiment/experiment_new.h"
#include "emu/results/prediction/choice.h"
#include "emu/results/prediction/connections.h"
#include "sfemu/transfer.h"

#define NEAR(a, b) CU_ASSERT(fabs((a) - (b)) < 1e-9 + 1e-9 * fabs(b))
#define SPEED(e, j, s) ((double)(e)->topology->nodes[(e)->jobs[j].node[s]].speed_ops)

/* Jobs of one step on a server behind a switch, hours apart, and of another node's states. */
static struct sfe_experiment *make(const char *strategies)
{
	struct sfe_scenario *s = NULL;
	struct sfe_experiment *e = NULL;
	struct sfe_error err = {0};
	char text[2048];

	snprintf(text, sizeof(text),
		"topology: {compose: {cells: [{node: rpi4, to: sw, count: 1}, {node: server, to: "
		"sw, count: 2}], backbone: []}}\n"
		"link: {node: {delay: 5ms}}\n"
		"functions: {f: {ops: 1e6, output: 1kB}}\n"
		"workflows: [{name: w, clients: \"rpi4_*\", jobs: 3, argument: 1kB, arrivals: "
		"poisson 1e-4, states: {a: {size: 20kB}, b: {size: 60kB}}, steps: [{name: one, "
		"function: f, update: [a, b]}]}]\n"
		"placement: {rule: ProcNet, pin: [{step: one, node: server_0}]}\n"
		"strategies: [%s]\n",
		strategies);
	int r = sfe_scenario_parse(text, strlen(text), "t.yaml", NULL, 0, &s, &err);
	r = r ? r : sfe_experiment_new(s, &e, &err);
	if (r)
		printf("%s: %s\n", err.where, err.what);
	CU_ASSERT_EQUAL_FATAL(r, 0);
	return e;
}

struct sum {
	struct sfe_explained_paths paths;
	struct sfe_tcp tcp;
};

/* A message by itself; *window is that of its sender, before and after it. */
static double message(struct sum *s, uint32_t from, uint32_t to, uint64_t bytes, bool asked,
	bool connects, double *window)
{
	const struct sfe_message m = {.payload_bytes = bytes,
		.head_bytes = SFE_FETCH_HEAD_BYTES,
		.request_bytes = asked ? SFE_FETCH_HEAD_BYTES : 0,
		.connects = connects,
		.window = *window};
	uint32_t there, back;

	CU_ASSERT_EQUAL_FATAL(sfe_explained_paths_find(&s->paths, from, to, &there), 0);
	CU_ASSERT_EQUAL_FATAL(sfe_explained_paths_find(&s->paths, to, from, &back), 0);
	const struct sfe_transfer_time t =
		sfe_transfer_time(s->paths.of[there].path, s->paths.of[back].path, &s->tcp, &m);
	*window = sfe_transfer_window_after(&s->tcp, &m);
	return sfe_transfer_whole_s(&t);
}

static void test_sums(void)
{
	struct sfe_experiment *e = make("StateLocal");
	struct sum s = {.paths.e = e,
		.tcp = {e->net.mtu, e->net.initial_window, e->net.timestamps,
			e->net.slow_start_after_idle}};
	struct sfe_predictor *p = sfe_predictor_new(e, &sfe_state_local);
	const struct sfe_deployed_job *job = &e->jobs[0];
	uint32_t c = job->client, n = job->node[0];
	double call = s.tcp.initial_window, states = call, given = call, got, again, second;

	CU_ASSERT_PTR_NOT_NULL_FATAL(p);
	CU_ASSERT_NOT_EQUAL_FATAL(c, n);
	/* The call; two states over the node's connection to the client, which is then there for
	 * the return. */
	double sum = message(&s, c, n, job->job->steps[0].arg_bytes, false, true, &call) +
		     message(&s, c, n, 20000, true, true, &states) +
		     message(&s, c, n, 60000, true, false, &states) + 1e6 / SPEED(e, 0, 0) +
		     message(&s, n, c, job->job->steps[0].out_bytes, false, false, &given);
	CU_ASSERT_EQUAL(sfe_predict_job(p, &sfe_state_local, 0, false, &got), 0);
	NEAR(got, sum);
	CU_ASSERT_EQUAL(sfe_predict_job(p, &sfe_state_local, 0, true, &again), 0);
	NEAR(again, sum); /* the first one has left no connection */
	/* The next job finds connections: four messages of the handshakes fewer. */
	CU_ASSERT_EQUAL(sfe_predict_job(p, &sfe_state_local, 1, true, &second), 0);
	CU_ASSERT(second < got - 0.02);

	/* PureFaaS: all goes there and back on one connection. */
	sfe_predictor_free(p);
	p = sfe_predictor_new(e, &sfe_state_local);
	call = given = s.tcp.initial_window;
	sum = message(&s, c, n, job->job->steps[0].arg_bytes + 80000, false, true, &call) +
	      1e6 / SPEED(e, 0, 0) +
	      message(&s, n, c, job->job->steps[0].out_bytes + 80000, false, false, &given);
	CU_ASSERT_EQUAL(sfe_predict_job(p, &sfe_pure_faas, 0, true, &got), 0);
	NEAR(got, sum);
	sfe_predictor_free(p);

	/* Both states in one message: a round trip less, at least. */
	struct sfe_strategy_info parallel = sfe_state_local;
	parallel.options.fetch = SFE_FETCH_PARALLEL;
	double one_by_one, at_once;
	CU_ASSERT_EQUAL(sfe_predict_mean(e, &sfe_state_local, &one_by_one), 0);
	CU_ASSERT_EQUAL(sfe_predict_mean(e, &parallel, &at_once), 0);
	CU_ASSERT(at_once < one_by_one);
	sfe_explained_paths_free(&s.paths);
	sfe_experiment_free(e);
}

/* Both states go beside the call, in one message, and the step claims them while it computes. */
static void test_push(void)
{
	struct sfe_experiment *e = make("StateLocal(push=50ms)");
	struct sum s = {.paths.e = e,
		.tcp = {e->net.mtu, e->net.initial_window, e->net.timestamps,
			e->net.slow_start_after_idle}};
	const struct sfe_strategy_info *rules = e->scenario->strategies[0];
	struct sfe_predictor *p = sfe_predictor_new(e, rules);
	const struct sfe_deployed_job *job = &e->jobs[0];
	uint32_t c = job->client, n = job->node[0];
	double there = s.tcp.initial_window, claims = there, answers = there, got, off;

	CU_ASSERT_PTR_NOT_NULL_FATAL(p);
	CU_ASSERT_EQUAL(rules->options.push_us, 50000);
	double call = message(&s, c, n, job->job->steps[0].arg_bytes, false, true, &there);
	double pushed = message(&s, c, n, 80000, false, false, &there);
	double begun = fmax(call, pushed), computed = 1e6 / SPEED(e, 0, 0);
	double claimed = message(&s, c, n, 0, true, true, &claims);
	claimed = fmax(claimed, message(&s, c, n, 0, true, false, &claims));
	double sum = begun + fmax(computed, claimed) +
		     message(&s, n, c, job->job->steps[0].out_bytes, false, false, &answers);
	CU_ASSERT_EQUAL(sfe_predict_job(p, rules, 0, false, &got), 0);
	NEAR(got, sum);
	/* A bound that nothing keeps is as none. */
	struct sfe_strategy_info narrow = *rules;
	narrow.options.push_us = 20000; /* 2 x 10 ms, and nothing for the bytes */
	CU_ASSERT_EQUAL(sfe_predict_job(p, &narrow, 0, false, &got), 0);
	CU_ASSERT_EQUAL(sfe_predict_job(p, &sfe_state_local, 0, false, &off), 0);
	NEAR(got, off);
	sfe_predictor_free(p);
	sfe_explained_paths_free(&s.paths);
	sfe_experiment_free(e);
}

static void test_choice(void)
{
	struct sfe_experiment *e = make("PureFaaS, StateLocal, Adaptive(fetch=parallel), Oracle");
	const struct sfe_scenario *s = e->scenario;
	const uint32_t best[] = {1, 0, 1};
	struct sfe_choice *c;

	CU_ASSERT_EQUAL(sfe_choose(e, s->strategies[0], NULL, &c), 0);
	CU_ASSERT_PTR_NULL(c);
	CU_ASSERT_EQUAL_FATAL(sfe_choose(e, s->strategies[2], NULL, &c), 0);
	CU_ASSERT_EQUAL_FATAL(c->n, 3);
	/* The options are those of whom they are of use to. */
	CU_ASSERT_EQUAL(c->candidate[0].options.fetch, SFE_FETCH_SERIAL);
	CU_ASSERT_EQUAL(c->candidate[2].options.fetch, SFE_FETCH_PARALLEL);
	for (uint32_t j = 0; j < e->n_jobs; j++)
		for (uint32_t k = 0; k < c->n; k++)
			CU_ASSERT(c->predicted_s[j * c->n + c->chosen[j]] <=
				  c->predicted_s[j * c->n + k]);
	sfe_choice_free(c);
	CU_ASSERT_EQUAL_FATAL(sfe_choose(e, s->strategies[3], best, &c), 0);
	for (uint32_t j = 0; j < e->n_jobs; j++)
		CU_ASSERT_PTR_EQUAL(
			c->candidate[c->chosen[j]].keeper, s->strategies[best[j]]->keeper);
	CU_ASSERT_PTR_NULL(c->predicted_s);
	sfe_choice_free(c);
	sfe_experiment_free(e);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"a job takes the sum of its messages", test_sums},
		{"states that go ahead unasked", test_push},
		{"the least prediction, or the best measurement, is chosen", test_choice},
	};

	return unit_main("prediction", tests, sizeof(tests) / sizeof(tests[0]));
}

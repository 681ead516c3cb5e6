/* SPDX-License-Identifier: MIT */
/* by=edge: which edges carry by the least predicted response time, of random chains and graphs. */
#include "emu/results/prediction/edge_search.h"

#include "tests/unit/unit.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emu/experiment/experiment_new.h"
#include "emu/results/prediction/choice.h"

#define MOST_EDGES 14u

static uint32_t draw(uint64_t *x, uint32_t n)
{
	*x = *x * 6364136223846793005ull + 1442695040888963407ull;
	return (uint32_t)(*x >> 33) % n;
}

/* Steps with states of several sizes on nodes of a cell that is near, and of one that is far. */
static void add_steps(FILE *f, uint32_t n, bool graph, uint64_t *x)
{
	static const char *const sizes[] = {"100B", "2kB", "20kB", "100kB", "400kB"};

	fputs("states: {", f);
	for (uint32_t i = 0; i <= n; i++)
		fprintf(f, "%sx%u: {size: %s}", i ? ", " : "", i, sizes[draw(x, 5)]);
	fputs("}, steps: [", f);
	for (uint32_t s = 0; s < n; s++) {
		uint32_t one = draw(x, n);
		fprintf(f, "%s{name: s%u, function: f", s ? ", " : "", s);
		/* In a graph only the even steps change states, which are in one chain. */
		fprintf(f, ", %s: [x%u]", graph && s % 2 ? "read" : "update",
			graph && s % 2 ? one | 1
			: graph        ? one & ~1u
				       : one);
		if (!graph && n > 1)
			fprintf(f, ", read: [x%u]", (one + 1 + draw(x, n - 1)) % n);
		if (s && graph && s % 2 == 0 && draw(x, 2))
			fprintf(f, ", after: [s%u, s%u]", s - 2, s - 1);
		else if (s && graph)
			fprintf(f, ", after: [s%u]", s % 2 ? s - 1 : s - 2);
		else if (s)
			fprintf(f, ", after: [s%u]", s - 1);
		fputs("}", f);
	}
	fputs("]}]\nplacement: {rule: ProcNet, pin: [", f);
	for (uint32_t s = 0; s < n; s++)
		fprintf(f, "%s{step: s%u, node: %s_%u}", s ? ", " : "", s,
			draw(x, 3) ? "server" : "rpi4", draw(x, 3));
	fputs("]}\n", f);
}

static struct sfe_experiment *make(uint32_t n, bool graph, const char *strategies, uint64_t *x)
{
	struct sfe_scenario *s = NULL;
	struct sfe_experiment *e = NULL;
	struct sfe_error err = {0};
	char *text = NULL;
	size_t size = 0;
	FILE *f = open_memstream(&text, &size);

	fprintf(f,
		"topology: {compose: {cells: [{node: rpi4, to: a, count: 3}, {node: server, to: b, "
		"count: 3}], backbone: [{join: [a, b], latency: %u}]}}\n"
		"link: {node: {rate: %u Mbit, delay: 1ms}}\n"
		"functions: {f: {ops: 1e6, output: 1kB}}\n"
		"workflows: [{name: w, clients: \"rpi4_0\", jobs: 3, argument: 1kB, arrivals: "
		"poisson 1e-3, ",
		1 + draw(x, 40), 10 + draw(x, 90));
	add_steps(f, n, graph, x);
	fprintf(f, "strategies: [%s]\n", strategies);
	fclose(f);
	int r = sfe_scenario_parse(text, strlen(text), "t.yaml", NULL, 0, &s, &err);
	r = r ? r : sfe_experiment_new(s, &e, &err);
	if (r)
		printf("%s: %s\n%s", err.where, err.what, text);
	CU_ASSERT_EQUAL_FATAL(r, 0);
	free(text);
	return e;
}

/* The least of all combinations. */
static double least(struct sfe_predictor *p, const struct sfe_experiment *e,
	struct sfe_edge_calls *calls, uint32_t job)
{
	struct sfe_by_edge *of;
	bool carries[MOST_EDGES];
	double least_s = INFINITY, one_s;

	CU_ASSERT_FATAL(calls->n <= MOST_EDGES);
	CU_ASSERT_EQUAL_FATAL(sfe_by_edge_new(e->jobs[job].job, &of), 0);
	for (uint32_t mask = 0; mask < 1u << calls->n; mask++) {
		for (uint32_t i = 0; i < calls->n; i++)
			carries[i] = mask >> i & 1;
		sfe_by_edge_set(calls, carries, of);
		CU_ASSERT_EQUAL(sfe_predict_by_edge(p, &sfe_edges, of, job, false, &one_s), 0);
		least_s = fmin(least_s, one_s);
	}
	sfe_by_edge_free(of);
	return least_s;
}

/* What the search finds, against all combinations. */
static void test_search(void)
{
	unsigned exhaustive = 0, searched = 0, found = 0;
	double worst = 1;
	uint64_t x = 3;

	for (unsigned k = 0; k < 150; k++) {
		struct sfe_experiment *e =
			make(2 + k % (k % 3 ? 11 : 8), k % 3 == 0, "StateLocal", &x);
		struct sfe_predictor *p = sfe_predictor_new(e, &sfe_state_local);
		const struct sfe_placed_job placed = {
			e->jobs[0].job, e->jobs[0].client, e->jobs[0].node};
		struct sfe_edge_calls *calls = NULL;
		struct sfe_by_edge *of, *again;
		double least_s, got_s, again_s;
		CU_ASSERT_FATAL(p != NULL && !sfe_edge_calls_new(&placed, &calls));
		least_s = least(p, e, calls, 0);
		CU_ASSERT_EQUAL_FATAL(sfe_edge_search(p, e, &sfe_edges, 0, &of, &got_s), 0);
		CU_ASSERT_EQUAL_FATAL(sfe_edge_search(p, e, &sfe_edges, 0, &again, &again_s), 0);
		CU_ASSERT(got_s >= least_s && got_s == again_s);
		CU_ASSERT(!memcmp(of->along->bits, again->along->bits,
			sfe_inlined_rows(placed.job) * of->along->words * sizeof(uint64_t)));
		if (sfe_edge_search_all(calls->n, placed.job->n_steps)) {
			exhaustive++;
			CU_ASSERT_EQUAL(got_s, least_s);
		} else {
			searched++;
			found += got_s == least_s;
			worst = fmax(worst, got_s / least_s);
		}
		sfe_by_edge_free(of);
		sfe_by_edge_free(again);
		sfe_edge_calls_free(calls);
		sfe_predictor_free(p);
		sfe_experiment_free(e);
	}
	printf("(%u of %u searches find the least; worst %.4f) ", found, searched, worst);
	CU_ASSERT(exhaustive > 10 && searched > 10);
	CU_ASSERT(worst < 1.05 && found * 10 > searched * 9);
}

/* Each job is predicted to be at most as long as under Adaptive. */
static void test_bound(void)
{
	double sum[2] = {0};
	uint64_t x = 9;

	for (unsigned k = 0; k < 60; k++) {
		struct sfe_experiment *e = make(2 + k % 14, k % 3 == 0,
			k % 2 ? "Adaptive, Adaptive(by=edge)"
			      : "Adaptive(fetch=parallel+prefetch=1+warm=on), "
				"Adaptive(by=edge+fetch=parallel+prefetch=1+warm=on)",
			&x);
		struct sfe_choice *job, *edge;
		CU_ASSERT_EQUAL_FATAL(sfe_choose(e, e->scenario->strategies[0], NULL, &job), 0);
		CU_ASSERT_EQUAL_FATAL(sfe_choose(e, e->scenario->strategies[1], NULL, &edge), 0);
		CU_ASSERT_FATAL(job->n == 3 && edge->n == 4);
		for (uint32_t j = 0; j < e->n_jobs; j++) {
			const double *of = &edge->predicted_s[j * edge->n];
			double chosen_s = of[edge->chosen[j]];
			for (uint32_t c = 0; c < edge->n; c++)
				CU_ASSERT(chosen_s <= of[c]);
			CU_ASSERT(of[3] <= of[2]); /* all that stay are StateLocal */
			CU_ASSERT_EQUAL(edge->chosen[j] == 3, edge->by_edge[j] != NULL);
			CU_ASSERT_EQUAL(edge->chosen[j] == 3, edge->along[j] && *edge->along[j]);
			/* The first one has the same connections under both. */
			if (!j)
				CU_ASSERT(chosen_s <= job->predicted_s[job->chosen[j]]);
			sum[0] += job->predicted_s[j * job->n + job->chosen[j]];
			sum[1] += chosen_s;
		}
		sfe_choice_free(job);
		sfe_choice_free(edge);
		sfe_experiment_free(e);
	}
	CU_ASSERT(sum[1] < 0.98 * sum[0]);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"the search finds the least of all combinations, or nearly", test_search},
		{"no job is predicted to take longer than under Adaptive", test_bound},
	};

	return unit_main("edge_search", tests, sizeof(tests) / sizeof(tests[0]));
}

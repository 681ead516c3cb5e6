/* SPDX-License-Identifier: MIT */
/* A graph that has the uses of states answers as its steps do, and in time that does not grow with
 * the product of steps and states. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "emu/model/workload/job_graph.h"
#include "sfemu/random.h"
#include "tests/unit/unit.h"

static uint32_t draw(struct sfe_stream *x, uint32_t n)
{
	return (uint32_t)(sfe_stream_u64(x) % n);
}

static void test_bits(void)
{
	struct sfe_stream x = sfe_stream_named(1, "bits");

	for (unsigned round = 0; round < 2000; round++) {
		uint32_t n = draw(&x, 257), from = draw(&x, n + 1), count = 0;
		uint32_t last = SFE_NO_BIT, first = SFE_NO_BIT, both = SFE_NO_BIT;
		uint32_t density = 1 + draw(&x, 200);
		uint64_t a[4] = {0}, b[4] = {0};
		for (uint32_t i = 0; i < 256; i++) {
			a[i / 64] |= (uint64_t)!draw(&x, density) << i % 64;
			b[i / 64] |= (uint64_t)!draw(&x, 4) << i % 64;
		}
		for (uint32_t i = 0; i < n; i++) {
			bool has = a[i / 64] >> i % 64 & 1, other = b[i / 64] >> i % 64 & 1;
			CU_ASSERT_EQUAL(sfe_bits_has(a, i), has);
			count += has;
			last = has ? i : last;
			first = has && i >= from && first == SFE_NO_BIT ? i : first;
			both = has && other && i >= from && both == SFE_NO_BIT ? i : both;
		}
		CU_ASSERT_EQUAL(sfe_bits_count(a, n), count);
		CU_ASSERT_EQUAL(sfe_bits_last(a, n), last);
		CU_ASSERT_EQUAL(sfe_bits_first(a, from, n), first);
		CU_ASSERT_EQUAL(sfe_bits_first_of_both(a, b, from, n), both);
	}
}

/* ---- graphs */

struct drawn {
	struct sfe_job job;               /* whose graph has the uses of states */
	struct sfe_graph *graph, without; /* the same graph that has not */
	struct sfe_job scanned;
};

static void draw_graph(struct drawn *d, struct sfe_stream *x, uint32_t degree)
{
	uint32_t n = d->job.n_steps;
	struct sfe_edge *edge = calloc((size_t)n * n + 1, sizeof(*edge));
	size_t n_edges = 0;

	CU_ASSERT_PTR_NOT_NULL_FATAL(edge);
	for (uint32_t s = 0; s < n; s++)
		for (uint32_t to = s + 1; to < n; to++)
			if (draw(x, n) < degree)
				edge[n_edges++] = (struct sfe_edge){s, to};
	CU_ASSERT_FATAL(!sfe_graph_new(n, edge, n_edges, &d->graph));
	free(edge);
	d->job.graph = d->graph;
}

/* A step that others may run beside only reads, if the job is to be one that is accepted. */
static uint8_t draw_access(const struct drawn *d, struct sfe_stream *x, uint32_t s, bool accepted)
{
	bool parallel = false;

	for (uint32_t t = 0; t < d->job.n_steps && !parallel; t++)
		parallel = sfe_steps_parallel(&d->job, s, t);
	return (uint8_t)(accepted && parallel ? SFE_READ : draw(x, 3));
}

static void draw_job(
	struct drawn *d, struct sfe_stream *x, uint32_t n, uint32_t n_states, bool accepted)
{
	uint32_t degree = 1 + draw(x, n), density = 1 + draw(x, 8);
	struct sfe_step *steps = calloc(n, sizeof(*steps));

	CU_ASSERT_PTR_NOT_NULL_FATAL(steps);
	*d = (struct drawn){.job = {.n_steps = n, .n_states = n_states, .steps = steps}};
	draw_graph(d, x, degree);
	for (uint32_t s = 0; s < n; s++) {
		steps[s].deps = calloc(n_states, sizeof(*steps[s].deps));
		steps[s].access = calloc(n_states, sizeof(*steps[s].access));
		CU_ASSERT_FATAL(steps[s].deps && steps[s].access);
		for (uint32_t i = 0; i < n_states; i++)
			if (!draw(x, density)) {
				steps[s].access[steps[s].n_deps] = draw_access(d, x, s, accepted);
				steps[s].deps[steps[s].n_deps++] = i;
			}
	}
	d->without = *d->graph;
	d->scanned = d->job;
	d->scanned.graph = &d->without;
	CU_ASSERT_FATAL(!sfe_graph_add_states(d->graph, &d->job));
	CU_ASSERT(d->graph->n_states == n_states && !d->without.n_states);
}

static void free_job(struct drawn *d)
{
	for (uint32_t s = 0; s < d->scanned.n_steps; s++) {
		free(d->scanned.steps[s].deps);
		free(d->scanned.steps[s].access);
	}
	free(d->scanned.steps);
	sfe_graph_free(d->graph);
}

/* How many answers about a step and a state differ. */
static uint32_t differ_at(const struct drawn *d, uint32_t state, uint32_t s)
{
	const struct sfe_job *x = &d->job, *y = &d->scanned;
	uint32_t bad = sfe_version_before(x, state, s) != sfe_version_before(y, state, s);

	bad += sfe_writer_before(x, state, s) != sfe_writer_before(y, state, s);
	bad += sfe_state_used_from(x, state, s) != sfe_state_used_from(y, state, s);
	if (s == x->n_steps)
		return bad;
	bad += sfe_state_changes_beside(x, state, s) != sfe_state_changes_beside(y, state, s);
	return bad + (sfe_state_accompanies(x, state, s) != sfe_state_accompanies(y, state, s));
}

/* readers[i] counts edges, or pairs that are none: of which a step reads, the client, nobody. */
static uint32_t differ_along(
	const struct drawn *d, uint32_t state, uint32_t from, uint32_t to, uint32_t readers[3])
{
	uint32_t reader = sfe_reader_along(&d->scanned, state, from, to);

	readers[reader == SFE_NOBODY ? 2 : reader == SFE_CLIENT]++;
	return (sfe_reader_along(&d->job, state, from, to) != reader) +
	       (sfe_version_travelling(&d->job, state, from, to) !=
		       sfe_version_travelling(&d->scanned, state, from, to));
}

static uint32_t differ(const struct drawn *d, uint32_t readers[3])
{
	uint32_t n = d->job.n_steps, bad = 0;

	for (uint32_t state = 0; state < d->job.n_states; state++)
		for (uint32_t s = 0; s <= n; s++) {
			bad += differ_at(d, state, s);
			if (s == n)
				continue;
			bad += differ_along(d, state, SFE_CLIENT, s, readers);
			bad += differ_along(d, state, s, SFE_CLIENT, readers);
			for (uint32_t to = s + 1; to < n; to++)
				bad += differ_along(d, state, s, to, readers);
		}
	return bad;
}

static bool conflicts_differ(const struct drawn *d, bool *found)
{
	uint32_t x[3] = {0}, y[3] = {0};

	*found = sfe_graph_conflict(&d->scanned, &y[0], &y[1], &y[2]);
	return sfe_graph_conflict(&d->job, &x[0], &x[1], &x[2]) != *found ||
	       (*found && (x[0] != y[0] || x[1] != y[1] || x[2] != y[2]));
}

/* Of any size around that of words, with conflicts and without. */
static void test_same_answers(void)
{
	static const uint32_t sizes[] = {1, 2, 5, 12, 31, 63, 64, 65, 100, 128, 129};
	struct sfe_stream x = sfe_stream_named(2, "states of graphs");
	uint32_t bad = 0, conflicts = 0, rounds = UNIT_SANITIZED ? 110 : 330, readers[3] = {0};

	for (uint32_t round = 0; round < rounds; round++) {
		struct drawn d;
		bool found;
		draw_job(&d, &x, sizes[round % 11], 1 + draw(&x, 5), round % 2);
		bad += differ(&d, readers);
		bad += conflicts_differ(&d, &found);
		CU_ASSERT(!found || round % 2 == 0);
		conflicts += found;
		free_job(&d);
	}
	CU_ASSERT_EQUAL(bad, 0);
	/* What was drawn is what is to be tested. */
	CU_ASSERT(conflicts > rounds / 5 && conflicts < rounds / 2 + 1);
	CU_ASSERT(readers[0] > 1000 && readers[1] > 1000 && readers[2] > 1000);
}

/* The same graph for the job after its steps have changed; and a state that is not there. */
static void test_again(void)
{
	struct sfe_stream x = sfe_stream_named(3, "again");
	struct drawn d;
	uint32_t readers[3] = {0};

	draw_job(&d, &x, 70, 3, true);
	for (uint32_t s = 0; s < d.job.n_steps; s++)
		d.job.steps[s].n_deps = 0;
	CU_ASSERT(differ(&d, readers) > 0);
	CU_ASSERT_FATAL(!sfe_graph_add_states(d.graph, &d.job));
	CU_ASSERT_EQUAL(differ(&d, readers), 0);
	CU_ASSERT_EQUAL(sfe_writer_before(&d.job, 3, 70), SFE_CLIENT);
	free_job(&d);
}

/* Chains: short ones have no graph, in long ones it gives the same answers. */
static void test_chains(void)
{
	static const uint32_t sizes[] = {1, 31, 32, 64, 65, 129};
	struct sfe_stream x = sfe_stream_named(5, "chains");
	uint32_t bad = 0, readers[3] = {0};

	for (uint32_t round = 0; round < 60; round++) {
		struct drawn d;
		struct sfe_graph *uses;
		draw_job(&d, &x, sizes[round % 6], 1 + draw(&x, 5), false);
		sfe_graph_free(d.graph);
		d.graph = NULL;
		d.job.graph = d.scanned.graph = NULL;
		CU_ASSERT_FATAL(!sfe_graph_of_chain(&d.job, &uses));
		d.job.uses = uses;
		CU_ASSERT_EQUAL(uses != NULL, d.job.n_steps >= 32);
		CU_ASSERT_EQUAL(sfe_graph_of_state(&d.job, 0) != NULL, d.job.n_steps >= 32);
		bad += differ(&d, readers);
		sfe_graph_free(uses);
		free_job(&d);
	}
	CU_ASSERT_EQUAL(bad, 0);
	CU_ASSERT(readers[0] > 1000 && readers[1] > 1000 && readers[2] > 1000);
}

/* ---- growth */

/* Every k-th edge with every k-th state, so that graphs of any size get about as many questions;
 * returns how many. */
static uint64_t ask(const struct sfe_job *job, uint32_t k, uint64_t *sum)
{
	uint64_t asked = 0;

	for (uint32_t to = 0; to < job->n_steps; to += k)
		for (uint32_t state = 0; state < job->n_states; state += k) {
			uint32_t n = sfe_steps_before(job, to);
			uint32_t from = n ? sfe_step_before(job, to, n - 1) : SFE_CLIENT;
			*sum += sfe_reader_along(job, state, from, to);
			*sum += sfe_version_before(job, state, to);
			*sum += sfe_writer_before(job, state, to);
			*sum += sfe_state_accompanies(job, state, to);
			asked++;
		}
	return asked;
}

/* Seconds of the processor for a question, of the fastest of some rounds. */
static double time_of(const struct sfe_job *job, uint32_t k, uint32_t repeat)
{
	double best = 1e9;
	uint64_t sum = 0;

	for (unsigned round = 0; round < 5; round++) {
		uint64_t asked = 0;
		clock_t begin = clock();
		for (uint32_t i = 0; i < repeat; i++)
			asked += ask(job, k, &sum);
		double s = (double)(clock() - begin) / CLOCKS_PER_SEC / (double)asked;
		best = s < best ? s : best;
	}
	CU_ASSERT(sum > 0);
	return best;
}

/* Ten times the steps and the states: a question goes over 16 words instead of 2. Asking each step
 * whether it is in its list takes a hundred times as long, and more. */
static void test_growth(void)
{
	struct sfe_stream x = sfe_stream_named(4, "growth");
	struct drawn small, large;

	draw_job(&small, &x, 100, 30, true);
	draw_job(&large, &x, 1000, 300, true);
	double a = time_of(&small.job, 1, 20), b = time_of(&large.job, 10, 20);
	printf(" %.0f ns, then %.0f ns: %.1f times (each step asked: %.1f times) ", a * 1e9,
		b * 1e9, b / a, time_of(&large.scanned, 100, 1) / time_of(&small.scanned, 10, 100));
	CU_ASSERT(b < 20 * a);
	/* No step is looked at. */
	uint64_t sum = 0, same = 0;
	(void)ask(&large.job, 50, &sum);
	large.job.steps = NULL;
	(void)ask(&large.job, 50, &same);
	CU_ASSERT_EQUAL(sum, same);
	free_job(&small);
	free_job(&large);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"rows of bits", test_bits},
		{"random graphs answer as their steps do", test_same_answers},
		{"long chains answer as their steps do", test_chains},
		{"a graph for a job that has changed", test_again},
		{"questions to a large graph", test_growth},
	};
	return unit_main("states of graphs", tests, sizeof(tests) / sizeof(*tests));
}

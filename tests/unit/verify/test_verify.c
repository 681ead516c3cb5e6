/* SPDX-License-Identifier: MIT */
/* What verify judges by: right laws are not doubted, wrong ones are found. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "emu/verify/verify_copies.h"
#include "emu/verify/verify_law.h"
#include "emu/verify/verify_stations.h"
#include "sfemu/random.h"
#include "tests/unit/unit.h"

#define MS 1e6
#define N 4000u
#define LIMIT (1.628 / 63.2) /* of N delays */

static int by_value(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

/* The distance of delays that are drawn from one law from another one. */
static double drawn(const struct sfe_delay *from, const struct sfe_verify_law *law)
{
	struct sfe_stream random;
	int64_t *ns = malloc(N * sizeof(*ns));

	random = sfe_stream_named(1, "verify");
	for (uint32_t i = 0; i < N; i++) {
		double x = sfe_delay_quantile(from, sfe_stream_real(&random));
		double y = sfe_delay_quantile(from, sfe_stream_real(&random));
		bool second = sfe_stream_real(&random) < law->replaced;
		/* A delay of 0 may come out as a little more or less. */
		double off = 400 * (sfe_stream_real(&random) * 2 - 1);
		ns[i] = (int64_t)(law->base + off + (second ? fmax(x, y) : x));
	}
	qsort(ns, N, sizeof(*ns), by_value);
	double ks = sfe_verify_law_distance(law, ns, N);
	free(ns);
	return ks;
}

static void test_mass_at_zero(void)
{
	static const struct sfe_delay half = {SFE_DELAY_NORMAL, 5000000, 10000000, 0, NULL};
	static const struct sfe_delay most = {SFE_DELAY_NORMAL, 0, 3000000, 0, NULL};
	static const struct sfe_delay wide = {SFE_DELAY_NORMAL, 5000000, 11500000, 0, NULL};
	static const struct sfe_delay late = {SFE_DELAY_NORMAL, 6000000, 10000000, 0, NULL};
	static const struct sfe_delay flat = {SFE_DELAY_UNIFORM, 0, 14000000, 0, NULL};
	const struct sfe_verify_law law = {.delay = &half, .base = 800, .slack = 1000};
	const struct sfe_verify_law other = {.delay = &most, .base = 3 * MS, .slack = 1000};

	CU_ASSERT_DOUBLE_EQUAL(sfe_delay_cdf(&half, 0), 0.3085, 1e-4);
	CU_ASSERT_TRUE(drawn(&half, &law) < LIMIT);
	CU_ASSERT_TRUE(drawn(&most, &other) < LIMIT);
	CU_ASSERT_TRUE(drawn(&wide, &law) > LIMIT);
	CU_ASSERT_TRUE(drawn(&late, &law) > LIMIT);
	CU_ASSERT_TRUE(drawn(&flat, &law) > LIMIT);
	/* The same law at another base: nothing is where the step should be. */
	const struct sfe_verify_law shifted = {.delay = &half, .base = 800 + 2 * MS, .slack = 1000};
	int64_t early[] = {800, 900, 1000};
	CU_ASSERT_TRUE(sfe_verify_law_distance(&shifted, early, 3) > 0.9);
}

static void test_replaced(void)
{
	static const struct sfe_delay normal = {SFE_DELAY_NORMAL, 10000000, 2000000, 0, NULL};
	const struct sfe_verify_law law = {
		.delay = &normal, .base = 0, .replaced = 0.3, .slack = 1000};
	const struct sfe_verify_law plain = {.delay = &normal, .base = 0, .slack = 1000};

	CU_ASSERT_TRUE(drawn(&normal, &law) < LIMIT);
	CU_ASSERT_TRUE(drawn(&normal, &plain) < LIMIT);
	/* Delays of the plain law are not those of the other. */
	struct sfe_stream random;
	int64_t *ns = malloc(N * sizeof(*ns));
	random = sfe_stream_named(2, "verify");
	for (uint32_t i = 0; i < N; i++)
		ns[i] = (int64_t)sfe_delay_quantile(&normal, sfe_stream_real(&random));
	qsort(ns, N, sizeof(*ns), by_value);
	CU_ASSERT_TRUE(sfe_verify_law_distance(&law, ns, N) > LIMIT);
	free(ns);
}

/* netem's correlated draws. */
struct draws {
	double last, correlation, threshold;
};

static bool happens(struct draws *d, struct sfe_stream *random)
{
	d->last = (1 - d->correlation) * sfe_stream_real(random) + d->correlation * d->last;
	return d->last < d->threshold;
}

/* Copies that a link makes of n packets, as netem does it behind losses in front of it. */
static uint32_t link_copies(
	const struct sfe_link_spec *s, struct draws *corrupt, uint32_t n, struct sfe_stream *random)
{
	uint32_t out = 0;

	for (; n; n--) {
		if (sfe_stream_real(random) < s->loss.p[0])
			continue;
		uint32_t copies = 1 + (sfe_stream_real(random) < s->duplicate.probability);
		for (; copies; copies--)
			out += !happens(corrupt, random) ||
			       sfe_stream_real(random) < 6.0 / SFE_VERIFY_SMALL_FRAME;
	}
	return out;
}

static void check_copies(const struct sfe_verify_path *p)
{
	struct sfe_stream random;
	struct sfe_verify_copies copies;
	struct draws corrupt[2];
	uint32_t n = 400000, lost = 0, extra = 0;
	double squares = 0;

	random = sfe_stream_named(3, "verify");
	sfe_verify_copies(p, &copies);
	for (int l = 0; l < p->n; l++) {
		const struct sfe_probability *c = &p->spec[l].corrupt;
		corrupt[l] = (struct draws){0.5, c->correlation,
			sfe_correlated_quantile(c->probability, c->correlation)};
	}
	for (uint32_t i = 0; i < n; i++) {
		uint32_t k = 1;
		for (int l = 0; l < p->n; l++)
			k = link_copies(&p->spec[p->order[l]], &corrupt[p->order[l]], k, &random);
		lost += !k;
		extra += k ? k - 1 : 0;
		squares += k ? (k - 1) * (k - 1) : 0;
	}
	double mean = (double)extra / (n - lost);
	CU_ASSERT_DOUBLE_EQUAL(copies.loss, (double)lost / n, 0.006);
	CU_ASSERT_DOUBLE_EQUAL(copies.extra, mean, 0.01);
	CU_ASSERT_DOUBLE_EQUAL(copies.extra_var, squares / (n - lost) - mean * mean, 0.02);
}

static void test_copies(void)
{
	struct sfe_verify_path one = {.n = 1}, two = {.n = 2, .order = {1, 0}};

	one.spec[0].loss.p[0] = 0.3;
	one.spec[0].duplicate.probability = 0.5;
	check_copies(&one);
	one.spec[0].corrupt.probability = 0.4;
	check_copies(&one);
	one.spec[0].corrupt.correlation = 0.6;
	check_copies(&one);
	/* The order counts: what is duplicated first is seldom lost afterwards. */
	two.spec[0].loss.p[0] = 0.4;
	two.spec[1].duplicate.probability = 0.7;
	two.spec[0].duplicate.probability = 0.2;
	check_copies(&two);
	struct sfe_verify_copies copies;
	sfe_verify_copies(&two, &copies);
	CU_ASSERT_DOUBLE_EQUAL(copies.loss, 0.3 * 0.4 + 0.7 * 0.16, 1e-9);
	two.order[0] = 0;
	two.order[1] = 1;
	check_copies(&two);
	sfe_verify_copies(&two, &copies);
	CU_ASSERT_DOUBLE_EQUAL(copies.loss, 0.4, 1e-9);
}

/* In turns, one after the other, two for one; as long as both have something to send. */
static void test_fairness(void)
{
	int64_t turn[2][8], after[2][8], twice[2][8], all[8], none[8];

	for (int i = 0; i < 8; i++) {
		turn[0][i] = 20 - 2 * i;
		turn[1][i] = 21 - 2 * i;
		after[0][i] = i;
		after[1][i] = 8 + i;
		twice[0][i] = i < 7 ? i + i / 2 : -1;
		twice[1][i] = i < 4 ? 3 * i + 2 : 50 + i;
		all[i] = i;
		none[i] = -1;
	}
	turn[1][3] = -1; /* lost */
	CU_ASSERT_TRUE(sfe_verify_fairness(turn[0], 8, turn[1], 8) > 0.97);
	CU_ASSERT_DOUBLE_EQUAL(sfe_verify_fairness(after[0], 8, after[1], 8), 0.5, 1e-9);
	/* 15 packets arrive; of the first 7, 5 are one's. */
	CU_ASSERT_DOUBLE_EQUAL(
		sfe_verify_fairness(twice[0], 8, twice[1], 8), 49 / (2.0 * (25 + 4)), 1e-9);
	CU_ASSERT_DOUBLE_EQUAL(sfe_verify_fairness(all, 8, none, 8), 0.5, 1e-9);
	CU_ASSERT_EQUAL(sfe_verify_fairness(none, 8, none, 8), 0);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"a law that is cut at 0", test_mass_at_zero},
		{"the law of packets whose first copy is lost", test_replaced},
		{"losses and copies of a path", test_copies},
		{"what two stations get", test_fairness},
	};

	return unit_main("verify", tests, sizeof(tests) / sizeof(tests[0]));
}

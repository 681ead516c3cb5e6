/* SPDX-License-Identifier: MIT */
#include <math.h>

#include "sfemu/random.h"
#include "tests/unit/unit.h"

/* The C++ standard gives the 10000th value of minstd_rand0 with its default seed 1. */
static void test_engine(void)
{
	struct sfe_minstd e = sfe_minstd_seed(1);

	for (int i = 0; i < 9999; i++)
		sfe_minstd_next(&e);
	CU_ASSERT_EQUAL(sfe_minstd_next(&e), 1043618065);
	CU_ASSERT_EQUAL(sfe_minstd_seed(0).x, 1);
	CU_ASSERT_EQUAL(sfe_minstd_seed(2147483647u).x, 1); /* 0 modulo 2^31 - 1 */
}

/* What libstdc++ prints for std::uniform_real_distribution<double> over minstd_rand0, seed 1. */
static void test_real(void)
{
	static const double want[] = {
		0.13153778773876065, 0.4586501320232198, 0.21895918621247895, 0.67886471674068549};
	struct sfe_minstd e = sfe_minstd_seed(1);

	for (int i = 0; i < 4; i++)
		CU_ASSERT_EQUAL(sfe_minstd_real(&e, 0, 1), want[i]);
	e = sfe_minstd_seed(1);
	CU_ASSERT_EQUAL(sfe_minstd_real(&e, 2, 6), want[0] * 4 + 2);
}

static void test_integer(void)
{
	static const uint32_t want[] = {0, 1, 7, 4, 5, 2, 0, 6, 6, 9};
	struct sfe_minstd e = sfe_minstd_seed(1);

	for (int i = 0; i < 10; i++)
		CU_ASSERT_EQUAL(sfe_minstd_integer(&e, 10), want[i]);
	CU_ASSERT_EQUAL(sfe_minstd_integer(&e, 1), 0);
	/* The halves of n = 2 have 2147483645 / 2 values each: 1073741822 is the first of the
	 * second. */
	e.x = 1443645147u; /* gives 1073741823 */
	CU_ASSERT_EQUAL(sfe_minstd_integer(&e, 2), 1);
	/* The last two values belong to neither half and are drawn again. */
	struct sfe_minstd last = {.x = 739806647u}, next = {.x = 2147483646u};
	CU_ASSERT_EQUAL(sfe_minstd_integer(&last, 2), sfe_minstd_integer(&next, 2));
	CU_ASSERT_EQUAL(last.x, next.x);
}

/* Streams determine every result file and must never change. */
static void test_stream_is_fixed(void)
{
	struct sfe_stream s = sfe_stream_named(1, "a");
	struct sfe_stream same = sfe_stream_named(1, "a");

	CU_ASSERT_EQUAL(sfe_stream_u64(&s), 0x94cb16949a6b2e6dull);
	CU_ASSERT_EQUAL(sfe_stream_u64(&s), 0xc3a8fc94912bbef9ull);
	CU_ASSERT_EQUAL(sfe_stream_u64(&same), 0x94cb16949a6b2e6dull);
}

static void test_streams_differ(void)
{
	struct sfe_stream a = sfe_stream_named(1, "a"), b = sfe_stream_named(1, "b"),
			  c = sfe_stream_named(2, "a");
	uint64_t x = sfe_stream_u64(&a), y = sfe_stream_u64(&b), z = sfe_stream_u64(&c);

	CU_ASSERT(x != y && y != z && x != z);
}

static void test_stream_laws(void)
{
	struct sfe_stream s = sfe_stream_named(7, "laws");
	double sum = 0, exponential = 0;
	const int n = 100000;

	for (int i = 0; i < n; i++) {
		double v = sfe_stream_real(&s);
		CU_ASSERT_FATAL(v >= 0 && v < 1);
		sum += v;
		v = sfe_stream_exponential(&s, 3);
		CU_ASSERT_FATAL(v >= 0 && isfinite(v));
		exponential += v;
	}
	CU_ASSERT_DOUBLE_EQUAL(sum / n, 0.5, 0.005); /* more than five standard errors */
	CU_ASSERT_DOUBLE_EQUAL(exponential / n, 3, 0.05);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"the engine of the C++ standard", test_engine},
		{"reals of libstdc++", test_real},
		{"integers of libstdc++", test_integer},
		{"a stream never changes", test_stream_is_fixed},
		{"streams differ by name and seed", test_streams_differ},
		{"distributions of a stream", test_stream_laws},
	};

	return unit_main("random", tests, sizeof(tests) / sizeof(tests[0]));
}

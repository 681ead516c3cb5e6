/* SPDX-License-Identifier: MIT */
#include "emu/analyze/intervals.h"

#include "tests/unit/unit.h"

static void test_index(void)
{
	CU_ASSERT_EQUAL(sfe_interval_of(1000, 1000, 10), 0);
	CU_ASSERT_EQUAL(sfe_interval_of(1009, 1000, 10), 0);
	CU_ASSERT_EQUAL(sfe_interval_of(1010, 1000, 10), 1);
	CU_ASSERT_EQUAL(sfe_interval_of(999, 1000, 10), -1);
	CU_ASSERT_EQUAL(sfe_interval_of(990, 1000, 10), -1);
	CU_ASSERT_EQUAL(sfe_interval_of(989, 1000, 10), -2);
}

static void test_add(void)
{
	static const int64_t order[] = {0, 5, 5000000000000, 3, -7, 5, 3};
	struct sfe_intervals v = {0};

	for (unsigned i = 0; i < 7; i++)
		CU_ASSERT_TRUE(sfe_intervals_add(&v, order[i], 1 + i));
	sfe_intervals_settle(&v);
	CU_ASSERT_EQUAL_FATAL(v.n, 5);
	CU_ASSERT_EQUAL(v.all[0].index, -7);
	CU_ASSERT_EQUAL(v.all[2].index, 3);
	CU_ASSERT_EQUAL(v.all[2].bytes, 4 + 7);
	CU_ASSERT_EQUAL(v.all[3].bytes, 2 + 6);
	CU_ASSERT_EQUAL(v.all[4].bytes, 3);
	sfe_intervals_free(&v);
}

static void test_limit(void)
{
	struct sfe_intervals v = {0};

	for (uint32_t i = 0; i < SFE_INTERVALS_MAX; i++)
		sfe_intervals_add(&v, i, 1);
	sfe_intervals_add(&v, SFE_INTERVALS_MAX, 3);
	sfe_intervals_add(&v, 7, 3);
	sfe_intervals_settle(&v);
	CU_ASSERT_EQUAL(v.n, SFE_INTERVALS_MAX);
	CU_ASSERT_EQUAL(v.left_out, 3);
	CU_ASSERT_EQUAL(v.all[7].bytes, 4);
	sfe_intervals_free(&v);
}

/* A clock that goes back all the time: as much work as one that goes on. */
static void test_backwards(void)
{
	struct sfe_intervals v = {0};

	for (int64_t i = 0; i < 3 * SFE_INTERVALS_MAX; i++)
		CU_ASSERT_TRUE(sfe_intervals_add(&v, -i, 1));
	sfe_intervals_settle(&v);
	CU_ASSERT_EQUAL(v.n, SFE_INTERVALS_MAX);
	CU_ASSERT_EQUAL(v.left_out, 2 * SFE_INTERVALS_MAX);
	for (uint32_t i = 1; i < v.n; i++)
		CU_ASSERT_FATAL(v.all[i - 1].index < v.all[i].index);
	sfe_intervals_free(&v);
}

static const struct unit_test tests[] = {
	{"which interval", test_index},
	{"in any order", test_add},
	{"the limit", test_limit},
	{"ever earlier", test_backwards},
};

int main(void)
{
	return unit_main("analyze intervals", tests, sizeof(tests) / sizeof(tests[0]));
}

/* SPDX-License-Identifier: MIT */
#include <math.h>

#include "sfemu/statistics.h"
#include "tests/unit/unit.h"

static void test_quantile(void)
{
	/* numpy.quantile([1, 2, 4, 8], [0, .5, .95, 1]) */
	double x[] = {8, 1, 4, 2};

	sfe_sort(x, 4);
	CU_ASSERT_DOUBLE_EQUAL(sfe_quantile(x, 4, 0), 1, 0);
	CU_ASSERT_DOUBLE_EQUAL(sfe_quantile(x, 4, 0.5), 3, 1e-12);
	CU_ASSERT_DOUBLE_EQUAL(sfe_quantile(x, 4, 0.95), 7.4, 1e-12);
	CU_ASSERT_DOUBLE_EQUAL(sfe_quantile(x, 4, 1), 8, 0);
	CU_ASSERT_TRUE(isnan(sfe_quantile(x, 0, 0.5)));
}

static void test_mean(void)
{
	double x[] = {1, 2, 6};

	CU_ASSERT_DOUBLE_EQUAL(sfe_mean(x, 3), 3, 1e-12);
	CU_ASSERT_TRUE(isnan(sfe_mean(x, 0)));
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"quantiles are numpy's", test_quantile},
		{"mean", test_mean},
	};

	return unit_main("statistics", tests, sizeof(tests) / sizeof(tests[0]));
}

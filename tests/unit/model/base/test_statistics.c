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

static void test_confidence(void)
{
	double x[] = {1, 2, 6};

	/* From printed tables: 12.706, 4.303, 2.262, 2.228, 2.042, 1.962, 1.960. */
	CU_ASSERT_DOUBLE_EQUAL(sfe_student_975(1), 12.706204736, 1e-8);
	CU_ASSERT_DOUBLE_EQUAL(sfe_student_975(2), 4.302652730, 1e-8);
	CU_ASSERT_DOUBLE_EQUAL(sfe_student_975(9), 2.262157163, 1e-8);
	CU_ASSERT_DOUBLE_EQUAL(sfe_student_975(10), 2.228138852, 1e-8);
	CU_ASSERT_DOUBLE_EQUAL(sfe_student_975(30), 2.042272456, 1e-8);
	CU_ASSERT_DOUBLE_EQUAL(sfe_student_975(1000), 1.962339081, 1e-8);
	CU_ASSERT_DOUBLE_EQUAL(sfe_student_975(5000), 1.960438623, 1e-7);
	CU_ASSERT_TRUE(isnan(sfe_student_975(0)));
	/* The variance is 7. */
	CU_ASSERT_DOUBLE_EQUAL(sfe_confidence_95(x, 3), 4.302652730 * sqrt(7.0 / 3), 1e-8);
	CU_ASSERT_TRUE(isnan(sfe_confidence_95(x, 1)));
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"quantiles are numpy's", test_quantile},
		{"mean", test_mean},
		{"confidence intervals by Student's t", test_confidence},
	};

	return unit_main("statistics", tests, sizeof(tests) / sizeof(tests[0]));
}

/* SPDX-License-Identifier: MIT */
/* What arrives of a flow: duplicates, order, delays. */
#include <math.h>
#include <stdlib.h>

#include "emu/beside/flow_count.h"
#include "tests/unit/unit.h"

static struct sfe_flow_counter *counter(void)
{
	struct sfe_flow_counter *c = calloc(1, sizeof(*c));

	CU_ASSERT_PTR_NOT_NULL_FATAL(c);
	return c;
}

static void test_order(void)
{
	static const uint32_t numbers[] = {0, 1, 3, 2, 2, 3, 4, 4, 9000, 9000, 8999, 5, 5};
	struct sfe_flow_counter *c = counter();

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		sfe_flow_count_add(c, numbers[i], 1000);
	struct sfe_flow_count sum = sfe_flow_count_sum(c);
	CU_ASSERT_EQUAL(sum.received_packets, 13);
	/* 2, 3, 4 and 9000 came twice; 5 too, but long after: what is that old is not recognised */
	CU_ASSERT_EQUAL(sum.duplicates, 4);
	/* 2, 8999, and 5 twice */
	CU_ASSERT_EQUAL(sum.reordered, 4);
	free(c);
}

/* Numbers go on from 2^32 - 1 to 0, and a packet may be lost. */
static void test_wrap(void)
{
	struct sfe_flow_counter *c = counter();

	for (uint32_t n = UINT32_MAX - 5000; n != 5000; n++)
		if (n % 7)
			sfe_flow_count_add(c, n, 1000);
	sfe_flow_count_add(c, 4998, 1000);
	struct sfe_flow_count sum = sfe_flow_count_sum(c);
	CU_ASSERT_EQUAL(sum.duplicates, 4998 % 7 != 0);
	CU_ASSERT_EQUAL(sum.reordered, 4998 % 7 == 0);
	free(c);
}

static void test_delays(void)
{
	struct sfe_flow_counter *c = counter();
	struct sfe_flow_count sum = sfe_flow_count_sum(c);

	CU_ASSERT(isnan(sum.delay_mean_s) && isnan(sum.delay_p95_s));
	/* 1, 2, ... 100 ms in another order: 95 % do not exceed 95 ms */
	for (uint32_t i = 0; i < 100; i++)
		sfe_flow_count_add(c, i, 1000000ull * (i * 37 % 100 + 1));
	sum = sfe_flow_count_sum(c);
	CU_ASSERT_DOUBLE_EQUAL(sum.delay_mean_s, 0.0505, 1e-12);
	CU_ASSERT_DOUBLE_EQUAL(sum.delay_p95_s, 0.095, 0.095 * 0.008);
	free(c);
	/* Every size of delay is found again within 0.8 %, and the longest count as such. */
	for (double ns = 1; ns < 1e14; ns *= 1.37) {
		c = counter();
		sfe_flow_count_add(c, 0, (uint64_t)ns);
		sum = sfe_flow_count_sum(c);
		CU_ASSERT_DOUBLE_EQUAL(sum.delay_p95_s, sum.delay_mean_s, sum.delay_mean_s * 0.008);
		free(c);
	}
	c = counter();
	sfe_flow_count_add(c, 0, UINT64_MAX);
	CU_ASSERT(sfe_flow_count_sum(c).delay_p95_s > 1e5);
	free(c);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"duplicates and order", test_order},
		{"numbers begin anew", test_wrap},
		{"delays", test_delays},
	};

	return unit_main("flow count", tests, sizeof(tests) / sizeof(tests[0]));
}

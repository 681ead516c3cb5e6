/* SPDX-License-Identifier: MIT */
/* What can be known of the shaper without a kernel: the limit that netem gets. */
#include "shaper/shaper.h"
#include "tests/unit/unit.h"

#define MS 1000000ull

static void test_limit(void)
{
	/* 100 Mb/s x 10 ms = 125 000 bytes, 82.6 frames of 1514, on the way; the same again waits.
	 */
	struct sfe_link_spec spec = {
		.rate_bps = 100000000, .delay_ns = 10 * MS, .queue_ns = 10 * MS};

	CU_ASSERT_EQUAL(sfe_shaper_limit(&spec, 1500), 83 + 83);
	/* In bytes instead: exactly ten frames wait. */
	spec.queue_bytes = 15140;
	CU_ASSERT_EQUAL(sfe_shaper_limit(&spec, 1500), 10 + 83);
	/* 1 Gb/s x 50 ms is where netem's default of 1000 would drop at once. */
	spec = (struct sfe_link_spec){.rate_bps = 1000000000, .delay_ns = 50 * MS, .queue_ns = 1};
	CU_ASSERT_EQUAL(sfe_shaper_limit(&spec, 1500), 1 + 4129);
}

static void test_limit_edges(void)
{
	struct sfe_link_spec slow = {.rate_bps = 1000, .queue_ns = 1};
	struct sfe_link_spec only_delay = {.delay_ns = MS};
	struct sfe_link_spec huge = {
		.rate_bps = 400000000000ull, .delay_ns = 3600000 * MS, .queue_ns = 3600000 * MS};

	CU_ASSERT_EQUAL(sfe_shaper_limit(&slow, 1500), 2);
	CU_ASSERT_TRUE(sfe_shaper_limit(&only_delay, 1500) >= 1000000);
	CU_ASSERT_EQUAL(sfe_shaper_limit(&huge, 1500), UINT32_MAX);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"the limit holds delay line and queue", test_limit},
		{"the limit at its ends", test_limit_edges},
	};

	return unit_main("shaper", tests, sizeof(tests) / sizeof(tests[0]));
}

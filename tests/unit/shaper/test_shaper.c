/* SPDX-License-Identifier: MIT */
/* The pure functions of the shaper: which queue a specification needs, and netem's limit. */
#include "shaper/police.h"
#include "shaper/shaper.h"
#include "tests/unit/unit.h"

#define MS 1000000ull

static struct sfe_link_spec link_of(uint64_t rate_bps, uint64_t delay_ns)
{
	return (struct sfe_link_spec){.rate_bps = rate_bps,
		.delay = {.law = delay_ns ? SFE_DELAY_CONSTANT : SFE_DELAY_NONE, .a_ns = delay_ns}};
}

static void test_limit_in_packets(void)
{
	/* 100 Mb/s x 10 ms = 125 000 bytes, 82.6 frames of 1514, in flight; ten are queued, one is
	 * in transmission. */
	struct sfe_link_spec spec = link_of(100000000, 10 * MS);

	spec.queue_packets = 10;
	CU_ASSERT_FALSE(sfe_shaper_polices(&spec));
	CU_ASSERT_EQUAL(sfe_shaper_limit(&spec, 1500), 11 + 83);
	/* With a delay law, the packets in flight at the longest delay. */
	spec.delay = (struct sfe_delay){.law = SFE_DELAY_UNIFORM, .a_ns = 10 * MS, .b_ns = 20 * MS};
	CU_ASSERT_EQUAL(sfe_shaper_limit(&spec, 1500), 11 + 166);
}

static void test_limit_in_bytes(void)
{
	struct sfe_link_spec spec = link_of(100000000, 10 * MS);

	/* A policer keeps the queue: netem's limit must never act, not even for the smallest
	 * packets. */
	spec.queue_ns = 10 * MS;
	CU_ASSERT_TRUE(sfe_shaper_polices(&spec));
	CU_ASSERT_TRUE(sfe_shaper_limit(&spec, 1500) * 42ull >= 125000 + 125000 + 1514);
	spec.queue_bytes = 1000000;
	CU_ASSERT_TRUE(sfe_shaper_limit(&spec, 1500) * 42ull >= 125000 + 1000000 + 1514);
	/* 1 Gb/s x 50 ms is where netem's default of 1000 would drop at once. */
	spec = link_of(1000000000, 50 * MS);
	spec.queue_ns = 1;
	CU_ASSERT_TRUE(sfe_shaper_limit(&spec, 1500) >= 4129);
	/* Cells other than ATM's and managed queues have no policer. */
	spec.cell_bytes = 100;
	CU_ASSERT_FALSE(sfe_shaper_polices(&spec));
	spec.cell_bytes = 48;
	spec.cell_overhead = 5;
	CU_ASSERT_TRUE(sfe_shaper_polices(&spec));
}

/* Packets in flight are not dropped when a link becomes slower, and the policer's backlog is kept
 * if its rate and queue are the same. */
static void test_changes(void)
{
	struct sfe_link_spec fast = link_of(1000000000, 50 * MS), slow = link_of(1000000, MS);
	struct sfe_link_spec other = fast;

	fast.queue_ns = slow.queue_ns = other.queue_ns = 100 * MS;
	/* 1 Gb/s x 50 ms, of the smallest frames. */
	CU_ASSERT_TRUE(sfe_shaper_limit(&slow, 1500) >= 6250000 / 64);
	other.delay.a_ns = MS;
	other.loss.p[0] = 1;
	CU_ASSERT_TRUE(sfe_police_same(&fast, &other, 1500));
	CU_ASSERT_FALSE(sfe_police_same(&fast, &slow, 1500));
	other.queue_ns = 200 * MS;
	CU_ASSERT_FALSE(sfe_police_same(&fast, &other, 1500));
	other = fast;
	other.overhead = 22;
	CU_ASSERT_FALSE(sfe_police_same(&fast, &other, 1500));
	/* Queues in packets have no policer, whatever the rate. */
	fast.queue_packets = slow.queue_packets = 10;
	CU_ASSERT_TRUE(sfe_police_same(&fast, &slow, 1500));
}

static void test_limit_edges(void)
{
	struct sfe_link_spec slow = {.rate_bps = 1000, .queue_ns = 1};
	struct sfe_link_spec only_delay = link_of(0, MS);
	struct sfe_link_spec huge = link_of(400000000000ull, 3600000 * MS);

	huge.queue_ns = 3600000 * MS;
	CU_ASSERT_TRUE(sfe_shaper_limit(&slow, 1500) >= 2);
	CU_ASSERT_TRUE(sfe_shaper_limit(&only_delay, 1500) >= 1000000);
	CU_ASSERT_EQUAL(sfe_shaper_limit(&huge, 1500), UINT32_MAX);
}

static void test_managed(void)
{
	struct sfe_link_spec spec = link_of(10000000, 10 * MS);

	spec.queue_ns = 300 * MS;
	CU_ASSERT_FALSE(sfe_shaper_manages(&spec));
	spec.discipline = SFE_CODEL;
	CU_ASSERT_TRUE(sfe_shaper_manages(&spec));
	CU_ASSERT_FALSE(sfe_shaper_polices(&spec));
	/* 375 000 bytes in frames of 1514; netem's limit does not act for the smallest packets. */
	CU_ASSERT_EQUAL(sfe_shaper_managed_packets(&spec, 1500), 248);
	CU_ASSERT_TRUE(sfe_shaper_limit(&spec, 1500) * 42ull >= 12500 + 375000);
	spec.queue_packets = 50;
	CU_ASSERT_EQUAL(sfe_shaper_managed_packets(&spec, 1500), 50);
	spec.queue_bytes = 1514;
	CU_ASSERT_EQUAL(sfe_shaper_managed_packets(&spec, 1500), 1);
	/* Stations that take turns have a queue each, whatever its discipline. */
	spec.discipline = SFE_DROP_TAIL;
	CU_ASSERT_TRUE(sfe_shaper_polices(&spec));
	spec.medium = SFE_MEDIUM_FAIR;
	CU_ASSERT_TRUE(sfe_shaper_manages(&spec));
	CU_ASSERT_FALSE(sfe_shaper_polices(&spec));
	/* So have those that contend. */
	CU_ASSERT_FALSE(sfe_shaper_contends(&spec));
	spec.medium = SFE_MEDIUM_DCF;
	CU_ASSERT_TRUE(sfe_shaper_contends(&spec));
	CU_ASSERT_TRUE(sfe_shaper_manages(&spec));
	CU_ASSERT_FALSE(sfe_shaper_polices(&spec));
	spec.rate_bps = 0;
	CU_ASSERT_FALSE(sfe_shaper_manages(&spec));
	CU_ASSERT_FALSE(sfe_shaper_contends(&spec));
}

static void test_what_shapes(void)
{
	struct sfe_link_spec nothing = {.queue_ns = 1, .mtu = 1400};
	struct sfe_link_spec lossy = {.loss = {.p = {0.01}}};

	CU_ASSERT_FALSE(sfe_shaper_shapes(&nothing));
	CU_ASSERT_TRUE(sfe_shaper_shapes(&lossy));
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"the limit holds delay line and queue in packets", test_limit_in_packets},
		{"a queue in bytes is not the limit's", test_limit_in_bytes},
		{"the limit at its ends", test_limit_edges},
		{"changes of a link that carries packets", test_changes},
		{"a managed queue is counted in full packets", test_managed},
		{"what needs a qdisc", test_what_shapes},
	};

	return unit_main("shaper", tests, sizeof(tests) / sizeof(tests[0]));
}

/* SPDX-License-Identifier: MIT */
/* Bianchi's formula against published figures, and what it says of media for which stations
 * contend.
 */
#include <math.h>

#include "sfemu/dcf.h"
#include "tests/unit/unit.h"

#define FRAME 1514u

static void test_fixed_point(void)
{
	/* Alone there are no collisions; a single window needs no formula for doublings. */
	struct sfe_bianchi alone = sfe_bianchi(1, 16, 6), one_window = sfe_bianchi(10, 32, 0);
	CU_ASSERT_DOUBLE_EQUAL(alone.tau, 2.0 / 17, 1e-12);
	CU_ASSERT_DOUBLE_EQUAL(alone.p, 0, 1e-12);
	CU_ASSERT_DOUBLE_EQUAL(one_window.tau, 2.0 / 33, 1e-12);
	CU_ASSERT_DOUBLE_EQUAL(one_window.p, 1 - pow(31.0 / 33, 9), 1e-12);
	/* Both of its equations hold, and collisions grow with the number of stations. */
	double before = 0;
	for (uint32_t n = 2; n <= 50; n++) {
		struct sfe_bianchi b = sfe_bianchi(n, 16, 6);
		double p = b.p, x = 1 - 2 * p;
		CU_ASSERT_DOUBLE_EQUAL(p, 1 - pow(1 - b.tau, n - 1), 1e-9);
		CU_ASSERT_DOUBLE_EQUAL(
			b.tau, 2 * x / (x * 17 + p * 16 * (1 - pow(2 * p, 6))), 1e-9);
		CU_ASSERT_TRUE(p > before);
		before = p;
	}
}

/* Bianchi 2000, Table II: a payload of 8184 bits, T_s 8982 us and T_c 8713 us by basic access,
 * slots of 50 us. With tau = 1 / (n K), K = sqrt(T_c / 2 slots) = 9.334, the throughput is nearly
 * its maximum, which hardly depends on n. */
static void test_maximum(void)
{
	const double success = 400 + 8184 + 28 + 1 + 240 + 128 + 1,
		     collision = 400 + 8184 + 128 + 1;
	const double k = sqrt(collision / 50 / 2);

	CU_ASSERT_DOUBLE_EQUAL(success, 8982, 0);
	CU_ASSERT_DOUBLE_EQUAL(collision, 8713, 0);
	CU_ASSERT_DOUBLE_EQUAL(k, 9.334, 0.001);
	for (uint32_t n = 10; n <= 50; n += 20) {
		double best = 0, at = 0;
		for (double tau = 0.0001; tau < 0.1; tau += 0.0001) {
			double s = sfe_bianchi_throughput(n, tau, 50, 8184, success, collision);
			at = s > best ? tau : at;
			best = fmax(best, s);
		}
		CU_ASSERT_DOUBLE_EQUAL(at * n * k, 1, 0.1);
		CU_ASSERT_DOUBLE_EQUAL(best, 0.825, 0.005);
	}
}

/*
 * ns-3 compares its 802.11a stations with tables (src/wifi/examples/wifi-bianchi.cc, with EIFS):
 * packets of 1500 bytes, CWmin 15, CWmax 1023. Their formula has a term more, for the slot after a
 * success that only the sender may use.
 */
static void test_ns3(void)
{
	static const struct {
		double mbps, acknowledgement_mbps;
		double of[4]; /* 5, 10, 15, 20 stations */
	} table[] = {{6, 6, {4.6899, 4.3197, 4.1107, 3.9589}},
		{36, 24, {22.0092, 20.4836, 19.5743, 18.8997}},
		{54, 24, {29.2861, 27.3763, 26.2078, 25.3325}}};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		double symbols = ceil((16 + 28 * 8 + 12000 + 48 + 6) / (4 * table[i].mbps));
		double last = ceil((16 + 112 + 6) / (4 * table[i].acknowledgement_mbps));
		double busy = 20 + 4 * symbols + 16 + 20 + 4 * last + 34;
		for (uint32_t k = 0; k < 4; k++) {
			uint32_t n = 5 * (k + 1);
			double tau = sfe_bianchi(n, 16, 6).tau;
			double mbps = sfe_bianchi_throughput(n, tau, 9, 12000, busy, busy);
			CU_ASSERT_DOUBLE_EQUAL(mbps / table[i].of[k], 1, 0.02);
		}
	}
}

static void test_aggregates(void)
{
	const struct sfe_link_spec cell = {.rate_bps = 50000000, .medium = SFE_MEDIUM_DCF};
	const struct sfe_link_spec fast = {.rate_bps = 1000000000, .medium = SFE_MEDIUM_DCF};
	const struct sfe_link_spec slow = {.rate_bps = 1000000, .medium = SFE_MEDIUM_DCF};

	/* 1542 bytes take 246.72 us: as many as fit into 5484 us. */
	CU_ASSERT_EQUAL(sfe_dcf_frames(&cell, 1000, FRAME), 22);
	CU_ASSERT_EQUAL(sfe_dcf_frames(&fast, 1000, FRAME), 42); /* 65535 bytes */
	CU_ASSERT_EQUAL(sfe_dcf_frames(&fast, 1000, 100), 64);
	CU_ASSERT_EQUAL(sfe_dcf_frames(&slow, 1000, FRAME), 1);
	CU_ASSERT_EQUAL(sfe_dcf_frames(&cell, 5, FRAME), 5);
	CU_ASSERT_DOUBLE_EQUAL(sfe_dcf_alone_ns(&cell), 36000 + 4480, 1e-6);
	CU_ASSERT_DOUBLE_EQUAL(sfe_dcf_success_ns(&cell, 22, FRAME),
		36000 + 22 * 246720 + 16000 + 32000 + 34000, 1e-6);
	/* Alone: after each aggregate 7.5 slots in the mean. */
	CU_ASSERT_DOUBLE_EQUAL(sfe_dcf_saturation_bps(&cell, 1000, 1, FRAME),
		22 * FRAME * 8e9 / (sfe_dcf_success_ns(&cell, 22, FRAME) + 67500), 1);
	/* Two that send with probability tau: tau^2 of the slots, and 2 tau (1 - tau). */
	double tau = sfe_bianchi(2, 16, 6).tau;
	CU_ASSERT_DOUBLE_EQUAL(sfe_dcf_collisions(2), tau / (2 * (1 - tau)), 1e-9);
	CU_ASSERT_DOUBLE_EQUAL(sfe_dcf_collisions(1), 0, 1e-9);
	CU_ASSERT_DOUBLE_EQUAL(sfe_dcf_after_ns(), 16000 + 32000 + 34000 + 67500, 1e-9);
	double before = INFINITY;
	for (uint32_t n = 1; n <= 20; n++) {
		double now = sfe_dcf_saturation_bps(&cell, 1000, n, FRAME);
		CU_ASSERT_TRUE(now < before && now < 50e6);
		before = now;
	}
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"the fixed point of collisions and attempts", test_fixed_point},
		{"Bianchi's own figures", test_maximum},
		{"the tables that ns-3 compares with", test_ns3},
		{"aggregates and what they cost", test_aggregates},
	};

	return unit_main("dcf", tests, sizeof(tests) / sizeof(tests[0]));
}

/* SPDX-License-Identifier: MIT */
/* When flows send: constant to the nanosecond, poisson and onoff within statistics. */
#include <math.h>

#include "emu/beside/flow_law.h"
#include "sfemu/schedule.h"
#include "tests/unit/unit.h"

#define S 1000000000ull

struct seen {
	uint64_t n, first_ns, last_ns;
	double mean, squares; /* of the distances, in s */
};

static struct seen run(const struct sfe_flow_spec *spec, uint64_t seed, const char *stream)
{
	struct sfe_flow_clock f = sfe_flow_law_begin(spec, seed, stream);
	struct seen s = {.first_ns = f.next_ns};

	for (; f.next_ns != SFE_NEVER; sfe_flow_law_next(&f)) {
		double gap = (double)(f.next_ns - s.last_ns) / 1e9;
		if (s.n && f.next_ns < s.last_ns)
			CU_FAIL("times go back");
		if (s.n) {
			s.mean += gap;
			s.squares += gap * gap;
		}
		s.last_ns = f.next_ns;
		s.n++;
	}
	s.mean /= (double)(s.n - 1);
	s.squares /= (double)(s.n - 1);
	return s;
}

/* Packet k is due at k * bits / rate, rounded down, also where that is no whole number. */
static void test_constant(void)
{
	const struct sfe_flow_spec spec = {
		.rate_bps = 7000000, .packet_bytes = 1234, .at_ns = 3 * S, .until_ns = 1003 * S};
	struct sfe_flow_clock f = sfe_flow_law_begin(&spec, 1, "x");
	uint64_t k = 0;

	for (; f.next_ns != SFE_NEVER; sfe_flow_law_next(&f), k++) {
		if (f.next_ns != 3 * S + (uint64_t)(k * 1234 * 8 * 1000 / 7)) {
			CU_FAIL("a packet at another time");
			break;
		}
	}
	/* as many as begin before until */
	CU_ASSERT_EQUAL(k, 1000ull * 7000000 / (1234 * 8) + 1);
	const struct sfe_flow_spec exact = {
		.rate_bps = 9600000, .packet_bytes = 1200, .until_ns = 10 * S};
	struct seen s = run(&exact, 1, "x");
	CU_ASSERT_EQUAL(s.n, 10000);
	CU_ASSERT_EQUAL(s.first_ns, 0);
	CU_ASSERT_EQUAL(s.last_ns, 10 * S - 1000000);
}

static void test_poisson(void)
{
	const struct sfe_flow_spec spec = {.rate_bps = 9600000,
		.packet_bytes = 1200,
		.law = SFE_FLOW_POISSON,
		.until_ns = 400 * S};
	struct seen s = run(&spec, 1, "traffic 0 a b");

	/* 400000 expected, with a standard deviation of their root */
	CU_ASSERT(fabs((double)s.n - 400000) < 4 * sqrt(400000));
	CU_ASSERT_DOUBLE_EQUAL(s.mean, 1e-3, 4e-3 / sqrt(400000));
	/* exponential: the mean square is twice the square of the mean (its variance: 20 mean^4) */
	CU_ASSERT_DOUBLE_EQUAL(s.squares, 2e-6, 4 * sqrt(20) * 1e-6 / sqrt(400000));
}

static void test_onoff(void)
{
	const struct sfe_flow_spec spec = {.rate_bps = 9600000,
		.packet_bytes = 1200,
		.law = SFE_FLOW_ONOFF,
		.on_ns = S / 100,
		.off_ns = 3 * S / 100,
		.until_ns = 4000 * S};
	struct seen s = run(&spec, 1, "traffic 0 a b");
	/* 100000 cycles: the share of the time that is on has a standard deviation of
	 * p (1 - p) sqrt(2 / n) for exponential periods. */
	double share = (double)s.n / 4000000;
	CU_ASSERT_DOUBLE_EQUAL(share, 0.25, 4 * 0.25 * 0.75 * sqrt(2 / 100000.0));

	/* It begins on as often as it is on. */
	unsigned on = 0;
	char name[32];
	for (unsigned i = 0; i < 10000; i++) {
		snprintf(name, sizeof(name), "traffic %u a b", i);
		on += sfe_flow_law_begin(&spec, 1, name).next_ns == 0;
	}
	CU_ASSERT_DOUBLE_EQUAL(on / 10000.0, 0.25, 4 * sqrt(0.25 * 0.75 / 10000));
}

static void test_streams(void)
{
	struct sfe_flow_spec spec = {.rate_bps = 1000000,
		.packet_bytes = 1200,
		.law = SFE_FLOW_POISSON,
		.until_ns = 100 * S};
	struct seen a = run(&spec, 1, "traffic 0 a b"), again = run(&spec, 1, "traffic 0 a b");
	struct seen other = run(&spec, 1, "traffic 1 a b"), seed = run(&spec, 2, "traffic 0 a b");

	CU_ASSERT_EQUAL(a.last_ns, again.last_ns);
	CU_ASSERT_NOT_EQUAL(a.first_ns, other.first_ns);
	CU_ASSERT_NOT_EQUAL(a.first_ns, seed.first_ns);
	/* A later beginning shifts all packets. */
	spec.at_ns = 7 * S;
	CU_ASSERT_EQUAL(run(&spec, 1, "traffic 0 a b").first_ns, a.first_ns + 7 * S);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"constant", test_constant},
		{"poisson", test_poisson},
		{"onoff", test_onoff},
		{"streams", test_streams},
	};

	return unit_main("flow law", tests, sizeof(tests) / sizeof(tests[0]));
}

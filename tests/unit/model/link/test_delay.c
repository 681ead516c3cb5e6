/* SPDX-License-Identifier: MIT */
/* Delay laws: texts, moments, quantiles, and the table that netem draws from. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sfemu/delay.h"
#include "tests/unit/unit.h"

#define MS 1000000.0

static struct sfe_delay law(const char *text)
{
	struct sfe_delay d = {0};
	struct sfe_error err = {0};

	CU_ASSERT_EQUAL_FATAL(sfe_delay_parse(text, ".", NULL, &d, &err), 0);
	return d;
}

static void test_round_trip(void)
{
	static const char *const same[] = {"0", "5ms", "normal 10ms 2ms", "uniform 5ms 15ms",
		"pareto 5ms 2.5", "lognormal 0.635 1180us 3270us", "lognormal 0.1 0ns 1ms"};
	char buf[SFE_DELAY_TEXT];

	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		struct sfe_delay d = law(same[i]), again;
		sfe_delay_format(&d, buf);
		again = law(buf);
		CU_ASSERT_STRING_EQUAL(buf, same[i]);
		CU_ASSERT_TRUE(sfe_delay_equal(&d, &again));
	}
	struct sfe_delay ether, same_law = law("lognormal 0.25 0.35ms 0.16ms");
	CU_ASSERT_EQUAL(sfe_delay_ether(0.25, 0.35, 0.16, &ether, NULL), 0);
	CU_ASSERT_TRUE(sfe_delay_equal(&ether, &same_law));
}

static void test_bad(void)
{
	static const char *const bad[] = {"", "5", "-5ms", "fast", "normal 5ms", "normal 5ms 2",
		"uniform 15ms 5ms", "pareto 5ms 1", "pareto 5ms nan", "lognormal 1ms 1 1",
		"lognormal 200 1ms 1ms", "5ms 2ms", "table x", "2h", "normal 1ms 30min",
		"lognormal 9 1ms 1s", "normal 1ms 2ms 3ms 4ms 5ms"};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct sfe_delay d;
		struct sfe_error err = {0};
		CU_ASSERT_NOT_EQUAL(sfe_delay_parse(bad[i], ".", NULL, &d, &err), 0);
		CU_ASSERT_TRUE(err.what[0] && err.todo[0]);
	}
	struct sfe_delay d;
	CU_ASSERT_EQUAL(sfe_delay_ether(NAN, 1, 1, &d, NULL), -EINVAL);
	CU_ASSERT_EQUAL(sfe_delay_ether(1, -1, 1, &d, NULL), -EINVAL);
}

static void near(double got, double want, double relative)
{
	CU_ASSERT_TRUE(fabs(got - want) <= relative * fabs(want));
}

static void test_moments(void)
{
	struct sfe_delay d = law("lognormal 0.635 1.18ms 3.27ms");

	/* WLAN of Ether: 1.18 + 3.27 exp(0.635^2 / 2), worked out by hand. */
	near(sfe_delay_mean(&d), 5.1805 * MS, 1e-4);
	near(sfe_delay_deviation(&d), 2.8190 * MS, 1e-4);
	near(sfe_delay_quantile(&d, 0.5), 4.45 * MS, 1e-12);
	near(sfe_delay_quantile(&d, 0.975), (1.18 + 3.27 * exp(0.635 * 1.959963984540054)) * MS,
		1e-12);
	d = law("pareto 5ms 3");
	near(sfe_delay_mean(&d), 7.5 * MS, 1e-12);
	near(sfe_delay_deviation(&d), sqrt(18.75) * MS, 1e-12);
	d = law("pareto 5ms 2");
	CU_ASSERT_TRUE(isinf(sfe_delay_deviation(&d)));
	d = law("uniform 5ms 15ms");
	near(sfe_delay_deviation(&d), 10 / sqrt(12) * MS, 1e-12);
	d = law("normal 10ms 2ms");
	near(sfe_delay_quantile(&d, 0.0013498980316300933), 4 * MS, 1e-12);
	CU_ASSERT_EQUAL(sfe_delay_quantile(&d, 1e-12), 0); /* cut off at 0 */
	near(sfe_delay_cdf(&d, 12 * MS), 0.8413447460685429, 1e-12);
}

static const char *const varying[] = {"normal 10ms 2ms", "normal 1ms 2ms", "uniform 5ms 15ms",
	"uniform 5ms 5000002ns", "pareto 5ms 1.5", "pareto 50us 3", "lognormal 0.635 1.18ms 3.27ms",
	"lognormal 0.25 0.35ms 0.16ms", "lognormal 0.87 5.95ms 1.21ms",
	"lognormal 0.49 16.2ms 8.02ms", "lognormal 1.5 0ns 1ms", "normal 60s 2s"};

static void test_quantile_is_inverse(void)
{
	for (size_t i = 0; i < sizeof(varying) / sizeof(varying[0]); i++) {
		struct sfe_delay d = law(varying[i]);
		for (int k = 1; k < 1000; k++) {
			double x = sfe_delay_quantile(&d, k / 1000.0);
			if (x > 0)
				CU_ASSERT_TRUE(fabs(sfe_delay_cdf(&d, x) - k / 1000.0) < 1e-9);
		}
	}
}

/* netem's use of a table entry (tabledist in sch_netem.c). */
static int64_t drawn(const struct sfe_delay_netem *n, int16_t t)
{
	int64_t x = (n->jitter_ns % 8192) * t;

	x += x >= 0 ? 4096 : -4096;
	return x / 8192 + (n->jitter_ns / 8192) * t + n->latency_ns;
}

static void test_netem_table(void)
{
	static struct sfe_delay_netem n;

	for (size_t i = 0; i < sizeof(varying) / sizeof(varying[0]); i++) {
		struct sfe_delay d = law(varying[i]);
		CU_ASSERT_EQUAL_FATAL(sfe_delay_netem(&d, &n, NULL), 0);
		CU_ASSERT_EQUAL(n.n, SFE_DELAY_TABLE);
		double distance = 0, worst = 0, spread = 0;
		for (uint32_t k = 0; k < n.n; k++) {
			double x = (double)drawn(&n, n.table[k]);
			double off = fabs(x - sfe_delay_quantile(&d, (k + 0.5) / SFE_DELAY_TABLE));
			worst = off > worst ? off : worst;
			CU_ASSERT_TRUE(x >= -n.step_ns / 2 - 1);
			CU_ASSERT_TRUE(x <= (double)n.max_ns + n.step_ns + 1);
			spread = x > spread ? x : spread;
			double p = sfe_delay_cdf(&d, x) - (k + 0.5) / SFE_DELAY_TABLE;
			if (x > 0)
				distance = fabs(p) > distance ? fabs(p) : distance;
		}
		CU_ASSERT_TRUE(worst <= n.step_ns / 2 + 1);
		/* Below the deviation that 10000 samples can detect (0.0136 at 95 %), also for
		 * the heaviest tails; but not for a law of three whole nanoseconds. */
		if (sfe_delay_deviation(&d) > 10)
			CU_ASSERT_TRUE(distance < (isinf(sfe_delay_deviation(&d)) ? 0.01 : 0.002));
		CU_ASSERT_TRUE(fabs(spread - (double)n.max_ns) <= n.step_ns + 1);
	}
	struct sfe_delay constant = law("5ms");
	CU_ASSERT_EQUAL(sfe_delay_netem(&constant, &n, NULL), 0);
	CU_ASSERT_TRUE(n.latency_ns == 5000000 && !n.jitter_ns && !n.n && n.max_ns == 5000000);
	/* A scale of 0 has no spread, whatever the shape: 0 times infinity would be NaN. */
	const struct sfe_delay flat = {.law = SFE_DELAY_LOGNORMAL, .a_ns = 5000000000, .shape = 50};
	CU_ASSERT(sfe_delay_mean(&flat) == 5e9 && sfe_delay_deviation(&flat) == 0);
	/* Far beyond 64 bits of ns: refused before the conversion. */
	const struct sfe_delay endless = {
		.law = SFE_DELAY_LOGNORMAL, .a_ns = 5500000, .b_ns = 16000000, .shape = 30.2};
	CU_ASSERT_EQUAL(sfe_delay_netem(&endless, &n, NULL), -34);
}

static int read_samples(const char *content, struct sfe_delay_samples **list, struct sfe_delay *d,
	char text[64], struct sfe_error *err)
{
	char name[] = "/tmp/sfe_delay_XXXXXX";
	int fd = mkstemp(name);

	CU_ASSERT_EQUAL_FATAL(write(fd, content, strlen(content)), (ssize_t)strlen(content));
	close(fd);
	snprintf(text, 64, "table %s", name);
	int r = sfe_delay_parse(text, ".", list, d, err);
	unlink(name);
	return r;
}

static void test_samples(void)
{
	struct sfe_delay_samples *list = NULL;
	struct sfe_error err = {0};
	struct sfe_delay d;
	char text[64], buf[SFE_DELAY_TEXT];

	CU_ASSERT_EQUAL_FATAL(
		read_samples("# ms\n3\n1.5ms\n\n 2 \n4000us", &list, &d, text, &err), 0);
	CU_ASSERT_EQUAL(d.samples->n, 4);
	near(sfe_delay_mean(&d), 2.625 * MS, 1e-12);
	near(sfe_delay_quantile(&d, 0.25), 1.5 * MS, 1e-12);
	near(sfe_delay_quantile(&d, 0.26), 2 * MS, 1e-12);
	near(sfe_delay_cdf(&d, 2 * MS), 0.5, 1e-12);
	CU_ASSERT_STRING_EQUAL(sfe_delay_format(&d, buf), text);

	CU_ASSERT_EQUAL(read_samples("1\nx\n", &list, &d, text, &err), -EINVAL);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.what, ":2: 'x'"));
	CU_ASSERT_EQUAL(read_samples("# none\n", &list, &d, text, &err), -EINVAL);
	CU_ASSERT_EQUAL(read_samples("-1\n", &list, &d, text, &err), -EINVAL);
	CU_ASSERT_EQUAL(read_samples("1e300\n", &list, &d, text, &err), -EINVAL);
	CU_ASSERT_EQUAL(sfe_delay_parse("table /nonexistent", ".", &list, &d, &err), -EINVAL);
	/* A pipe is refused, not read. */
	char pipe[] = "/tmp/sfe-test-XXXXXX";
	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(pipe));
	snprintf(text, 64, "%s/fifo", pipe);
	CU_ASSERT_EQUAL_FATAL(mkfifo(text, 0600), 0);
	CU_ASSERT_EQUAL(sfe_delay_parse("table fifo", pipe, &list, &d, &err), -EINVAL);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.what, "not a regular file"));
	unlink(text);
	rmdir(pipe);
	sfe_delay_samples_free(list);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"texts read back", test_round_trip},
		{"invalid laws are refused", test_bad},
		{"moments and quantiles", test_moments},
		{"the quantile is the inverse of the distribution", test_quantile_is_inverse},
		{"netem's table is within half a step of the law", test_netem_table},
		{"tables of samples", test_samples},
	};

	return unit_main("delay", tests, sizeof(tests) / sizeof(tests[0]));
}

/* SPDX-License-Identifier: MIT */
/* Recorded links: CSV and Mahimahi's packet traces become steps. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "sfemu/link_trace.h"
#include "tests/unit/unit.h"

#define MS 1000000ull
#define HEAD "time_s,rate_bps,delay_s\n"

static int parse(const char *text, struct sfe_link_trace *t, struct sfe_error *err)
{
	return sfe_link_trace_parse(text, strlen(text), "t", t, err);
}

static void test_csv(void)
{
	struct sfe_link_trace t = {.format = SFE_TRACE_CSV};

	CU_ASSERT_EQUAL_FATAL(
		parse(HEAD "0,1e6,0.010\r\n0.25,,0.0200000015\n\n2,12500000,\n", &t, NULL), 0);
	CU_ASSERT_EQUAL_FATAL(t.n, 3);
	CU_ASSERT_EQUAL(t.step[0].rate_bps, 1000000);
	CU_ASSERT_EQUAL(t.step[0].delay_ns, 10 * MS);
	CU_ASSERT_EQUAL(t.step[1].at_ns, 250 * MS);
	CU_ASSERT_EQUAL(t.step[1].rate_bps, SFE_TRACE_KEEP);
	CU_ASSERT_EQUAL(t.step[1].delay_ns, 20000002);
	CU_ASSERT_EQUAL(t.step[2].delay_ns, SFE_TRACE_KEEP);
	CU_ASSERT_EQUAL(t.period_ns, 2000 * MS);
	sfe_link_trace_clear(&t);
}

static void test_mahimahi(void)
{
	/* Windows of 10 ms: 4 packets, none, none, 3, and 1 in the last 5 ms. */
	struct sfe_link_trace t = {.format = SFE_TRACE_MAHIMAHI, .window_ns = 10 * MS};

	CU_ASSERT_EQUAL_FATAL(parse("0\n5\n5\n10\n31\n40\n40\n45\n", &t, NULL), 0);
	CU_ASSERT_EQUAL_FATAL(t.n, 4);
	CU_ASSERT_EQUAL(t.step[0].at_ns, 0);
	CU_ASSERT_EQUAL(t.step[0].rate_bps, 4 * 1514 * 8 * 100);
	CU_ASSERT_EQUAL(t.step[1].at_ns, 10 * MS);
	CU_ASSERT_EQUAL(t.step[1].outage_ns, 20 * MS);
	CU_ASSERT_EQUAL(t.step[1].rate_bps, 3 * 1514 * 8 * 100);
	CU_ASSERT_EQUAL(t.step[2].at_ns, 30 * MS);
	CU_ASSERT_EQUAL(t.step[2].outage_ns, 0);
	CU_ASSERT_EQUAL(t.step[2].rate_bps, 3 * 1514 * 8 * 100);
	CU_ASSERT_EQUAL(t.step[3].at_ns, 40 * MS);
	CU_ASSERT_EQUAL(t.step[3].rate_bps, 1514 * 8 * 200);
	CU_ASSERT(t.outages);
	CU_ASSERT_EQUAL(t.period_ns, 45 * MS);
	sfe_link_trace_clear(&t);
	/* A constant trace is one step, from its first delivery on. */
	t = (struct sfe_link_trace){.format = SFE_TRACE_MAHIMAHI, .window_ns = 1 * MS};
	CU_ASSERT_EQUAL_FATAL(parse("1\n2\n3\n", &t, NULL), 0);
	CU_ASSERT_EQUAL(t.n, 1);
	CU_ASSERT_EQUAL(t.step[0].rate_bps, 12112000);
	sfe_link_trace_clear(&t);
	t = (struct sfe_link_trace){.format = SFE_TRACE_MAHIMAHI, .window_ns = 100 * MS};
	CU_ASSERT_EQUAL_FATAL(parse("1000\n", &t, NULL), 0);
	CU_ASSERT_EQUAL(t.step[0].outage_ns, 999 * MS);
	CU_ASSERT_EQUAL(t.step[1].at_ns, 999 * MS);
	CU_ASSERT_EQUAL(t.step[1].rate_bps, 12112000);
	sfe_link_trace_clear(&t);
	/* An outage begins at the last delivery and ends with the next one, not with a window. */
	t = (struct sfe_link_trace){.format = SFE_TRACE_MAHIMAHI, .window_ns = 100 * MS};
	CU_ASSERT_EQUAL_FATAL(parse("0\n4\n4\n15030\n15030\n15080\n15300\n", &t, NULL), 0);
	CU_ASSERT_EQUAL_FATAL(t.n, 5);
	CU_ASSERT_EQUAL(t.step[0].rate_bps, 3 * 1514 * 8 * 1000 / 4);
	CU_ASSERT_EQUAL(t.step[1].at_ns, 4 * MS);
	CU_ASSERT_EQUAL(t.step[1].outage_ns, 15025 * MS);
	CU_ASSERT_EQUAL(t.step[2].at_ns, 15029 * MS);
	CU_ASSERT_EQUAL(t.step[2].rate_bps, 712471); /* 3 packets in 51 ms */
	CU_ASSERT_EQUAL(t.step[3].at_ns, 15080 * MS);
	CU_ASSERT_EQUAL(t.step[3].outage_ns, 219 * MS);
	CU_ASSERT_EQUAL(t.step[4].rate_bps, 12112000);
	sfe_link_trace_clear(&t);
}

static void test_more_columns(void)
{
	struct sfe_link_trace t = {.format = SFE_TRACE_CSV, .loops = true};

	CU_ASSERT_EQUAL_FATAL(
		parse("queue,time_s,loss,rate_bps\n20,0,0.02,0\n,1.5,,2e6\n,4,0,0\n,5,,2e6\n", &t,
			NULL),
		0);
	CU_ASSERT_EQUAL_FATAL(t.n, 4);
	CU_ASSERT_EQUAL(t.step[0].queue_packets, 20);
	CU_ASSERT_EQUAL(t.step[0].loss, 0.02);
	CU_ASSERT_EQUAL(t.step[0].outage_ns, 1500 * MS);
	CU_ASSERT_EQUAL(t.step[0].rate_bps, 2000000);
	CU_ASSERT_EQUAL(t.step[1].queue_packets, 0);
	CU_ASSERT(t.step[1].loss < 0);
	CU_ASSERT_EQUAL(t.step[2].loss, 0);
	CU_ASSERT_EQUAL(t.step[2].outage_ns, 1000 * MS);
	sfe_link_trace_clear(&t);
	t = (struct sfe_link_trace){.format = SFE_TRACE_THEATERQ};
	CU_ASSERT_EQUAL_FATAL(
		parse("KEEP,LATENCY,RATE,LOSS,LIMIT\n1000,2000000,8000000,4294967295,100\n"
		      "500000,0,1000,0,1\n",
			&t, NULL),
		0);
	CU_ASSERT_EQUAL_FATAL(t.n, 2);
	CU_ASSERT_EQUAL(t.step[0].delay_ns, 2 * MS);
	CU_ASSERT_EQUAL(t.step[0].rate_bps, 8000000);
	CU_ASSERT_EQUAL(t.step[0].loss, 1);
	CU_ASSERT_EQUAL(t.step[0].queue_packets, 100);
	CU_ASSERT_EQUAL(t.step[1].at_ns, 1 * MS);
	CU_ASSERT_EQUAL(t.period_ns, 501 * MS);
	sfe_link_trace_clear(&t);
	/* As TheaterQ plays them: rate 0 holds the queue, -1 is no limit. */
	t = (struct sfe_link_trace){.format = SFE_TRACE_THEATERQ, .loops = true};
	CU_ASSERT_EQUAL_FATAL(parse("2000,0,-1,0,9\n3000,0,0,0,9\n1000,0,0,0,9\n", &t, NULL), 0);
	CU_ASSERT_EQUAL(t.step[0].rate_bps, 100000000000);
	CU_ASSERT_EQUAL(t.step[1].outage_ns, 4 * MS);
	CU_ASSERT_EQUAL(t.step[2].outage_ns, 1 * MS);
	CU_ASSERT_EQUAL(t.step[2].rate_bps, 100000000000);
	CU_ASSERT_EQUAL(t.period_ns, 6 * MS);
	sfe_link_trace_clear(&t);
	t = (struct sfe_link_trace){.format = SFE_TRACE_MBPS};
	CU_ASSERT_EQUAL_FATAL(parse("\xEF\xBB\xBF# s Mb/s\n0 1.5\n1,\t0\n 2.5;3\r\n", &t, NULL), 0);
	CU_ASSERT_EQUAL_FATAL(t.n, 3);
	CU_ASSERT_EQUAL(t.step[0].rate_bps, 1500000);
	CU_ASSERT_EQUAL(t.step[1].outage_ns, 1500 * MS);
	CU_ASSERT_EQUAL(t.step[1].rate_bps, 3000000);
	CU_ASSERT_EQUAL(t.step[2].at_ns, 2500 * MS);
	sfe_link_trace_clear(&t);
}

static void test_bad(void)
{
	static const struct {
		enum sfe_trace_format format;
		const char *text;
		unsigned line;
	} bad[] = {
		{SFE_TRACE_CSV, "", 0},
		{SFE_TRACE_CSV, "1\n2\n", 1},
		{SFE_TRACE_CSV, HEAD, 1},
		{SFE_TRACE_CSV, HEAD "0,1000000\n", 2},
		{SFE_TRACE_CSV, HEAD "0,1000000,0,0\n", 2},
		{SFE_TRACE_CSV, HEAD "0,1000000,0\n0,2000000,0\n", 3},
		{SFE_TRACE_CSV, HEAD "-1,1000000,0\n", 2},
		{SFE_TRACE_CSV, HEAD "nan,1000000,0\n", 2},
		{SFE_TRACE_CSV, HEAD "1e99,1000000,0\n", 2},
		{SFE_TRACE_CSV, HEAD "0,0,0\n", 2},
		{SFE_TRACE_CSV, HEAD "0,1e12,0\n", 2},
		{SFE_TRACE_CSV, HEAD "0,,3601\n", 2},
		{SFE_TRACE_CSV, HEAD "0,,-1\n", 2},
		{SFE_TRACE_MAHIMAHI, "", 0},
		{SFE_TRACE_MAHIMAHI, "0\n0\n", 2},
		{SFE_TRACE_MAHIMAHI, "1\n0\n", 2},
		{SFE_TRACE_MAHIMAHI, "1\n1.5\n", 2},
		{SFE_TRACE_MAHIMAHI, "1\n99999999999999999999\n", 2},
		{SFE_TRACE_CSV, "time_s\n0\n", 1},
		{SFE_TRACE_CSV, "time_s,loss,loss\n0,0,0\n", 1},
		{SFE_TRACE_CSV, "time_s,jitter\n0,0\n", 1},
		{SFE_TRACE_CSV, "time_s,loss\n0,1.5\n", 2},
		{SFE_TRACE_CSV, "time_s,queue\n0,0\n", 2},
		{SFE_TRACE_CSV, HEAD "0,1e6,0\n1,0,\n", 3},
		{SFE_TRACE_THEATERQ, "1000,0,1000000,0\n", 1},
		{SFE_TRACE_THEATERQ, "0,0,1000000,0,5\n", 1},
		{SFE_TRACE_THEATERQ, "1,0,0,0,5\n", 1},
		{SFE_TRACE_THEATERQ, "1,0,999,0,5\n", 1},
		{SFE_TRACE_THEATERQ, "1,0,-2,0,5\n", 1},
		{SFE_TRACE_THEATERQ, "1,0,1000,4294967296,5\n", 1},
		{SFE_TRACE_THEATERQ, "1,0,1000,0,0\n", 1},
		{SFE_TRACE_THEATERQ, "x\n", 1},
		{SFE_TRACE_MBPS, "0\n", 1},
		{SFE_TRACE_MBPS, "0 1 2\n", 1},
		{SFE_TRACE_MBPS, "0 1\n0 2\n", 2},
		{SFE_TRACE_MBPS, "0 0\n", 1},
		{SFE_TRACE_MBPS, "# nothing\n", 1},
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct sfe_link_trace t = {.format = bad[i].format, .window_ns = 100 * MS};
		struct sfe_error err = {0};
		char where[16];
		CU_ASSERT_EQUAL(parse(bad[i].text, &t, &err), -EINVAL);
		snprintf(where, sizeof(where), bad[i].line ? "t:%u" : "t", bad[i].line);
		if (strcmp(err.where, where))
			printf("\n%zu: %s: %s\n", i, err.where, err.what);
		CU_ASSERT_STRING_EQUAL(err.where, where);
		sfe_link_trace_clear(&t);
	}
	struct sfe_link_trace loop = {.format = SFE_TRACE_CSV, .loops = true};
	CU_ASSERT_EQUAL(parse(HEAD "0,1000000,0\n", &loop, NULL), -EINVAL);
	sfe_link_trace_clear(&loop);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"rates and delays", test_csv},
		{"packet deliveries", test_mahimahi},
		{"loss and queue, TheaterQ, two columns", test_more_columns},
		{"errors and their places", test_bad},
	};

	return unit_main("link_trace", tests, sizeof(tests) / sizeof(tests[0]));
}

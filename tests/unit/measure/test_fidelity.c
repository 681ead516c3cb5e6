/* SPDX-License-Identifier: MIT */
/* The verdict on a machine, from recorded kernel files to text. */
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "emu/measure/machine_monitor.h"
#include "emu/net/order.h"
#include "tests/unit/unit.h"

/* A mostly idle machine. */
static const struct sfe_fidelity light = {.real_clock = true,
	.measured = true,
	.watched_s = 10,
	.timer_late_p99_s = 0.0001,
	.timer_late_max_s = 0.5, /* one event is not a rate */
	.cpu_idle_share = 0.8,
	.cpu_stolen_share = 0.01,
	.softirq_squeezes = 20,
	.backlog_drops = 0,
	.run_delay_s = 0.0001,
	.cpu_pressure_share = 0.2};

static const char *verdict(const struct sfe_fidelity *f)
{
	static char text[SFE_VERDICT_BYTES];

	sfe_fidelity_verdict(f, text, sizeof(text));
	return text;
}

static void test_fine(void)
{
	struct sfe_fidelity f = {0};

	CU_ASSERT_STRING_EQUAL(verdict(&f), "virtual");
	CU_ASSERT_STRING_EQUAL(verdict(&light), "ok");
	CU_ASSERT_PTR_NULL(sfe_fidelity_why("virtual"));
	CU_ASSERT_PTR_NULL(sfe_fidelity_why("ok"));
	CU_ASSERT_STRING_EQUAL(sfe_fidelity_why("degraded: a; b"), "a; b");
	CU_ASSERT_STRING_EQUAL(sfe_fidelity_why("timers were late"), "timers were late");
	CU_ASSERT_STRING_EQUAL(sfe_fidelity_why("unknown: c"), "c");
	CU_ASSERT_TRUE(sfe_fidelity_is_unknown("unknown: c"));
	CU_ASSERT_FALSE(sfe_fidelity_is_unknown("degraded: a"));
}

/* An incomplete measurement cannot be ok; its results are reported all the same. */
static void test_unwatched(void)
{
	struct sfe_fidelity f = light;

	f.silent_s = 0.9; /* late, and judged as late */
	CU_ASSERT_STRING_EQUAL(verdict(&f), "ok");
	f.silent_s = 8.5;
	CU_ASSERT_STRING_EQUAL(verdict(&f), "unknown: the monitor took no sample after 1.5 s");
	f.monitor_ended = true;
	CU_ASSERT_STRING_EQUAL(verdict(&f), "unknown: the monitor ended after 1.5 s");
	f.silent_s = 0.02;
	CU_ASSERT_STRING_EQUAL(verdict(&f), "unknown: the monitor ended after 10.0 s");
	f.backlog_drops = 3;
	CU_ASSERT_STRING_EQUAL(verdict(&f),
		"unknown: the monitor ended after 10.0 s; the kernel had no room for 3 packets "
		"(limit 0)");
	f.measured = false;
	f.silent_s = 10;
	CU_ASSERT_STRING_EQUAL(verdict(&f), "unknown: the monitor ended after 0.0 s");
	f.real_clock = false;
	CU_ASSERT_STRING_EQUAL(verdict(&f), "virtual");
}

static void sleep_ms(long ms)
{
	const struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};

	nanosleep(&t, NULL);
}

/* A monitor that runs to the end, one that is killed, one that is stopped, and one that
 * continues. */
static void test_monitor(void)
{
	static const struct {
		int signal, then;
		long after_ms;
		const char *verdict; /* the beginning, with the measured time */
	} cases[] = {
		{0, 0, 0, NULL},
		{SIGKILL, 0, 200, "unknown: the monitor ended after %.1f s"},
		{SIGSTOP, 0, 1300, "unknown: the monitor took no sample after %.1f s"},
		{SIGSTOP, 0, 300, "degraded: timers were "},
		{SIGSTOP, SIGCONT, 1300, "degraded: timers were "},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sfe_fidelity f = {.real_clock = true};
		struct sfe_monitor m = {0};
		char expected[128];

		CU_ASSERT_EQUAL_FATAL(sfe_monitor_start(&m, NULL), 0);
		sleep_ms(300);
		if (cases[i].signal)
			kill(m.pid, cases[i].signal);
		sleep_ms(cases[i].after_ms);
		if (cases[i].then) {
			kill(m.pid, cases[i].then);
			sleep_ms(100);
		}
		sfe_monitor_end(&m, &f);
		CU_ASSERT_TRUE(f.measured);
		CU_ASSERT_EQUAL(f.monitor_ended, cases[i].signal == SIGKILL);
		double seen_s = f.watched_s - f.silent_s;
		if (!cases[i].verdict) { /* a busy machine may be degraded, but was monitored */
			CU_ASSERT_FALSE(sfe_fidelity_is_unknown(verdict(&f)));
			continue;
		}
		snprintf(expected, sizeof(expected), cases[i].verdict, seen_s);
		if (strncmp(verdict(&f), expected, strlen(expected)))
			printf("\ncase %zu: %s\n", i, verdict(&f));
		CU_ASSERT_EQUAL(strncmp(verdict(&f), expected, strlen(expected)), 0);
		if (!cases[i].then) /* its last sample was shortly before the signal */
			CU_ASSERT_TRUE(
				seen_s > 0 &&
				seen_s < f.watched_s - 1e-3 * (double)cases[i].after_ms + 0.02);
	}
}

/* Each limit is enough by itself, just beyond it but not at it. */
static void test_each(void)
{
	static const struct {
		size_t offset;
		double at, beyond;
		const char *why;
	} signs[] = {
		{offsetof(struct sfe_fidelity, timer_late_p99_s), 0.002, 0.0021,
			"degraded: timers were 2.1 ms late at the 99th percentile (limit 2.0 ms)"},
		{offsetof(struct sfe_fidelity, cpu_idle_share), 0.05, 0.03,
			"degraded: only 3 % of the CPU time was left (limit 5 %)"},
		{offsetof(struct sfe_fidelity, cpu_stolen_share), 0.05, 0.07,
			"degraded: a hypervisor took 7 % of the CPU time (limit 5 %)"},
		{offsetof(struct sfe_fidelity, softirq_squeezes), 100, 120,
			"degraded: packets were left for a later round 12 times a second (limit "
			"10)"},
		{offsetof(struct sfe_fidelity, backlog_drops), 0, 1,
			"degraded: the kernel had no room for 1 packets (limit 0)"},
		{offsetof(struct sfe_fidelity, reordered), 0, 26,
			"degraded: 26 segments arrived after later ones on links that do not "
			"reorder (limit 0)"},
		{offsetof(struct sfe_fidelity, run_delay_s), 0.002, 0.004,
			"degraded: tasks waited 4.0 ms for their turn in the mean (limit 2.0 ms)"},
		{offsetof(struct sfe_fidelity, cpu_pressure_share), 0.8, 0.9,
			"degraded: tasks waited for a processor 90 % of the time (limit 80 %)"},
	};

	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
		struct sfe_fidelity f = light;
		memcpy((char *)&f + signs[i].offset, &signs[i].at, sizeof(double));
		CU_ASSERT_STRING_EQUAL(verdict(&f), "ok");
		memcpy((char *)&f + signs[i].offset, &signs[i].beyond, sizeof(double));
		CU_ASSERT_STRING_EQUAL(verdict(&f), signs[i].why);
	}
}

static void test_many(void)
{
	struct sfe_fidelity f = light;

	f.timer_late_p99_s = 0.007;
	f.cpu_idle_share = 0;
	CU_ASSERT_STRING_EQUAL(verdict(&f),
		"degraded: timers were 7.0 ms late at the 99th percentile (limit 2.0 ms); only 0 % "
		"of the CPU time was left (limit 5 %)");
	f.backlog_drops = f.softirq_squeezes = 1e9;
	f.cpu_stolen_share = f.cpu_pressure_share = f.run_delay_s = 1;
	CU_ASSERT_EQUAL(strlen(verdict(&f)), SFE_VERDICT_BYTES - 1); /* truncated */
	f.measured = false;
	CU_ASSERT_STRING_EQUAL(verdict(&f), "unknown: nothing was measured");
}

static void put(const char *folder, const char *name, const char *text)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	FILE *f = fopen(path, "we");
	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	fputs(text, f);
	fclose(f);
}

static void make(const char *folder, const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	CU_ASSERT_EQUAL(mkdir(path, 0700), 0);
}

static const char *const names[] = {
	"stat", "schedstat", "net/softnet_stat", "pressure/cpu", "net", "pressure"};

static void put_away(const char *folder)
{
	char path[256];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		if (unlink(path))
			rmdir(path);
	}
	CU_ASSERT_EQUAL(rmdir(folder), 0);
}

/* Files of a kernel that has all of them, ten seconds apart on two processors. */
static void test_counted(void)
{
	char folder[] = "/tmp/sfe-test-XXXXXX", missing[256];
	struct sfe_kernel_counters before, after;
	struct sfe_fidelity f = light;

	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
	make(folder, "net");
	make(folder, "pressure");
	put(folder, "stat", "cpu  100 0 100 700 100 0 0 0 0 0\ncpu0 50 0 50 350 50 0 0 0 0 0\n");
	put(folder, "net/softnet_stat",
		"000000ff 00000000 00000001 00000000\n"
		"000000ff 00000002 00000003 00000000\n");
	put(folder, "schedstat",
		"version 17\ntimestamp 4294967296\n"
		"cpu0 0 0 9 8 7 6 5000 1000000 10\ndomain0 MC 3 1 2 3\n"
		"cpu1 0 0 9 8 7 6 5000 2000000 20\n");
	put(folder, "pressure/cpu",
		"some avg10=0.00 avg60=0.00 avg300=0.00 total=5000000\n"
		"full avg10=0.00 avg60=0.00 avg300=0.00 total=1\n");
	sfe_kernel_counters_read(folder, &before);
	put(folder, "stat", "cpu  600 0 350 1700 150 0 0 200 0 0\n");
	put(folder, "net/softnet_stat",
		"000000ff 00000005 00000010 00000000\n"
		"000000ff 00000002 00000003 00000000\n");
	put(folder, "schedstat",
		"version 17\ntimestamp 4294967297\n"
		"cpu0 0 0 9 8 7 6 5000 301000000 60\n"
		"cpu1 0 0 9 8 7 6 5000 102000000 70\n");
	put(folder, "pressure/cpu", "some avg10=0.00 avg60=0.00 avg300=0.00 total=9000000\n");
	sfe_kernel_counters_read(folder, &after);
	sfe_fidelity_count(&before, &after, &f);
	CU_ASSERT_DOUBLE_EQUAL(f.cpu_idle_share, 1050.0 / 2000, 1e-12);
	CU_ASSERT_DOUBLE_EQUAL(f.cpu_stolen_share, 0.1, 1e-12);
	CU_ASSERT_EQUAL(f.softirq_squeezes, 15);
	CU_ASSERT_EQUAL(f.backlog_drops, 5);
	CU_ASSERT_DOUBLE_EQUAL(f.run_delay_s, 0.004, 1e-12);
	CU_ASSERT_DOUBLE_EQUAL(f.cpu_pressure_share, 0.4, 1e-12);
	sfe_fidelity_not_measured(&f, missing, sizeof(missing));
	CU_ASSERT_STRING_EQUAL(missing, "");
	put_away(folder);
}

/* The counters of TCP as kernels write them: two lines a protocol, each version has more. */
static void test_reordered(void)
{
	static const struct {
		const char *text;
		double reordered; /* NaN: not said */
	} files[] = {
		{"TcpExt: SyncookiesSent TCPSACKReorder TCPTSReorder\nTcpExt: 1 7 9\n"
		 "IpExt: InNoRoutes\nIpExt: 5\n",
			7},
		{"MPTcpExt: A TCPSACKReorder\nMPTcpExt: 1 2\nTcpExt: TCPSACKReorder\nTcpExt: "
		 "0\n",
			0},
		{"TcpExt: SyncookiesSent TCPSACKReorderings\nTcpExt: 1 2\n", NAN},
		{"TcpExt: SyncookiesSent TCPSACKReorder\nTcpExt: 1\n", NAN},
		{"TcpExt: TCPSACKReorder\n", NAN},
		{"", NAN},
	};
	char folder[] = "/tmp/sfe-test-XXXXXX", path[64], missing[256];
	struct sfe_fidelity f = light;

	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
	make(folder, "net");
	snprintf(path, sizeof(path), "%s/net/softnet_stat", folder);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		put(folder, "net/softnet_stat", files[i].text);
		double got = sfe_reordered_in(path);
		CU_ASSERT_TRUE(isnan(files[i].reordered) ? isnan(got) : got == files[i].reordered);
	}
	put_away(folder);
	CU_ASSERT_TRUE(isnan(sfe_reordered_in(path)));
	f.reordered = NAN;
	CU_ASSERT_STRING_EQUAL(verdict(&f), "ok");
	sfe_fidelity_not_measured(&f, missing, sizeof(missing));
	CU_ASSERT_STRING_EQUAL(missing, "reordering: a link was asked to, or TCP has no SACK");
}

/* A missing file is reported, and does not affect the verdict. */
static void test_missing(void)
{
	char folder[] = "/tmp/sfe-test-XXXXXX", missing[256];
	struct sfe_kernel_counters none;
	struct sfe_fidelity f = light;

	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
	sfe_kernel_counters_read(folder, &none);
	sfe_fidelity_count(&none, &none, &f);
	CU_ASSERT_TRUE(isnan(f.cpu_idle_share) && isnan(f.cpu_stolen_share));
	CU_ASSERT_TRUE(isnan(f.softirq_squeezes) && isnan(f.backlog_drops));
	CU_ASSERT_TRUE(isnan(f.run_delay_s) && isnan(f.cpu_pressure_share));
	CU_ASSERT_STRING_EQUAL(verdict(&f), "ok");
	f.timer_late_p99_s = 1;
	CU_ASSERT_PTR_NOT_NULL(sfe_fidelity_why(verdict(&f)));
	sfe_fidelity_not_measured(&f, missing, sizeof(missing));
	CU_ASSERT_STRING_EQUAL(missing,
		"CPU time left: no /proc/stat; squeezes and backlog drops: no "
		"/proc/net/softnet_stat; run delay: no /proc/schedstat; pressure: no "
		"/proc/pressure/cpu");
	put_away(folder);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"ok and virtual", test_fine},
		{"a machine that was not monitored to the end", test_unwatched},
		{"a monitor that is killed or stopped", test_monitor},
		{"each limit by itself, at its limit and beyond", test_each},
		{"many reasons", test_many},
		{"the kernel's files, before and after", test_counted},
		{"segments that arrived after later ones", test_reordered},
		{"a kernel that counts nothing", test_missing},
	};

	return unit_main("fidelity", tests, sizeof(tests) / sizeof(tests[0]));
}

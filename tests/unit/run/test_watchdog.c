/* SPDX-License-Identifier: MIT */
/* When a guest counts as stuck. Time is real here: the patience is 1 s. */
#include <errno.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>

#include "emu/run/watchdog.h"
#include "tests/unit/unit.h"

static const char *node_of(const void *context, uint32_t netns)
{
	return netns == 7 ? context : NULL;
}

static struct sfe_guest_progress page(void)
{
	return (struct sfe_guest_progress){.magic = SFE_GUEST_PROGRESS_MAGIC,
		.time_ns = 5,
		.entries = 10,
		.user = 1,
		.syscall = 1,
		.pid = 42,
		.netns = 7,
		.comm = "burner"};
}

/* Checks for `ms`, each time after `change`; returns the last result. */
static int look_for(unsigned ms, struct sfe_guest_progress *p,
	void (*change)(struct sfe_guest_progress *), struct sfe_error *err)
{
	const struct timespec step = {.tv_nsec = 100000000};
	struct sfe_watchdog w;
	int r = 0;

	sfe_watchdog_begin(&w, 1);
	for (unsigned t = 0; t < ms && !r; t += 100) {
		nanosleep(&step, NULL);
		if (change)
			change(p);
		r = sfe_watchdog_check(&w, p, node_of, "rpi3_0", err);
	}
	return r;
}

static void time_moves(struct sfe_guest_progress *p)
{
	p->time_ns++;
}

static void it_asks(struct sfe_guest_progress *p)
{
	p->entries++;
}

static void test_computes(void)
{
	struct sfe_guest_progress p = page();
	struct sfe_error err = {0};
	char text[1100];

	CU_ASSERT_EQUAL(look_for(3000, &p, NULL, &err), -ETIME);
	sfe_error_text(&err, text, sizeof(text));
	CU_ASSERT_PTR_NOT_NULL(
		strstr(text, "its clock stands at 0.000000 s: process burner (42) in node "
			     "rpi3_0 has computed for 1 s without a system call"));
	p.netns = 8;
	p.user = 0;
	CU_ASSERT_EQUAL(look_for(3000, &p, NULL, &err), -ETIME);
	sfe_error_text(&err, text, sizeof(text));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "outside of all nodes"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "has been in its system call number 1 for 1 s"));
}

static void test_yields(void)
{
	struct sfe_guest_progress p = page();
	struct sfe_error err = {0};

	p.syscall = SYS_sched_yield;
	CU_ASSERT_EQUAL(look_for(3000, &p, it_asks, &err), -ETIME);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.what, "has only yielded the processor"));
}

/* Not stuck: time that advances, system calls, no page at all. */
static void test_gets_on(void)
{
	struct sfe_guest_progress p = page(), none = {0};
	struct sfe_error err = {0};
	struct sfe_watchdog w;

	CU_ASSERT_EQUAL(look_for(1600, &p, time_moves, &err), 0);
	CU_ASSERT_EQUAL(look_for(1600, &p, it_asks, &err), 0);
	CU_ASSERT_EQUAL(look_for(1600, &none, NULL, &err), 0);
	sfe_watchdog_begin(&w, 1);
	CU_ASSERT_EQUAL(sfe_watchdog_check(&w, NULL, node_of, NULL, &err), 0);
	CU_ASSERT_FALSE(sfe_watchdog_available(NULL));
	CU_ASSERT_FALSE(sfe_watchdog_available(&none));
	CU_ASSERT_TRUE(sfe_watchdog_available(&p));
}

/* Time without checks does not count: the process was suspended. */
static void test_suspended(void)
{
	const struct timespec pause = {.tv_sec = 1, .tv_nsec = 200000000};
	struct sfe_guest_progress p = page();
	struct sfe_error err = {0};
	struct sfe_watchdog w;

	sfe_watchdog_begin(&w, 1);
	CU_ASSERT_EQUAL(sfe_watchdog_check(&w, &p, node_of, NULL, &err), 0);
	nanosleep(&pause, NULL);
	CU_ASSERT_EQUAL(sfe_watchdog_check(&w, &p, node_of, NULL, &err), 0);
	CU_ASSERT_TRUE(w.silent_ms < 1000);
	CU_ASSERT_TRUE(w.silent_ms > 0);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"a process that computes", test_computes},
		{"a process that yields", test_yields},
		{"one that makes progress", test_gets_on},
		{"one that was suspended", test_suspended},
	};

	return unit_main("watchdog", tests, sizeof(tests) / sizeof(tests[0]));
}

/* SPDX-License-Identifier: MIT */
/* Timers on one deadline, with both kinds of loop: they expire by time, and at one time in the
 * order in which they were set. */
#include <string.h>

#include "nodes/base/clock.h"
#include "nodes/events/loop.h"
#include "nodes/events/timers.h"
#include "tests/unit/unit.h"

#define MS 1000000ull

struct clockwork {
	struct loop *loop;
	struct timers timers;
	bool stopped;
	char log[32]; /* a letter for each timer that has expired */
	struct named {
		struct clockwork *of;
		char name;
		struct timer timer;
	} named[6];
};

static void failed(void *owner, int code)
{
	(void)owner, (void)code;
	CU_FAIL("a timer could not be armed");
}

static void log_name(void *arg)
{
	struct named *n = arg;
	char *log = n->of->log;

	log[strlen(log)] = n->name;
	CU_ASSERT(now_ns() >= n->timer.at_ns);
	if (n->name == 'e')
		loop_break(n->of->loop);
}

static void stop_all(void *arg)
{
	struct named *n = arg;

	log_name(n);
	n->of->stopped = true;
	loop_break(n->of->loop);
}

/* false: this kernel has no ring. */
static bool open_clockwork(struct clockwork *c, bool ring)
{
	*c = (struct clockwork){0};
	CU_ASSERT_FATAL(!loop_open(&c->loop, ring));
	for (unsigned i = 0; i < 6; i++)
		c->named[i] = (struct named){c, (char)('a' + i), {0}};
	timers_init(&c->timers);
	CU_ASSERT(!timers_open(&c->timers, c->loop, &c->stopped, failed, c));
	return !ring || loop_has_ring(c->loop);
}

static void close_clockwork(struct clockwork *c)
{
	timers_close(&c->timers);
	loop_close(c->loop);
}

static void set(struct clockwork *c, unsigned i, uint64_t at_ns)
{
	timers_set(&c->timers, &c->named[i].timer, at_ns, log_name, &c->named[i]);
}

static void test_order(void)
{
	for (int ring = 0; ring < 2; ring++) {
		struct clockwork c;
		if (!open_clockwork(&c, ring))
			puts("(this kernel has no io_uring)");
		uint64_t now = now_ns();
		set(&c, 4, now + 8 * MS); /* e: ends the loop */
		set(&c, 2, now + 4 * MS);
		set(&c, 0, now + 2 * MS);
		set(&c, 1, now + 4 * MS); /* after c, which has the same time */
		set(&c, 3, now + 1 * MS);
		set(&c, 3, now + 6 * MS); /* set anew */
		set(&c, 5, now + 3 * MS);
		timers_cancel(&c.timers, &c.named[5].timer);
		timers_cancel(&c.timers, &c.named[5].timer); /* not set any more */
		CU_ASSERT(!loop_run(c.loop));
		CU_ASSERT_STRING_EQUAL(c.log, "acbde");
		close_clockwork(&c);
	}
}

/* Times that have passed expire at once; none does after `stopped`. */
static void test_stopped(void)
{
	struct clockwork c;

	open_clockwork(&c, false);
	timers_set(&c.timers, &c.named[0].timer, 1, stop_all, &c.named[0]);
	set(&c, 1, 2);
	CU_ASSERT(!loop_run(c.loop));
	CU_ASSERT_STRING_EQUAL(c.log, "a");
	CU_ASSERT(c.named[1].timer.set);
	close_clockwork(&c);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"by time, then in the order of setting", test_order},
		{"none after the end", test_stopped},
	};

	return unit_main("timers", tests, sizeof(tests) / sizeof(*tests));
}

/* SPDX-License-Identifier: MIT */
/* Deadlines with both kinds of loop: on a ring they are requests of the kernel, which are withdrawn
 * when a deadline moves or ends. */
#include <stdlib.h>
#include <string.h>

#include "nodes/base/clock.h"
#include "nodes/events/deadline.h"
#include "nodes/events/loop.h"
#include "tests/unit/unit.h"

#define UNIT 10000000ull /* ns: long enough for a busy machine */
#define N 4

struct clockwork {
	struct loop *loop;
	char log[32]; /* a letter for each deadline that has passed */
	struct named {
		struct clockwork *of;
		char name;
		uint64_t again_ns; /* what the deadline is set to when it passes */
		struct deadline *deadline;
	} named[N];
};

static void on_time(evutil_socket_t fd, short what, void *arg)
{
	struct named *n = arg;
	uint64_t at_ns = n->deadline->at_ns;
	(void)fd, (void)what;

	n->of->log[strlen(n->of->log)] = n->name;
	CU_ASSERT(now_ns() >= at_ns);
	deadline_passed(n->deadline);
	CU_ASSERT(!deadline_set(n->deadline, n->again_ns));
	n->again_ns = UINT64_MAX;
	if (n->name == 'd')
		loop_break(n->of->loop);
}

static void open_clockwork(struct clockwork *c, bool ring)
{
	*c = (struct clockwork){0};
	CU_ASSERT_FATAL(!loop_open(&c->loop, ring));
	if (ring && !loop_has_ring(c->loop))
		puts("SKIPPED: a loop without io_uring: this kernel has none");
	for (unsigned i = 0; i < N; i++) {
		struct named *n = &c->named[i];
		*n = (struct named){c, (char)('a' + i), UINT64_MAX, malloc(sizeof(*n->deadline))};
		CU_ASSERT_FATAL(n->deadline != NULL);
		CU_ASSERT_FATAL(!deadline_open(n->deadline, c->loop, on_time, n));
	}
}

/* Its memory is gone before the loop is. */
static void close_one(struct named *n)
{
	if (n->deadline)
		deadline_close(n->deadline);
	free(n->deadline);
	n->deadline = NULL;
}

static void close_clockwork(struct clockwork *c)
{
	for (unsigned i = 0; i < N; i++)
		close_one(&c->named[i]);
	loop_close(c->loop);
}

static void set(struct clockwork *c, unsigned i, uint64_t at_ns)
{
	CU_ASSERT(!deadline_set(c->named[i].deadline, at_ns));
}

/* Runs until d passes: what was set before is armed then. */
static void turn(struct clockwork *c)
{
	set(c, 3, now_ns() + UNIT);
	CU_ASSERT(!loop_run(c->loop));
}

static void test_moved(void)
{
	for (int ring = 0; ring < 2; ring++) {
		struct clockwork c;
		open_clockwork(&c, ring);
		uint64_t now = now_ns();
		set(&c, 0, now + 2 * UNIT);
		set(&c, 0, now + 12 * UNIT); /* within a turn, to later */
		set(&c, 1, now + 40 * UNIT);
		set(&c, 2, now + 6 * UNIT);
		turn(&c);
		CU_ASSERT_STRING_EQUAL(c.log, "d");
		set(&c, 1, now + 9 * UNIT);  /* armed, to earlier */
		set(&c, 2, now + 15 * UNIT); /* armed, to later */
		set(&c, 3, now + 18 * UNIT);
		CU_ASSERT(!loop_run(c.loop));
		CU_ASSERT_STRING_EQUAL(c.log, "dbacd");
		close_clockwork(&c);
	}
}

static void test_never(void)
{
	for (int ring = 0; ring < 2; ring++) {
		struct clockwork c;
		open_clockwork(&c, ring);
		uint64_t now = now_ns();
		set(&c, 0, now + 2 * UNIT);
		set(&c, 0, UINT64_MAX);
		set(&c, 1, now + 4 * UNIT);
		set(&c, 2, now + 4 * UNIT);
		turn(&c);
		set(&c, 1, UINT64_MAX);
		close_one(&c.named[2]);
		set(&c, 3, now + 8 * UNIT);
		CU_ASSERT(!loop_run(c.loop));
		CU_ASSERT_STRING_EQUAL(c.log, "dd");
		close_clockwork(&c);
	}
}

/* Times that have passed, and deadlines that are set anew when they pass. */
static void test_passed(void)
{
	for (int ring = 0; ring < 2; ring++) {
		struct clockwork c;
		open_clockwork(&c, ring);
		c.named[0].again_ns = now_ns() + 2 * UNIT;
		set(&c, 0, 1);
		set(&c, 3, now_ns() + 6 * UNIT);
		CU_ASSERT(!loop_run(c.loop));
		CU_ASSERT_STRING_EQUAL(c.log, "aad");
		close_clockwork(&c);
	}
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"moved to earlier and later", test_moved},
		{"never, and ended while it is armed", test_never},
		{"has passed, and is set anew", test_passed},
	};

	return unit_main("deadline", tests, sizeof(tests) / sizeof(*tests));
}

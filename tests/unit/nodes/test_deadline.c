/* SPDX-License-Identifier: MIT */
/* Deadlines with both kinds of loop: on a ring they are requests of the kernel, which are moved and
 * withdrawn. All times have passed, or are an hour away, so that how busy the machine is changes
 * nothing; in which order those that have passed are told depends on its cores. A ring ends only
 * when its requests have, so none that is an hour away may be left. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "nodes/base/clock.h"
#include "nodes/events/deadline.h"
#include "nodes/events/loop.h"
#include "tests/unit/unit.h"

#define S 1000000000ull
#define HOUR (now_ns() + 3600 * S)
#define N 3

struct clockwork {
	struct loop *loop;
	struct deadline guard;
	unsigned passed[N], left; /* how often each has; how many more are expected */
	bool first_ends_others;   /* the next one moves one of the others, and ends the other */
	int moved;
	struct named {
		struct clockwork *of;
		struct deadline *deadline;
		uint64_t again_ns; /* what it is set to when it passes; 0: never */
	} named[N];
};

/* Its memory is gone before the loop is. */
static void end(struct named *n)
{
	if (n->deadline)
		deadline_close(n->deadline);
	free(n->deadline);
	n->deadline = NULL;
}

static void set(struct clockwork *c, int i, uint64_t at_ns)
{
	CU_ASSERT(!deadline_set(c->named[i].deadline, at_ns));
}

static void on_time(evutil_socket_t fd, short what, void *arg)
{
	struct named *n = arg;
	struct clockwork *c = n->of;
	int i = (int)(n - c->named);
	uint64_t at_ns = n->deadline->at_ns;
	(void)fd, (void)what;

	deadline_passed(n->deadline);
	if (now_ns() < at_ns) { /* it has been moved since */
		set(c, i, at_ns);
		return;
	}
	c->passed[i]++;
	set(c, i, n->again_ns ? n->again_ns : UINT64_MAX);
	n->again_ns = 0;
	if (c->first_ends_others) {
		c->first_ends_others = false;
		c->moved = (i + 1) % N;
		set(c, c->moved, HOUR);
		end(&c->named[(i + 2) % N]);
	}
	if (!--c->left)
		loop_break(c->loop);
}

static void on_guard(evutil_socket_t fd, short what, void *arg)
{
	struct clockwork *c = arg;
	(void)fd, (void)what;

	CU_FAIL("a deadline does not pass");
	deadline_passed(&c->guard);
	CU_ASSERT(!deadline_set(&c->guard, UINT64_MAX));
	loop_break(c->loop);
}

/* Runs until so many have passed, and checks how often each has. */
static void expect(struct clockwork *c, unsigned a, unsigned b, unsigned third)
{
	CU_ASSERT(!deadline_set(&c->guard, now_ns() + 60 * S));
	memset(c->passed, 0, sizeof(c->passed));
	c->left = a + b + third;
	CU_ASSERT(!loop_run(c->loop));
	CU_ASSERT_EQUAL(c->passed[0], a);
	CU_ASSERT_EQUAL(c->passed[1], b);
	CU_ASSERT_EQUAL(c->passed[2], third);
}

static void test_moved(struct clockwork *c)
{
	set(c, 0, 1);
	set(c, 0, HOUR); /* within a turn */
	set(c, 1, HOUR);
	set(c, 2, 1);
	expect(c, 0, 0, 1);
	set(c, 0, 1);    /* armed, to earlier */
	set(c, 1, HOUR); /* armed, to later */
	expect(c, 1, 0, 0);
	set(c, 1, 1);
	set(c, 2, 2);
	expect(c, 0, 1, 1);
	set(c, 0, HOUR);
	set(c, 2, 1);
	expect(c, 0, 0, 1);
}

static void test_never(struct clockwork *c)
{
	set(c, 0, 1);
	set(c, 0, UINT64_MAX); /* within a turn */
	set(c, 1, HOUR);
	set(c, 2, 1);
	expect(c, 0, 0, 1);
	set(c, 2, HOUR);
	set(c, 0, 1);
	expect(c, 1, 0, 0);
	set(c, 1, UINT64_MAX); /* armed */
	end(&c->named[2]);
	set(c, 0, 1);
	expect(c, 1, 0, 0);
	set(c, 1, 1);
	expect(c, 0, 1, 0);
}

static void test_again(struct clockwork *c)
{
	set(c, 0, 1);
	c->named[0].again_ns = 2;
	expect(c, 2, 0, 0);
	c->named[0].again_ns = HOUR;
	set(c, 0, 1);
	set(c, 1, 1);
	expect(c, 1, 1, 0);
	set(c, 1, 1);
	expect(c, 0, 1, 0);
}

static void test_at_once(struct clockwork *c)
{
	c->first_ends_others = true;
	for (int i = 0; i < N; i++)
		set(c, i, (uint64_t)i + 1);
	memset(c->passed, 0, sizeof(c->passed));
	c->left = 1;
	CU_ASSERT(!loop_run(c->loop));
	CU_ASSERT_EQUAL(c->passed[0] + c->passed[1] + c->passed[2], 1);
	set(c, c->moved, 1);
	expect(c, c->moved == 0, c->moved == 1, c->moved == 2);
}

static void with_both(void (*test)(struct clockwork *c))
{
	for (int ring = 0; ring < 2; ring++) {
		struct clockwork c = {0};
		CU_ASSERT_FATAL(!loop_open(&c.loop, (uint32_t)ring));
		if (ring && !loop_has_ring(c.loop))
			puts("SKIPPED: a loop without io_uring: this kernel has none");
		CU_ASSERT_FATAL(!deadline_open(&c.guard, c.loop, on_guard, &c));
		for (unsigned i = 0; i < N; i++) {
			struct named *n = &c.named[i];
			*n = (struct named){.of = &c, .deadline = malloc(sizeof(*n->deadline))};
			CU_ASSERT_FATAL(n->deadline != NULL);
			CU_ASSERT_FATAL(!deadline_open(n->deadline, c.loop, on_time, n));
		}
		test(&c);
		for (unsigned i = 0; i < N; i++)
			end(&c.named[i]);
		deadline_close(&c.guard);
		CU_ASSERT_EQUAL(deadline_set(&c.guard, 1), -EBADF);
		loop_close(c.loop);
	}
}

static void moved(void)
{
	with_both(test_moved);
}

static void never(void)
{
	with_both(test_never);
}

static void again(void)
{
	with_both(test_again);
}

static void at_once(void)
{
	with_both(test_at_once);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"moved to earlier and later", moved},
		{"never, and ended while it is armed", never},
		{"set anew when it passes", again},
		{"changed in the turn in which it passes", at_once},
	};

	return unit_main("deadline", tests, sizeof(tests) / sizeof(*tests));
}

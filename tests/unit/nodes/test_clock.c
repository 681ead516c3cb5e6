/* SPDX-License-Identifier: MIT */
/* The clock that stands while a process computes: it is read once in a turn of the loop, and anew
 * by and after code that may sleep. */
#include <unistd.h>

#include "nodes/base/clock.h"
#include "nodes/events/loop.h"
#include "nodes/events/timers.h"
#include "nodes/functions/stack.h"
#include "tests/unit/unit.h"

#define MS 1000000ull

static void sleep_a_ms(void)
{
	usleep(1000);
}

static void test_goes(void)
{
	uint64_t before = now_ns();

	sleep_a_ms();
	CU_ASSERT(now_ns() >= before + MS);
}

static void test_stands(void)
{
	sfe_kept_time.stands = true;
	uint64_t before = now_ns();
	sleep_a_ms();
	CU_ASSERT_EQUAL(now_ns(), before);
	clock_forget();
	CU_ASSERT(now_ns() >= before + MS);
	sfe_kept_time = (struct sfe_kept_time){0};
}

static void read_twice(void *context)
{
	uint64_t *seen = context;

	seen[0] = now_ns();
	sleep_a_ms();
	seen[1] = now_ns();
}

static void test_function(void)
{
	struct stack_pool pool = {0};
	struct stack *stack = stack_take(&pool);
	uint64_t seen[2];

	CU_ASSERT_PTR_NOT_NULL_FATAL(stack);
	sfe_kept_time.stands = true;
	uint64_t before = now_ns();
	sleep_a_ms();
	CU_ASSERT(stack_run(stack, read_twice, seen));
	CU_ASSERT(seen[0] >= before + MS);
	CU_ASSERT(seen[1] >= seen[0] + MS);
	uint64_t after = now_ns();
	CU_ASSERT(after >= seen[1]);
	sleep_a_ms();
	CU_ASSERT_EQUAL(now_ns(), after); /* it stands again */
	sfe_kept_time = (struct sfe_kept_time){0};
	stack_give_back(&pool, stack);
	stack_pool_clear(&pool);
}

struct turns {
	struct loop *loop;
	struct timers timers;
	struct timer timer;
	bool stopped;
	uint64_t seen[2];
	unsigned n;
};

static void failed(void *owner, int code)
{
	(void)owner, (void)code;
	CU_FAIL("a timer could not be armed");
}

static void on_time(void *arg)
{
	struct turns *t = arg;

	t->seen[t->n++] = now_ns();
	if (t->n == 2)
		loop_break(t->loop);
	else
		timers_set(&t->timers, &t->timer, now_ns() + 2 * MS, on_time, t);
}

static void test_turns(void)
{
	struct turns t = {0};

	CU_ASSERT_FATAL(!loop_open(&t.loop, 1));
	if (loop_has_ring(t.loop)) {
		timers_init(&t.timers);
		CU_ASSERT_FATAL(!timers_open(&t.timers, t.loop, &t.stopped, failed, NULL));
		sfe_kept_time.stands = true;
		timers_set(&t.timers, &t.timer, now_ns() + MS, on_time, &t);
		CU_ASSERT_EQUAL(loop_run(t.loop), 0);
		CU_ASSERT_EQUAL(t.n, 2);
		CU_ASSERT(t.seen[1] >= t.seen[0] + 2 * MS);
		sfe_kept_time = (struct sfe_kept_time){0};
		timers_close(&t.timers);
	} else {
		puts("SKIPPED: a loop without io_uring: this kernel has none");
	}
	loop_close(t.loop);
}

int main(void)
{
	static const struct unit_test tests[] = {{"it goes", test_goes}, {"it stands", test_stands},
		{"code that sleeps", test_function}, {"turns of a loop", test_turns}};

	return unit_main("clock", tests, sizeof(tests) / sizeof(tests[0]));
}

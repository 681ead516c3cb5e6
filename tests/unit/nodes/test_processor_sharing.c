/* SPDX-License-Identifier: MIT */
#include "nodes/worker/processor_sharing.h"
#include "tests/unit/unit.h"

#define S 1000000000ull

static uint64_t pop_ns(struct ps *ps, const struct ps_entry *who)
{
	struct ps_entry *e = ps_pop(ps, PS_NEVER - 1);

	CU_ASSERT_PTR_EQUAL(e, who);
	return e ? e->finish_ns : 0;
}

static void test_alone(void)
{
	struct ps ps;
	struct ps_entry a;

	ps_init(&ps, 1e6, 0);
	CU_ASSERT_EQUAL(ps_next_ns(&ps), PS_NEVER);
	ps_add(&ps, &a, 5 * S, 3000);
	CU_ASSERT_EQUAL(ps_next_ns(&ps), 5 * S + 3000000);
	CU_ASSERT_PTR_NULL(ps_pop(&ps, 5 * S + 2999999));
	CU_ASSERT_PTR_EQUAL(ps_pop(&ps, 5 * S + 3000000), &a);
	CU_ASSERT_EQUAL(a.finish_ns, 5 * S + 3000000);
	/* Nothing to do is over at once. */
	ps_add(&ps, &a, 9 * S, 0);
	CU_ASSERT_PTR_EQUAL(ps_pop(&ps, 9 * S), &a);
	CU_ASSERT_EQUAL(a.finish_ns, 9 * S);
	ps_clear(&ps);
}

/*
 * 1 op/s. A of 4 at 0; B of 1 at 1; C of 3 at 2.
 * [0,1] A alone: 3 left. [1,2] A and B at 1/2: A 2.5, B 0.5. [2,3.5] three at 1/3: B is over
 * at 3.5, A has 2, C 2.5. From 3.5 two at 1/2: A is over at 7.5, C has 0.5 left, alone: over at 8.
 */
static void test_by_hand(void)
{
	struct ps ps;
	struct ps_entry a, b, c;

	ps_init(&ps, 1, 0);
	ps_add(&ps, &a, 0, 4);
	ps_add(&ps, &b, 1 * S, 1);
	CU_ASSERT_EQUAL(ps_next_ns(&ps), 3 * S);
	ps_add(&ps, &c, 2 * S, 3);
	CU_ASSERT_EQUAL(ps_next_ns(&ps), 3500000000u);
	CU_ASSERT_EQUAL(pop_ns(&ps, &b), 3500000000u);
	CU_ASSERT_EQUAL(pop_ns(&ps, &a), 7500000000u);
	CU_ASSERT_EQUAL(pop_ns(&ps, &c), 8000000000u);
	CU_ASSERT_PTR_NULL(ps_pop(&ps, PS_NEVER - 1));
	ps_clear(&ps);
}

static void test_ties(void)
{
	struct ps ps;
	struct ps_entry e[40];

	ps_init(&ps, 1e9, 0);
	for (int i = 0; i < 40; i++)
		ps_add(&ps, &e[i], 0, 1000);
	for (int i = 0; i < 40; i++)
		CU_ASSERT_EQUAL(pop_ns(&ps, &e[i]), 40000);
	ps_clear(&ps);
}

/* Asked late, it tells the same: the ends lie where they lay. */
static void test_late(void)
{
	struct ps ps;
	struct ps_entry a, b;

	ps_init(&ps, 1e9, 0);
	ps_add(&ps, &a, 0, 100);
	ps_add(&ps, &b, 1000, 100); /* a was over long ago */
	CU_ASSERT_EQUAL(pop_ns(&ps, &a), 100);
	CU_ASSERT_EQUAL(pop_ns(&ps, &b), 1100);
	ps_add(&ps, &a, 500, 10); /* a clock that went back counts as where it was */
	CU_ASSERT(a.due > 0);
	ps_clear(&ps);
}

#define MANY 2000

/* Work is neither lost nor made: a busy computer ends its last entry after (all ops) / speed. */
static uint64_t busy_period(uint64_t *finish)
{
	static struct ps_entry e[MANY];
	struct ps ps;
	struct ps_entry *done;
	uint64_t x = 1, total = 0, last = 0, n = 0;

	ps_init(&ps, 1.3e9, 0);
	for (uint64_t i = 0; i < MANY; i++) {
		x = x * 6364136223846793005ull + 1;
		uint64_t ops = 1000 + (x >> 40);
		total += ops;
		ps_add(&ps, &e[i], i * 10, ops); /* arrivals faster than service: never idle */
	}
	while ((done = ps_pop(&ps, PS_NEVER - 1))) {
		CU_ASSERT(done->finish_ns >= last);
		last = done->finish_ns;
		finish[n++] = (uint64_t)(done - e) << 40 ^ done->finish_ns;
	}
	CU_ASSERT_EQUAL(n, MANY);
	double should = (double)total / 1.3e9 * 1e9;
	CU_ASSERT_DOUBLE_EQUAL((double)last, should, MANY); /* half a ns is rounded at each end */
	ps_clear(&ps);
	return last;
}

static void test_conservation(void)
{
	static uint64_t one[MANY], two[MANY];

	CU_ASSERT_EQUAL(busy_period(one), busy_period(two));
	for (int i = 0; i < MANY; i++)
		CU_ASSERT_EQUAL(one[i], two[i]);
}

static void test_huge(void)
{
	struct ps ps;
	struct ps_entry a;

	ps_init(&ps, 1e-3, 0);
	ps_add(&ps, &a, S, UINT64_MAX);
	CU_ASSERT_EQUAL(ps_next_ns(&ps), PS_NEVER - 1);
	ps_clear(&ps);
}

/* Four cores of 250 operations/s: one entry gets one of them, eight get half of one each. */
static void test_cores(void)
{
	struct ps_entry e[9];
	struct ps ps;

	ps_init(&ps, 1000, 4);
	CU_ASSERT(!ps_add(&ps, &e[0], 0, 250));
	CU_ASSERT_EQUAL(ps_next_ns(&ps), 1000000000u);
	CU_ASSERT_PTR_EQUAL(ps_pop(&ps, 1000000000u), &e[0]);
	for (unsigned i = 1; i < 9; i++)
		CU_ASSERT(!ps_add(&ps, &e[i], 1000000000u, 250));
	CU_ASSERT_EQUAL(ps_next_ns(&ps), 3000000000u);
	for (unsigned i = 1; i < 9; i++)
		CU_ASSERT_PTR_EQUAL(ps_pop(&ps, 3000000000u), &e[i]);
	ps_clear(&ps);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"cores", test_cores},
		{"one alone", test_alone},
		{"three, by hand", test_by_hand},
		{"ties in order of arrival", test_ties},
		{"asked late", test_late},
		{"conservation, and the same twice", test_conservation},
		{"longer than time", test_huge},
	};

	return unit_main("processor sharing", tests, sizeof(tests) / sizeof(*tests));
}

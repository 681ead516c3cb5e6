/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "nodes/worker/admission.h"
#include "tests/unit/unit.h"

enum { BLUR, COUNT, N_FUNCTIONS };

static struct admission_entry of(uint32_t function, uint64_t bytes)
{
	return (struct admission_entry){.function = function, .bytes = bytes};
}

static void test_off(void)
{
	const struct sfe_node_limits none = {.cores = 4, .keep_alive_ns = 5};
	struct admission a;

	CU_ASSERT_FATAL(!admission_open(&a, &none, N_FUNCTIONS));
	CU_ASSERT(!admission_limits(&a)); /* cores are the business of processor sharing */
	admission_close(&a);
}

static void test_concurrency(void)
{
	const struct sfe_node_limits limits = {.concurrency = 2};
	struct admission_entry e[4] = {of(BLUR, 9), of(BLUR, 9), of(BLUR, 9), of(COUNT, 9)};
	struct admission a;

	CU_ASSERT_FATAL(!admission_open(&a, &limits, N_FUNCTIONS));
	CU_ASSERT(admission_limits(&a));
	for (unsigned i = 0; i < 4; i++)
		CU_ASSERT(admission_ask(&a, &e[i], 10 + i));
	CU_ASSERT_PTR_EQUAL(admission_next(&a, 20), &e[0]);
	CU_ASSERT_PTR_EQUAL(admission_next(&a, 20), &e[1]);
	/* The third waits, and does not hold up the other function. */
	CU_ASSERT_PTR_EQUAL(admission_next(&a, 20), &e[3]);
	CU_ASSERT_PTR_NULL(admission_next(&a, 20));
	admission_leave(&a, &e[1], 50);
	CU_ASSERT_PTR_EQUAL(admission_next(&a, 50), &e[2]);
	CU_ASSERT_EQUAL(e[2].queued_ns, 38);
	CU_ASSERT_EQUAL(e[0].queued_ns, 10);
	CU_ASSERT_EQUAL(e[2].cold_ns, 0);
	admission_close(&a);
}

static void test_memory(void)
{
	const struct sfe_node_limits limits = {.memory = 100};
	struct admission_entry e[4] = {of(BLUR, 60), of(BLUR, 50), of(COUNT, 10), of(COUNT, 101)};
	struct admission a;

	CU_ASSERT_FATAL(!admission_open(&a, &limits, N_FUNCTIONS));
	for (unsigned i = 0; i < 3; i++)
		CU_ASSERT(admission_ask(&a, &e[i], 0));
	CU_ASSERT(!admission_ask(&a, &e[3], 0)); /* never */
	CU_ASSERT_PTR_EQUAL(admission_next(&a, 1), &e[0]);
	CU_ASSERT_PTR_NULL(admission_next(&a, 1)); /* the small one does not pass */
	admission_leave(&a, &e[1], 2);             /* gives up */
	CU_ASSERT_PTR_EQUAL(admission_next(&a, 2), &e[2]);
	admission_leave(&a, &e[0], 3);
	admission_leave(&a, &e[2], 3);
	CU_ASSERT_EQUAL(a.bytes, 0);
	admission_close(&a);
}

static uint64_t start(struct admission *a, struct admission_entry *e, uint64_t now_ns)
{
	CU_ASSERT(admission_ask(a, e, now_ns));
	CU_ASSERT_PTR_EQUAL(admission_next(a, now_ns), e);
	return e->cold_ns;
}

static void test_cold_start(void)
{
	const struct sfe_node_limits limits = {.cold_start_ns = 300, .keep_alive_ns = 1000};
	struct admission_entry e[4] = {of(BLUR, 0), of(BLUR, 0), of(COUNT, 0), of(BLUR, 0)};
	struct admission a;

	CU_ASSERT_FATAL(!admission_open(&a, &limits, N_FUNCTIONS));
	CU_ASSERT_EQUAL(start(&a, &e[0], 0), 300);
	CU_ASSERT_EQUAL(start(&a, &e[1], 0), 300); /* beside it: another instance */
	admission_leave(&a, &e[0], 400);
	admission_leave(&a, &e[1], 500);
	CU_ASSERT_EQUAL(start(&a, &e[2], 600), 300); /* each function has its own */
	CU_ASSERT_EQUAL(start(&a, &e[3], 1500), 0);  /* idle since 500, just alive */
	admission_leave(&a, &e[3], 1500);
	e[0] = of(BLUR, 0);
	CU_ASSERT_EQUAL(start(&a, &e[0], 2501), 300);
	admission_close(&a);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"no limits", test_off},
		{"so many of a function at a time", test_concurrency},
		{"memory", test_memory},
		{"cold starts", test_cold_start},
	};

	return unit_main("admission", tests, sizeof(tests) / sizeof(*tests));
}

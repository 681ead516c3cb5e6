/* SPDX-License-Identifier: MIT */
/* What functions in C can do to their output and states, and what is refused. */
#include <string.h>

#include "nodes/functions/function_call.h"
#include "tests/unit/unit.h"

#define N 3
enum { UPDATED, READ, WRITTEN }; /* the states */

struct bench {
	struct buffer_pool pool;
	struct slice state[N];
	struct function_call call;
	struct changes changed; /* of the state that is updated */
	int code;
};

/* Calls the function with three states of 10 bytes; earlier: what was changed of the first one. */
static void run_after(
	struct bench *b, int (*invoke)(struct sfe_call *), const struct changes *earlier)
{
	static const uint32_t access[N] = {
		SFE_STATE_UPDATED, SFE_STATE_READ_ONLY, SFE_STATE_WRITTEN};
	const struct sfe_function_plugin plugin = {SFE_FUNCTION_ABI, invoke};

	*b = (struct bench){.call = {.seed = 1,
				    .face = {.function = "f",
					    .node = "n",
					    .job = 2,
					    .step_number = 3,
					    .argument = "argument",
					    .argument_bytes = 8}}};
	b->call.buffers = &b->pool;
	CU_ASSERT_EQUAL_FATAL(function_call_open(&b->call, N), 0);
	for (uint32_t i = 0; i < N; i++) {
		CU_ASSERT_EQUAL_FATAL(slice_new(&b->pool, 10, &b->state[i]), 0);
		memset(b->state[i].data, 'a' + (int)i, 10);
		function_call_state(&b->call, i, NULL, &b->state[i], 2 * i, 10, access[i]);
	}
	b->call.states[UPDATED].changes = *earlier;
	b->code = function_call_run(&b->call, &plugin);
	b->changed = b->call.states[UPDATED].changes;
	function_call_close(&b->call);
}

static void run(struct bench *b, int (*invoke)(struct sfe_call *))
{
	run_after(b, invoke, &(struct changes){0});
}

static void drop(struct bench *b)
{
	for (uint32_t i = 0; i < N; i++)
		slice_drop(&b->state[i]);
	slice_drop(&b->call.output);
	buffer_pool_clear(&b->pool);
}

static int all(struct sfe_call *call)
{
	CU_ASSERT_STRING_EQUAL(call->step, "3");
	CU_ASSERT_EQUAL(sfe_state_find(call, "s2"), READ);
	CU_ASSERT_EQUAL(sfe_state_find(call, "s22"), N);
	CU_ASSERT_EQUAL(sfe_state_find(call, "s"), N);
	CU_ASSERT_EQUAL(call->states[WRITTEN].bytes, 0);
	CU_ASSERT(!memcmp(call->states[READ].data, "bbbbbbbbbb", 10));
	memcpy(sfe_output(call, 5), "12345", 5);
	memcpy(sfe_state_change(call, UPDATED, 8, 2), "zz", 2);
	for (int i = 0; i < 1000; i++)
		memcpy(sfe_state_append(call, UPDATED, 3), "xyz", 3);
	CU_ASSERT_EQUAL(call->states[UPDATED].bytes, 3010);
	CU_ASSERT(!memcmp(call->states[UPDATED].data, "aaaaaaaazzxyzxyz", 16));
	CU_ASSERT_EQUAL(sfe_state_resize(call, UPDATED, 11), 0);
	CU_ASSERT_EQUAL(
		sfe_state_resize(call, UPDATED, 13), 0); /* with bytes 0, not the old ones */
	CU_ASSERT_EQUAL(sfe_state_resize(call, WRITTEN, 4), 0);
	sfe_compute(call, 7);
	sfe_compute(call, 8);
	return 0;
}

static void test_all(void)
{
	struct bench b;

	run(&b, all);
	CU_ASSERT_EQUAL(b.code, 0);
	CU_ASSERT_EQUAL(b.call.operations, 15);
	CU_ASSERT(b.call.output.size == 5 && !memcmp(b.call.output.data, "12345", 5));
	CU_ASSERT(b.state[UPDATED].size == 13 &&
		  !memcmp(b.state[UPDATED].data, "aaaaaaaazzx\0\0", 13));
	CU_ASSERT(b.state[WRITTEN].size == 4 && !memcmp(b.state[WRITTEN].data, "\0\0\0\0", 4));
	CU_ASSERT(b.state[READ].size == 10);
	/* What was asked for, and not cut off again. */
	CU_ASSERT(b.changed.n == 1 && b.changed.range[0].offset == 8 &&
		  b.changed.range[0].bytes == 5);
	drop(&b);
}

static uint64_t drawn[4];

static int draw(struct sfe_call *call)
{
	drawn[0] = sfe_random(call, "one");
	drawn[1] = sfe_random(call, "two");
	drawn[2] = sfe_random(call, "one");
	return 0;
}

static int draw_one(struct sfe_call *call)
{
	drawn[3] = sfe_random(call, "one");
	CU_ASSERT_EQUAL(sfe_random(call, "one"), drawn[2]);
	return 0;
}

static void test_random(void)
{
	struct bench b;

	run(&b, draw);
	drop(&b);
	run(&b, draw_one); /* another stream's numbers do not shift it */
	drop(&b);
	CU_ASSERT_EQUAL(drawn[3], drawn[0]);
	CU_ASSERT(drawn[0] != drawn[1] && drawn[0] != drawn[2]);
	CU_ASSERT(function_call_seed(1, 2, 3, 0) != function_call_seed(1, 3, 2, 0));
	CU_ASSERT(function_call_seed(1, 2, 3, 0) != function_call_seed(1, 2, 3, 1));
}

static int change_read(struct sfe_call *call)
{
	CU_ASSERT_PTR_NULL(sfe_state_change(call, READ, 0, 1));
	return 0; /* it does not notice */
}

static int append_read(struct sfe_call *call)
{
	return sfe_state_append(call, READ, 1) ? 0 : 5;
}

static int write_through_const(struct sfe_call *call)
{
	((char *)call->states[READ].data)[9] = 'x';
	return 0;
}

/* Its pointer is of the first bytes only. */
static int write_beside(struct sfe_call *call)
{
	char *to = sfe_state_change(call, UPDATED, 0, 4);

	to[4] = 'x';
	return 0;
}

/* It did not ask at all. */
static int write_unasked(struct sfe_call *call)
{
	((char *)call->states[UPDATED].data)[9] = 'x';
	return 0;
}

static int beyond(struct sfe_call *call)
{
	CU_ASSERT_PTR_NOT_NULL(sfe_state_change(call, UPDATED, 10, 0));
	CU_ASSERT_PTR_NULL(sfe_state_change(call, UPDATED, UINT64_MAX, 2));
	return 0;
}

static int unknown_state(struct sfe_call *call)
{
	return sfe_state_resize(call, N, 1);
}

static int large_output(struct sfe_call *call)
{
	return sfe_output(call, (1ull << 30) + 1) ? 0 : -1;
}

static int large_state(struct sfe_call *call)
{
	return sfe_state_resize(call, UPDATED, UINT64_MAX);
}

static int says_no(struct sfe_call *call)
{
	sfe_refuse(call, "the first reason");
	return sfe_refuse(call, "the second");
}

static int returns(struct sfe_call *call)
{
	(void)call;
	return 7;
}

static int many_streams(struct sfe_call *call)
{
	char name[] = "a0";

	for (unsigned i = 0; i <= FUNCTION_MAX_STREAMS; i++) {
		name[1] = (char)('0' + i);
		sfe_random(call, name);
	}
	return 0;
}

static void test_refused(void)
{
	static const struct {
		int (*invoke)(struct sfe_call *);
		const char *why;
	} cases[] = {
		{change_read, "changes the state s2, which it only reads"},
		{append_read, "changes the state s2, which it only reads"},
		{write_through_const, "changes the state s2, which it only reads"},
		{write_beside, "bytes of the state s0 that it did not ask for, first at 4 of 10"},
		{write_unasked, "bytes of the state s0 that it did not ask for, first at 9 of 10"},
		{beyond, "changes 2 bytes at 18446744073709551615 of the state s0, which has 10"},
		{unknown_state, "a state that it does not use"},
		{large_output, "an output of 1073741825 bytes"},
		{large_state, "a state of 18446744073709551615 bytes"},
		{says_no, "the first reason"},
		{returns, "it returned 7"},
		{many_streams, "random streams"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bench b;
		run(&b, cases[i].invoke);
		CU_ASSERT(b.code < 0);
		CU_ASSERT_PTR_NOT_NULL(strstr(b.call.reason, cases[i].why));
		if (!strstr(b.call.reason, cases[i].why))
			fprintf(stderr, "'%s', not '%s'\n", b.call.reason, cases[i].why);
		drop(&b);
	}
}

static int change_first(struct sfe_call *call)
{
	*(char *)sfe_state_change(call, UPDATED, 0, 1) = 'x';
	return 0;
}

/* What steps before it have changed adds up, and is no leave to change it without asking. */
static void test_earlier_changes(void)
{
	const struct changes earlier = {.n = 1, .range = {{8, 2}}};
	struct bench b;

	run_after(&b, change_first, &earlier);
	CU_ASSERT_EQUAL(b.code, 0);
	CU_ASSERT_EQUAL(b.changed.n, 2);
	CU_ASSERT_EQUAL(changes_bytes(&b.changed), 3);
	drop(&b);
	run_after(&b, write_unasked, &earlier);
	CU_ASSERT(b.code < 0);
	CU_ASSERT_PTR_NOT_NULL(strstr(b.call.reason, "did not ask for"));
	drop(&b);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"output, states, operations", test_all},
		{"random streams", test_random},
		{"what is refused", test_refused},
		{"after earlier changes", test_earlier_changes},
	};

	return unit_main("function_call", tests, sizeof(tests) / sizeof(*tests));
}

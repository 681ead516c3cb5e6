/* SPDX-License-Identifier: MIT */
#include <string.h>
#include <xxhash.h>

#include "nodes/base/payload.h"
#include "nodes/functions/function_call.h"
#include "nodes/functions/mix.h"
#include "tests/unit/unit.h"

struct call {
	char function[8];
	uint64_t seed;
	uint32_t job, step, index[2];
	uint8_t arg[33], state[2][21];
	uint64_t arg_bytes, out_bytes;
};

struct digests {
	uint64_t out, state[2];
};

static const struct call base = {.function = "f1",
	.seed = 3,
	.job = 4,
	.step = 5,
	.index = {0, 2},
	.arg = "argument",
	.state = {"one", "two"},
	.arg_bytes = 33,
	.out_bytes = 29};

static struct digests run(struct call c)
{
	struct buffer_pool pool = {0};
	struct function_call call = {.buffers = &pool,
		.seed = c.seed,
		.output_bytes = c.out_bytes,
		.trusted = true,
		.face = {.function = c.function,
			.job = c.job,
			.step_number = c.step,
			.argument = c.arg,
			.argument_bytes = c.arg_bytes}};
	struct slice states[2];
	struct digests d;

	CU_ASSERT_EQUAL_FATAL(function_call_open(&call, 2), 0);
	for (uint32_t i = 0; i < 2; i++) {
		CU_ASSERT_EQUAL_FATAL(slice_new(&pool, sizeof(c.state[i]), &states[i]), 0);
		memcpy(states[i].data, c.state[i], sizeof(c.state[i]));
		function_call_state(&call, i, NULL, &states[i], c.index[i], sizeof(c.state[i]),
			SFE_STATE_UPDATED);
	}
	CU_ASSERT_EQUAL(function_call_run(&call, &function_mix), 0);
	CU_ASSERT_EQUAL(call.output.size, c.out_bytes);
	d.out = XXH3_64bits(call.output.data, call.output.size);
	for (uint32_t i = 0; i < 2; i++) {
		CU_ASSERT_EQUAL(states[i].size, sizeof(c.state[i]));
		d.state[i] = XXH3_64bits(states[i].data, states[i].size);
		slice_drop(&states[i]);
	}
	slice_drop(&call.output);
	function_call_close(&call);
	buffer_pool_clear(&pool);
	return d;
}

static void differs(struct call c)
{
	struct digests a = run(base), b = run(c);

	CU_ASSERT_NOT_EQUAL(a.out, b.out);
	CU_ASSERT_NOT_EQUAL(a.state[0], b.state[0]);
	CU_ASSERT_NOT_EQUAL(a.state[1], b.state[1]);
}

static void test_same(void)
{
	struct digests a = run(base), b = run(base);

	CU_ASSERT(!memcmp(&a, &b, sizeof(a)));
	CU_ASSERT_NOT_EQUAL(a.state[0], a.state[1]);
}

static void test_sensitive(void)
{
#define VARY(...)                                                                                  \
	do {                                                                                       \
		struct call c = base;                                                              \
		__VA_ARGS__;                                                                       \
		differs(c);                                                                        \
	} while (0)
	VARY(c.function[1] = '2');
	VARY(c.seed++);
	VARY(c.job++);
	VARY(c.step++);
	VARY(c.arg[32] ^= 1);
	VARY(c.arg_bytes--);
	VARY(c.out_bytes--);
	VARY(c.state[0][20] ^= 128);
	VARY(c.state[1][0] ^= 1);
	VARY(c.index[0] = 1);
	VARY(memcpy(c.state[0], base.state[1], 21); memcpy(c.state[1], base.state[0], 21));
}

/* The bytes are part of what results are compared by, so they must not change unseen. */
static void test_payload(void)
{
	uint8_t a[100], b[100] = {0};

	payload_fill(1, 2, a, 100);
	payload_fill(1, 2, b, 37); /* a prefix is a prefix */
	CU_ASSERT(!memcmp(a, b, 37));
	CU_ASSERT_EQUAL(b[37], 0);
	payload_fill(1, 3, b, 100);
	CU_ASSERT(memcmp(a, b, 100));
	payload_fill(1, 2, NULL, 0);
	CU_ASSERT_NOT_EQUAL(payload_job_key(1, 2), payload_job_key(2, 1));
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"the same gives the same", test_same},
		{"every input shows in every output", test_sensitive},
		{"payload", test_payload},
	};

	return unit_main("function", tests, sizeof(tests) / sizeof(*tests));
}

/* SPDX-License-Identifier: MIT */
/* Prints what a call of a C function takes beyond its work: with an output, and two states of which
 * one is changed. No test holds the figure. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nodes/base/clock.h"
#include "nodes/functions/function_task.h"

#define CALLS 1000000u
#define BYTES 1000u

static int invoke(struct sfe_call *call)
{
	return sfe_output(call, 100) && sfe_state_change(call, 0, 10, 10) ? 0 : -1;
}

int main(void)
{
	const struct sfe_function_plugin plugin = {SFE_FUNCTION_ABI, invoke};
	struct buffer_pool pool = {0};
	struct stack_pool stacks = {0};
	struct slice states[2];

	for (unsigned i = 0; i < 2; i++) {
		if (slice_new(&pool, BYTES, &states[i]))
			return EXIT_FAILURE;
		memset(states[i].data, 1, BYTES);
	}
	uint64_t begin_ns = now_ns();
	for (unsigned i = 0; i < CALLS; i++) {
		struct function_task t = {.plugin = &plugin,
			.call = {.buffers = &pool,
				.face = {.function = "f", .node = "n", .step_number = i}}};
		if (function_call_open(&t.call, 2))
			return EXIT_FAILURE;
		function_call_state(&t.call, 0, NULL, &states[0], 0, BYTES, SFE_STATE_UPDATED);
		function_call_state(&t.call, 1, NULL, &states[1], 1, BYTES, SFE_STATE_READ_ONLY);
		if (function_task_run(&t, &stacks) || t.code)
			return EXIT_FAILURE;
		slice_drop(&t.call.output);
		function_call_close(&t.call);
	}
	printf("%.3f us a call\n", (double)(now_ns() - begin_ns) / 1000 / CALLS);
	for (unsigned i = 0; i < 2; i++)
		slice_drop(&states[i]);
	stack_pool_clear(&stacks);
	buffer_pool_clear(&pool);
	return 0;
}

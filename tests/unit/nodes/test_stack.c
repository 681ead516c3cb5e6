/* SPDX-License-Identifier: MIT */
/* Stacks for code that waits, and functions that wait on them. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "nodes/functions/function_task.h"
#include "tests/unit/unit.h"

#define MANY 1000

/* ---- stacks */

struct walker {
	struct stack *stack;
	unsigned steps, done;
	uint64_t sum;
};

/* Uses its stack before and after each wait. */
static void walk(void *context)
{
	struct walker *w = context;
	volatile uint8_t pad[3000];

	memset((void *)pad, (int)w->steps, sizeof(pad));
	while (w->done < w->steps) {
		w->done++;
		stack_wait(w->stack);
		for (unsigned i = 0; i < sizeof(pad); i++)
			w->sum += pad[i] == (uint8_t)w->steps;
	}
}

static void test_turns(void)
{
	static struct walker w[MANY];
	struct stack_pool pool = {0};
	unsigned waiting = MANY;

	memset(w, 0, sizeof(w));
	for (unsigned i = 0; i < MANY; i++) {
		w[i] = (struct walker){.stack = stack_take(&pool), .steps = 1 + i % 5};
		CU_ASSERT_PTR_NOT_NULL_FATAL(w[i].stack);
		CU_ASSERT_FALSE(stack_run(w[i].stack, walk, &w[i]));
	}
	while (waiting)
		for (unsigned i = 0; i < MANY; i++)
			if (w[i].stack && stack_resume(w[i].stack)) {
				stack_give_back(&pool, w[i].stack);
				w[i].stack = NULL;
				waiting--;
			}
	for (unsigned i = 0; i < MANY; i++) {
		CU_ASSERT_EQUAL(w[i].done, w[i].steps);
		CU_ASSERT_EQUAL(w[i].sum, 3000ull * w[i].steps);
	}
	CU_ASSERT_EQUAL(pool.n_free, STACK_MOST_FREE);
	stack_pool_clear(&pool);
}

static void test_used_again(void)
{
	struct stack_pool pool = {0};
	struct stack *first = stack_take(&pool);

	for (unsigned i = 0; i < 10; i++) {
		struct walker w = {.stack = first, .steps = 1};
		CU_ASSERT_FALSE(stack_run(first, walk, &w));
		CU_ASSERT_TRUE(stack_resume(first));
		CU_ASSERT_EQUAL(w.done, 1);
		stack_give_back(&pool, first);
		CU_ASSERT_EQUAL(stack_take(&pool), first);
	}
	stack_give_back(&pool, first);
	stack_pool_clear(&pool);
}

static unsigned overflow(unsigned depth)
{
	volatile uint8_t frame[512];

	frame[0] = (uint8_t)depth;
	return depth ? overflow(depth - 1) + frame[0] : 0;
}

static void overflow_all(void *context)
{
	*(volatile unsigned *)context = overflow(1u << 20);
}

/* An overflow ends the process: by a signal, or, with sanitizers, with their report. */
static void test_overflow(void)
{
	int status = 0;

	fflush(NULL);
	pid_t pid = fork();
	if (!pid) {
		const struct rlimit none = {0};
		struct stack_pool pool = {0};
		unsigned sum = 0;
		setrlimit(RLIMIT_CORE, &none);
		close(STDERR_FILENO);
		stack_run(stack_take(&pool), overflow_all, &sum);
		_exit(0);
	}
	CU_ASSERT_EQUAL(waitpid(pid, &status, 0), pid);
	CU_ASSERT_FALSE(WIFEXITED(status) && !WEXITSTATUS(status));
}

/* ---- functions that wait */

static int fan_out(struct sfe_call *call)
{
	const void *output;
	uint64_t bytes, total = 0;
	char *own = malloc(100); /* freed also if a call fails */

	for (unsigned i = 0; i < 3; i++) {
		if (sfe_call_function(call, "part", "argument", 5 + i, &output, &bytes)) {
			free(own);
			return -1;
		}
		CU_ASSERT_EQUAL(((const uint8_t *)output)[0], 'A' + i);
		total += bytes;
	}
	free(own);
	if (sfe_cast_later(call, "log", NULL, 0, 7))
		return -1;
	uint64_t *out = sfe_output(call, sizeof(*out));
	*out = total;
	return 0;
}

static const struct sfe_function_plugin fan = {SFE_FUNCTION_ABI, fan_out};

static void begin(struct function_task *t, struct buffer_pool *buffers, struct stack_pool *stacks,
	const struct sfe_function_plugin *plugin, uint64_t path)
{
	*t = (struct function_task){.plugin = plugin,
		.call = {.buffers = buffers, .path = path, .face = {.function = "f", .node = "n"}}};
	CU_ASSERT_EQUAL_FATAL(function_call_open(&t->call, 0), 0);
	CU_ASSERT_EQUAL_FATAL(function_task_run(t, stacks), 0);
}

static void end(struct function_task *t)
{
	CU_ASSERT_TRUE(t->ended);
	CU_ASSERT_PTR_NULL(t->request);
	slice_drop(&t->call.output);
	function_call_close(&t->call);
}

/* Answers call `number` with so many bytes. */
static void answer(struct function_task *t, struct buffer_pool *buffers, struct stack_pool *stacks,
	uint32_t number, uint64_t bytes)
{
	struct function_request *r = t->request;

	CU_ASSERT_PTR_NOT_NULL_FATAL(r);
	CU_ASSERT_EQUAL(r->kind, FUNCTION_CALLS);
	CU_ASSERT_EQUAL(r->path, number);
	CU_ASSERT_STRING_EQUAL(r->function, "part");
	CU_ASSERT_EQUAL(r->argument.size, 4 + number);
	CU_ASSERT_EQUAL(memcmp(r->argument.data, "argument", r->argument.size), 0);
	slice_drop(&r->argument);
	CU_ASSERT_EQUAL_FATAL(slice_new(buffers, bytes, &r->output), 0);
	memset(r->output.data, 'A' + (int)number - 1, bytes);
	function_task_resume(t, stacks);
}

static void test_many_wait(void)
{
	static struct function_task t[MANY];
	struct buffer_pool buffers = {0};
	struct stack_pool stacks = {0};

	for (unsigned i = 0; i < MANY; i++)
		begin(&t[i], &buffers, &stacks, &fan, 0);
	for (uint32_t number = 1; number <= 3; number++)
		for (unsigned i = 0; i < MANY; i++)
			answer(&t[i], &buffers, &stacks, number, 10 * number);
	for (unsigned i = 0; i < MANY; i++) {
		CU_ASSERT_FALSE(t[i].ended);
		CU_ASSERT_EQUAL(t[i].request->kind, FUNCTION_CASTS);
		CU_ASSERT_EQUAL(t[i].request->path, 4);
		CU_ASSERT_EQUAL(t[i].request->delay_ns, 7);
		slice_drop(&t[i].request->argument);
		function_task_resume(&t[i], &stacks);
		CU_ASSERT_EQUAL(t[i].code, 0);
		CU_ASSERT_EQUAL(*(uint64_t *)(void *)t[i].call.output.data, 60);
		end(&t[i]);
	}
	stack_pool_clear(&stacks);
	buffer_pool_clear(&buffers);
}

static void test_failed_and_cancelled(void)
{
	struct buffer_pool buffers = {0};
	struct stack_pool stacks = {0};
	struct function_task t;

	begin(&t, &buffers, &stacks, &fan, 0);
	answer(&t, &buffers, &stacks, 1, 10);
	slice_drop(&t.request->argument);
	snprintf(t.request->reason, sizeof(t.request->reason), "node b: Connection refused");
	function_task_resume(&t, &stacks);
	CU_ASSERT(t.code < 0);
	CU_ASSERT_STRING_EQUAL(t.call.reason, "node b: Connection refused");
	end(&t);
	begin(&t, &buffers, &stacks, &fan, 0);
	answer(&t, &buffers, &stacks, 1, 10);
	function_task_cancel(&t, &stacks);
	CU_ASSERT(t.code < 0);
	end(&t);
	stack_pool_clear(&stacks);
	buffer_pool_clear(&buffers);
}

/* ---- limits */

static int no_name(struct sfe_call *call)
{
	return sfe_cast(call, "two\nlines", NULL, 0);
}

static int too_large(struct sfe_call *call)
{
	static const char one[1];

	return sfe_cast(call, "f", one, 1) || sfe_cast(call, "f", one, FUNCTION_MAX_BYTES);
}

static int too_many(struct sfe_call *call)
{
	int r = 0;

	for (unsigned i = 0; i < 2 * FUNCTION_MAX_CALLS; i++)
		r = sfe_cast(call, "f", NULL, 0);
	(void)r;
	return 0; /* what it returns does not count */
}

static void expect_refused(
	int (*invoke)(struct sfe_call *), uint64_t path, unsigned served, const char *reason)
{
	const struct sfe_function_plugin plugin = {SFE_FUNCTION_ABI, invoke};
	struct buffer_pool buffers = {0};
	struct stack_pool stacks = {0};
	struct function_task t;
	unsigned n = 0;

	begin(&t, &buffers, &stacks, &plugin, path);
	while (t.request) {
		slice_drop(&t.request->argument);
		n++;
		function_task_resume(&t, &stacks);
	}
	CU_ASSERT_EQUAL(n, served);
	CU_ASSERT(t.code < 0);
	CU_ASSERT_PTR_NOT_NULL(strstr(t.call.reason, reason));
	end(&t);
	stack_pool_clear(&stacks);
	buffer_pool_clear(&buffers);
}

static void test_limits(void)
{
	expect_refused(no_name, 0, 0, "no name");
	expect_refused(too_large, 0, 1, "more than 1 GiB");
	expect_refused(too_many, 0, FUNCTION_MAX_CALLS, "more than 1000");
	expect_refused(too_many, call_path_parse("1.2.3.4", 7), 0, "a depth of more than 4");
	expect_refused(too_many, call_path_parse("1.2.3", 5), FUNCTION_MAX_CALLS, "more than 1000");
}

static void test_paths(void)
{
	static const char *const good[] = {"1", "3.1", "65535.65535.65535.65535"},
				 *const bad[] = {"", "0", "01", "1.", ".1", "1..2", "65536",
					 "1.2.3.4.5", "a"};
	char text[CALL_PATH_TEXT];

	for (unsigned i = 0; i < sizeof(good) / sizeof(*good); i++)
		CU_ASSERT_STRING_EQUAL(
			call_path_text(call_path_parse(good[i], strlen(good[i])), text), good[i]);
	for (unsigned i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		CU_ASSERT_EQUAL(call_path_parse(bad[i], strlen(bad[i])), 0);
	CU_ASSERT_EQUAL(call_path_of(call_path_of(0, 3), 1), call_path_parse("3.1", 3));
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"many take turns", test_turns},
		{"a stack is used again", test_used_again},
		{"an overflow ends the process", test_overflow},
		{"many functions wait", test_many_wait},
		{"a call fails, or is cancelled", test_failed_and_cancelled},
		{"limits", test_limits},
		{"paths of calls", test_paths},
	};

	return unit_main("stack", tests, sizeof(tests) / sizeof(*tests));
}

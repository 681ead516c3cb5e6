/* SPDX-License-Identifier: MIT */
#include "nodes/functions/stack.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <ucontext.h>

#include "nodes/base/clock.h"

/* AddressSanitizer has to know which stack is in use. */
#if defined(__SANITIZE_ADDRESS__)
#define WITH_ADDRESS_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WITH_ADDRESS_SANITIZER 1
#endif
#endif
#ifdef WITH_ADDRESS_SANITIZER
#include <sanitizer/common_interface_defs.h>
#else
#define __sanitizer_start_switch_fiber(saved, bottom, bytes) ((void)(bottom), (void)(bytes))
#define __sanitizer_finish_switch_fiber(saved, bottom, bytes) ((void)(bottom), (void)(bytes))
#endif

struct stack {
	ucontext_t inside, outside;
	void (*task)(void *context);
	void *context;
	bool ended;
	uint8_t *memory; /* the guard, then the stack */
	/* For AddressSanitizer: what it keeps of a stack that is left, and where the other is. */
	void *kept_inside, *kept_outside;
	const void *outside_bottom;
	size_t outside_bytes;
	struct stack *next;
};

/* Of the process: what a handler of signals can ask. NULL: a thread's own stack is in use. */
static const uint8_t *volatile guard_in_use;

bool stack_guards(const void *address)
{
	const uint8_t *guard = guard_in_use, *at = address;

	return guard && at >= guard && at < guard + STACK_GUARD_BYTES;
}

static void leave(struct stack *s)
{
	__sanitizer_start_switch_fiber(&s->kept_inside, s->outside_bottom, s->outside_bytes);
	swapcontext(&s->inside, &s->outside);
	__sanitizer_finish_switch_fiber(s->kept_inside, &s->outside_bottom, &s->outside_bytes);
}

/* A function may sleep: the time that was read before is not that of its code, nor of what comes
 * after it. */
static bool enter(struct stack *s)
{
	bool stands = sfe_kept_time.stands;

	s->ended = false;
	sfe_kept_time.stands = false;
	clock_forget();
	__sanitizer_start_switch_fiber(
		&s->kept_outside, s->memory + STACK_GUARD_BYTES, (size_t)STACK_BYTES);
	guard_in_use = s->memory;
	swapcontext(&s->outside, &s->inside);
	guard_in_use = NULL;
	sfe_kept_time.stands = stands;
	__sanitizer_finish_switch_fiber(s->kept_outside, &(const void *){NULL}, &(size_t){0});
	return s->ended;
}

/* The base of each stack: one task after the other. makecontext passes numbers only. */
static void run_tasks(unsigned high, unsigned low)
{
	struct stack *s = (struct stack *)((uintptr_t)high << 32 | low);

	__sanitizer_finish_switch_fiber(NULL, &s->outside_bottom, &s->outside_bytes);
	for (;;) {
		s->task(s->context);
		s->ended = true;
		leave(s);
	}
}

/* 0 or -1. Apart from make: it may return twice. */
static int prepare(struct stack *s)
{
	if (getcontext(&s->inside))
		return -1;
	s->inside.uc_stack.ss_sp = s->memory + STACK_GUARD_BYTES;
	s->inside.uc_stack.ss_size = STACK_BYTES;
	s->inside.uc_link = NULL;
	makecontext(&s->inside, (void (*)(void))run_tasks, 2, (unsigned)((uintptr_t)s >> 32),
		(unsigned)(uintptr_t)s);
	return 0;
}

static struct stack *make(void)
{
	const size_t bytes = (size_t)STACK_GUARD_BYTES + STACK_BYTES;
	struct stack *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
	if (s->memory == MAP_FAILED) {
		free(s);
		return NULL;
	}
	if (mprotect(s->memory, STACK_GUARD_BYTES, PROT_NONE) || prepare(s)) {
		munmap(s->memory, bytes);
		free(s);
		return NULL;
	}
	return s;
}

static void destroy(struct stack *s)
{
	munmap(s->memory, (size_t)STACK_GUARD_BYTES + STACK_BYTES);
	free(s);
}

struct stack *stack_take(struct stack_pool *pool)
{
	struct stack *s = pool->free;

	if (!s)
		return make();
	pool->free = s->next;
	pool->n_free--;
	return s;
}

void stack_give_back(struct stack_pool *pool, struct stack *stack)
{
	if (pool->n_free == STACK_MOST_FREE) {
		destroy(stack);
		return;
	}
	stack->next = pool->free;
	pool->free = stack;
	pool->n_free++;
}

void stack_pool_clear(struct stack_pool *pool)
{
	for (struct stack *s; (s = pool->free);) {
		pool->free = s->next;
		destroy(s);
	}
	pool->n_free = 0;
}

bool stack_run(struct stack *stack, void (*task)(void *context), void *context)
{
	stack->task = task;
	stack->context = context;
	return enter(stack);
}

bool stack_resume(struct stack *stack)
{
	return enter(stack);
}

void stack_wait(struct stack *stack)
{
	leave(stack);
}

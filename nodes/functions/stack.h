/* SPDX-License-Identifier: MIT */
/*
 * Stacks for code of the user's that may wait. A task runs on a stack of its own until it ends or
 * waits; then whoever ran it goes on, and can resume the task later. Tasks of one thread: one runs
 * at a time, and a task does not run others.
 *
 * Below each stack is a guard that no access gets through, so that an overflow ends the process.
 * Stacks that are free are kept: fresh pages are expensive in the guest.
 */
#ifndef SFE_NODES_STACK_H
#define SFE_NODES_STACK_H

#include <stdbool.h>

#define STACK_BYTES (1u << 20)
#define STACK_GUARD_BYTES (1u << 20)
#define STACK_MOST_FREE 64u /* kept in a pool */

struct stack;

struct stack_pool { /* all zero: empty */
	struct stack *free;
	unsigned n_free;
};

/* A stack without a task; NULL: out of memory. */
struct stack *stack_take(struct stack_pool *pool);
/* Back to the pool. Its task has ended, or there was none. */
void stack_give_back(struct stack_pool *pool, struct stack *stack);
/* All stacks must have been given back. */
void stack_pool_clear(struct stack_pool *pool);

/* Each returns when the task has ended or waits: true if it has ended. */
bool stack_run(struct stack *stack, void (*task)(void *context), void *context);
bool stack_resume(struct stack *stack);
/* For the task: waits until it is resumed. */
void stack_wait(struct stack *stack);

/* For a handler of signals: whether the address is in the guard of the stack that is in use. */
bool stack_guards(const void *address);

#endif

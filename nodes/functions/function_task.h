/* SPDX-License-Identifier: MIT */
/* A call of C code of the user's on a stack of its own, so that it can wait for what it asks for.
 */
#ifndef SFE_NODES_FUNCTION_TASK_H
#define SFE_NODES_FUNCTION_TASK_H

#include "nodes/base/running.h"
#include "nodes/functions/function_call.h"
#include "nodes/functions/stack.h"

struct function_task {
	struct function_call call; /* the first member; set by the caller, but for serve */
	const struct sfe_function_plugin *plugin;
	struct stack *stack;
	bool ended;
	int code; /* when it has ended: as of function_call_run */
	/* What it waits for; NULL: it does not. */
	struct function_request *request;
};

/* Runs the call, which is open, until it ends or waits. 0, or -ENOMEM: it has not begun. */
int function_task_run(struct function_task *task, struct stack_pool *pool);
/* The request is served: goes on, until it ends or waits. */
void function_task_resume(struct function_task *task, struct stack_pool *pool);
/* The call whose code this process runs now, in this moment; NULL: none. For signal handlers. */
const struct sfe_call *function_task_running(void);
/* Where from now on the same is said to the orchestrator; NULL: nowhere. */
void function_task_record(struct sfe_running_code *to);
/* Lets it end soon: what it waits for, and all that it asks for from now on, fails. */
void function_task_cancel(struct function_task *task, struct stack_pool *pool);

#endif

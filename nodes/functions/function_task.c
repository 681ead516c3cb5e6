/* SPDX-License-Identifier: MIT */
#include "nodes/functions/function_task.h"

#include <errno.h>
#include <stdio.h>

static const struct sfe_call *running;

const struct sfe_call *function_task_running(void)
{
	return running;
}

static void run(void *context)
{
	struct function_task *task = context;

	task->code = function_call_run(&task->call, task->plugin);
}

static void serve(struct function_call *call, struct function_request *request)
{
	struct function_task *task = (struct function_task *)call;

	task->request = request;
	stack_wait(task->stack);
	task->request = NULL;
}

static void left(struct function_task *task, struct stack_pool *pool, bool ended)
{
	if (!ended)
		return;
	task->ended = true;
	stack_give_back(pool, task->stack);
	task->stack = NULL;
}

int function_task_run(struct function_task *task, struct stack_pool *pool)
{
	task->stack = stack_take(pool);
	if (!task->stack)
		return -ENOMEM;
	task->call.serve = serve;
	running = &task->call.face;
	bool ended = stack_run(task->stack, run, task);
	running = NULL;
	left(task, pool, ended);
	return 0;
}

void function_task_resume(struct function_task *task, struct stack_pool *pool)
{
	running = &task->call.face;
	bool ended = stack_resume(task->stack);
	running = NULL;
	left(task, pool, ended);
}

void function_task_cancel(struct function_task *task, struct stack_pool *pool)
{
	if (!task->request)
		return;
	slice_drop(&task->request->argument);
	snprintf(task->request->reason, sizeof(task->request->reason), "the invocation is over");
	function_task_resume(task, pool); /* no further request is served: function_call.c */
}

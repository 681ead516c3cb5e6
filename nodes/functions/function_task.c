/* SPDX-License-Identifier: MIT */
#include "nodes/functions/function_task.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const struct sfe_call *running;
static struct sfe_running_code *record;

const struct sfe_call *function_task_running(void)
{
	return running;
}

void function_task_record(struct sfe_running_code *to)
{
	record = to;
}

static void copy_name(char to[RUNNING_NAME], const char *name)
{
	size_t length = strnlen(name, RUNNING_NAME - 1);

	memcpy(to, name, length);
	to[length] = '\0';
}

/* call: NULL when it has ended, or waits. */
static void note(const struct sfe_call *call)
{
	running = call;
	if (!record)
		return;
	if (call) {
		record->job = call->job;
		copy_name(record->function, call->function);
		copy_name(record->step, call->step);
		copy_name(record->node, call->node);
	}
	record->runs = !!call;
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
	note(&task->call.face);
	bool ended = stack_run(task->stack, run, task);
	note(NULL);
	left(task, pool, ended);
	return 0;
}

void function_task_resume(struct function_task *task, struct stack_pool *pool)
{
	note(&task->call.face);
	bool ended = stack_resume(task->stack);
	note(NULL);
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

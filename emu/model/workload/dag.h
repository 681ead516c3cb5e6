/* SPDX-License-Identifier: MIT */
/* A job of the trace: tasks with predecessors. Determines which tasks form the chain. */
#ifndef SFE_WORKLOAD_DAG_H
#define SFE_WORKLOAD_DAG_H

#include <stdbool.h>
#include <stdint.h>

#include "sfemu/error.h"

struct sfe_dag_task {
	uint32_t number; /* number in the job, from 1 */
	unsigned line;   /* line in the file */
	double duration_s, cpu, mem;
	uint32_t n_preds;
	uint32_t *preds; /* task numbers; ascending and distinct after sfe_dag_finish */
};

struct sfe_dag {
	uint32_t number; /* N of j_N */
	unsigned line;   /* line of the job's first task */
	double arrival_s;
	bool malformed;  /* Alibaba: a row of it cannot be read, or there are too many */
	bool cut;        /* Alibaba: a name may be cut, and lack predecessors */
	bool unfinished; /* Alibaba: a task did not terminate, or its row is incomplete */
	bool sampled;    /* Alibaba: the trace is a sample and may lack tasks */
	uint32_t n_tasks;
	struct sfe_dag_task *tasks; /* ascending by number after sfe_dag_finish */
};

enum sfe_dag_role { SFE_DAG_UNUSED, SFE_DAG_STEP, SFE_DAG_STATE };

/*
 * Sorts the tasks and their predecessors, and sets each task's role (by index; role has room for
 * n_tasks): tasks reachable from task 1 are the steps of the chain; a predecessor of a step that is
 * not a step itself is a state. Errors: no task 1, a duplicate number, a predecessor that is not a
 * task, a cycle.
 */
int sfe_dag_finish(struct sfe_dag *d, uint8_t *role, const char *file, struct sfe_error *err);

/* The index of the task of that number in a finished DAG; n_tasks: none. */
uint32_t sfe_dag_find(const struct sfe_dag *d, uint32_t number);

/* Whether a predecessor or task 1 is missing among the tasks of an unfinished DAG. */
bool sfe_dag_lacks_task(const struct sfe_dag *d);

/* Whether two tasks have the same number, in an unfinished DAG. */
bool sfe_dag_has_task_twice(const struct sfe_dag *d);

void sfe_dag_clear(struct sfe_dag *d); /* frees the tasks, keeps the struct */

#endif

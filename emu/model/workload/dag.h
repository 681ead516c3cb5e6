/* SPDX-License-Identifier: MIT */
/* A job of the trace as it is written: tasks that precede each other. What of it becomes the chain.
 */
#ifndef SFE_WORKLOAD_DAG_H
#define SFE_WORKLOAD_DAG_H

#include <stdbool.h>
#include <stdint.h>

#include "sfemu/error.h"

struct sfe_dag_task {
	uint32_t number; /* in the job, from 1 */
	unsigned line;   /* of the file */
	double duration_s, cpu, mem;
	uint32_t n_preds;
	uint32_t *preds; /* task numbers; after sfe_dag_finish ascending, each once */
};

struct sfe_dag {
	uint32_t number; /* N of j_N */
	unsigned line;   /* of the job's first task */
	double arrival_s;
	bool unfinished; /* Alibaba: a task did not terminate, or its row does not tell all */
	bool sampled;    /* Alibaba: the trace is a sample and may lack tasks */
	uint32_t n_tasks;
	struct sfe_dag_task *tasks; /* after sfe_dag_finish in ascending number */
};

enum sfe_dag_role { SFE_DAG_UNUSED, SFE_DAG_STEP, SFE_DAG_STATE };

/*
 * Sorts the tasks and their predecessors and gives each task its role (by index; role has room for
 * n_tasks): the tasks reachable from task 1 are the steps of the chain; a predecessor of a step
 * that is none itself is a state. Errors: no task 1, a number twice, a predecessor that is no task,
 * a circle.
 */
int sfe_dag_finish(struct sfe_dag *d, uint8_t *role, const char *file, struct sfe_error *err);

/* The index of the task of that number in a finished DAG; n_tasks if there is none. */
uint32_t sfe_dag_find(const struct sfe_dag *d, uint32_t number);

/* Whether a predecessor or task 1 is not among the tasks, in a DAG as written. */
bool sfe_dag_lacks_task(const struct sfe_dag *d);

void sfe_dag_clear(struct sfe_dag *d); /* frees the tasks, keeps the struct */

#endif

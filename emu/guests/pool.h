/* SPDX-License-Identifier: MIT */
/*
 * Runs tasks in processes, some at a time: the strategies of a run, the repeats of a run, the cells
 * of a sweep.
 *
 * A task gets one of the cores that this process may use, since a guest is pinned to one, and
 * counts with the memory that its guests may use. It waits while no place is free, or while it and
 * those that run would exceed the budget. A task that is larger than the budget runs alone. Tasks
 * start in the order in which next() gives them: none overtakes one that waits for memory.
 *
 * The caller waits for SIGCHLD (emu/run/control/signals.h) and calls sfe_pool_collect.
 */
#ifndef SFE_GUESTS_POOL_H
#define SFE_GUESTS_POOL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "sfemu/error.h"

struct sfe_pool_work {
	/* The next task, with its memory; false: none waits. Called again until start() takes it.
	 */
	bool (*next)(void *arg, uint32_t *task, uint64_t *memory_mb);
	/*
	 * Starts it: *pid, a child of this process. cpu: its first core, -1: any. Returns 0, also
	 * if it could not be started and *pid is 0 (then next() does not give it again); a negative
	 * errno ends the filling.
	 */
	int (*start)(void *arg, uint32_t task, int cpu, pid_t *pid, struct sfe_error *err);
	/* It has ended with the status of waitpid(). A negative errno ends the collecting. */
	int (*ended)(void *arg, uint32_t task, int status, struct sfe_error *err);
	void *arg;
	unsigned cores; /* of a task; 0: one */
};

struct sfe_place { /* runs one task at a time */
	int cpu;   /* its first core; -1: not known */
	pid_t pid; /* 0: free */
	uint32_t task;
	uint64_t memory_mb;
};

struct sfe_pool {
	const struct sfe_pool_work *work;
	struct sfe_place *place;
	unsigned n, running;
	uint64_t budget_mb, used_mb;
};

/* The cores that this process may use; at least 1. */
unsigned sfe_pool_cores(void);
/* Restricts this process to n of its cores, from that one on. Does nothing if cpu is negative. */
void sfe_pool_pin(int cpu, unsigned n);

/* budget_mb: UINT64_MAX: no limit. The caller calls sfe_pool_close, also after an error. */
int sfe_pool_open(struct sfe_pool *pool, const struct sfe_pool_work *work, unsigned at_a_time,
	uint64_t budget_mb, struct sfe_error *err);
/* Ends what still runs with SIGKILL. */
void sfe_pool_close(struct sfe_pool *pool);

/* Starts waiting tasks in free places. */
int sfe_pool_fill(struct sfe_pool *pool, struct sfe_error *err);
/* Takes those that have ended. */
int sfe_pool_collect(struct sfe_pool *pool, struct sfe_error *err);
/* Sends a signal to the tasks from that number on. */
void sfe_pool_signal(const struct sfe_pool *pool, uint32_t first_task, int signal);
/* Sends a signal to all, and waits for their ends. ended() is called for none of them. */
void sfe_pool_stop(struct sfe_pool *pool, int signal);

#endif

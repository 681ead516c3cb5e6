/* SPDX-License-Identifier: MIT */
/* Slurm's commands, as far as a sweep needs them. */
#ifndef SFE_SWEEP_SLURM_H
#define SFE_SWEEP_SLURM_H

#include <stdbool.h>
#include <stdint.h>

#include "sfemu/error.h"

struct sfe_slurm_array {
	const char *name;     /* of the job; sfe_slurm_cancel finds it by its name */
	const char *script;   /* path; each task runs it */
	const char *logs;     /* folder for JOB_TASK.log */
	const char **options; /* more options of sbatch */
	unsigned n_options;
	uint32_t tasks;   /* 0 … tasks - 1 */
	unsigned at_once; /* 0: no limit */
};

struct sfe_slurm_task {
	uint32_t index;
	char state[24];  /* PENDING, RUNNING, COMPLETED, FAILED, TIMEOUT, … */
	char reason[96]; /* why it waits, or how it failed */
};

/* The size of the largest array that Slurm accepts; -ENOENT if Slurm is not installed. */
int sfe_slurm_max_array(uint32_t *max, struct sfe_error *err);
/* Submits an array; *job is its job number. */
int sfe_slurm_submit(const struct sfe_slurm_array *array, uint32_t *job, struct sfe_error *err);
/*
 * The tasks that Slurm lists, which includes ended ones for some minutes. The caller frees *tasks.
 * -EAGAIN if the controller does not answer.
 */
int sfe_slurm_tasks(
	uint32_t job, struct sfe_slurm_task **tasks, unsigned *n, struct sfe_error *err);
/* Whether a task in that state has ended. */
bool sfe_slurm_ended(const char *state);
/* Cancels this user's jobs of that name and waits until they have ended; -EBUSY after a minute. */
int sfe_slurm_cancel(const char *name, struct sfe_error *err);

#endif

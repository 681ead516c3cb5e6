/* SPDX-License-Identifier: MIT */
/*
 * Jobs whose states depend on the order of jobs, as shared_states.csv tells: they got a version of
 * a state that outlives jobs and that some function changed. Which these are is known only after
 * the run, where functions use such states by name.
 */
#ifndef SFE_RESULTS_ORDERED_JOBS_H
#define SFE_RESULTS_ORDERED_JOBS_H

#include <stdbool.h>
#include <stdint.h>

#include "sfemu/error.h"

/* Numbers of jobs, ascending, each once. All zero: none. */
struct sfe_ordered_jobs {
	uint32_t n, room;
	uint32_t *number;
};

/* Of all strategies whose results are in the folder, which may be a guest's: the file must have no
 * other name. The caller frees it, also after an error. */
int sfe_ordered_jobs_read(struct sfe_ordered_jobs *jobs, int dir, struct sfe_error *err);
bool sfe_ordered_jobs_have(const struct sfe_ordered_jobs *jobs, uint32_t number);
void sfe_ordered_jobs_free(struct sfe_ordered_jobs *jobs);

#endif

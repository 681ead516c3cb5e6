/* SPDX-License-Identifier: MIT */
/* How long a job is. */
#ifndef SFE_MODEL_JOB_LENGTH_H
#define SFE_MODEL_JOB_LENGTH_H

#include "sfemu/workload.h"

/* The number of steps on its longest path: all of a chain. */
uint32_t sfe_job_length(const struct sfe_job *job);

#endif

/* SPDX-License-Identifier: MIT */
/* Which transfers the steps of a job waited for. */
#ifndef SFE_RESULTS_JOB_WAITS_H
#define SFE_RESULTS_JOB_WAITS_H

#include "emu/results/job/job_record.h"

/* Sets waited_for of each transfer. 0 or -ENOMEM. */
int sfe_job_waits(struct sfe_job_record *j, struct sfe_error *err);

#endif

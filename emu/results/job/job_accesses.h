/* SPDX-License-Identifier: MIT */
/* How the steps of a job use states: from the scenario of a results folder. */
#ifndef SFE_RESULTS_JOB_ACCESSES_H
#define SFE_RESULTS_JOB_ACCESSES_H

#include "emu/results/job/job_record.h"

/* Sets the accesses of the record. Where the folder does not say them, they are left out, and a
 * note says why. 0 or -ENOMEM. */
int sfe_job_accesses(int dir, struct sfe_job_record *j, struct sfe_error *err);

#endif

/* SPDX-License-Identifier: MIT */
/* The kept files of a job, compared with what the run recorded. */
#ifndef SFE_RESULTS_JOB_KEPT_H
#define SFE_RESULTS_JOB_KEPT_H

#include "emu/results/job/job_record.h"

/* Sets bytes_are of each. Returns how many files are missing or have other bytes, or -ENOMEM. */
int sfe_job_kept_check(int dir, struct sfe_job_record *j, struct sfe_error *err);

#endif

/* SPDX-License-Identifier: MIT */
/* The jobs whose rows are on the page, which is read as a whole: 300 bytes a row. */
#ifndef SFE_REPORT_SHOWN_JOBS_H
#define SFE_REPORT_SHOWN_JOBS_H

#include "emu/report/run.h"

/* Up to so many rows, all are. */
#define SFE_REPORT_MOST_JOBS 10000u

/*
 * Of more rows some are drawn, about as many as that: the same jobs under each strategy. With them
 * come jobs that failed, and those with a timeline. Counts and means are computed from all rows,
 * elsewhere. The caller frees *out, also after -ENOMEM.
 */
int sfe_report_shown_jobs(const struct sfe_report_run *run, struct sfe_rows *out);

#endif

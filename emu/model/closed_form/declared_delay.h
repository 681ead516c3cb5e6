/* SPDX-License-Identifier: MIT */
/* Delay and traffic of a job with declared access: the longest path through its steps and
 * messages (sfemu/estimate.h). */
#ifndef SFE_CLOSED_FORM_DECLARED_DELAY_H
#define SFE_CLOSED_FORM_DECLARED_DELAY_H

#include "emu/model/closed_form/declared_rules.h"
#include "emu/model/closed_form/traffic.h"

/* A time after the start of the job, in seconds: what messages and what processing take on the
 * longest path there. */
struct sfe_moment {
	double net_s, proc_s;
};

/*
 * The job's end. processing_s: of each step; at: room for a moment for each step. A path that is
 * missing makes net_s infinite.
 */
struct sfe_moment sfe_declared_end(const struct sfe_closed_form *f,
	const struct sfe_declared_rules *rules, const struct sfe_declared_job *job,
	const double *processing_s, struct sfe_moment *at, struct sfe_traffic *traffic);

#endif

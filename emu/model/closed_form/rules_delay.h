/* SPDX-License-Identifier: MIT */
/* Delay and traffic of a job by the rules of a strategy: the longest path through its steps and
 * messages (sfemu/estimate.h). */
#ifndef SFE_CLOSED_FORM_RULES_DELAY_H
#define SFE_CLOSED_FORM_RULES_DELAY_H

#include "emu/model/closed_form/traffic.h"
#include "emu/model/strategies/inline_states.h"
#include "emu/model/workload/shared_states.h"
#include "sfemu/strategy.h"

/* A time after the start of the job, in seconds: what messages and what processing take on the
 * longest path there. */
struct sfe_moment {
	double net_s, proc_s;
};

/*
 * The job's end. shared: states that outlive jobs, which steps fetch and give once: the closed form
 * knows of no other jobs. inlined: what goes with calls besides, or NULL. processing_s: of each
 * step; at: room for a moment for each step. A path that is missing makes net_s infinite.
 */
struct sfe_moment sfe_rules_end(const struct sfe_closed_form *f,
	const struct sfe_strategy_info *rules, const struct sfe_placed_job *job,
	const struct sfe_shared_instances *shared, const struct sfe_inlined *inlined,
	const double *processing_s, struct sfe_moment *at, struct sfe_traffic *traffic);

#endif

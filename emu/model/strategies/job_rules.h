/* SPDX-License-Identifier: MIT */
/* What goes along with the messages of a job: by the rule of its strategy, and by inline=auto. */
#ifndef SFE_STRATEGIES_JOB_RULES_H
#define SFE_STRATEGIES_JOB_RULES_H

#include "emu/model/strategies/inline_states.h"
#include "sfemu/strategy.h"

struct sfe_job_rules {
	const struct sfe_strategy_info *rules;
	const struct sfe_job *job;
	const struct sfe_inlined *inlined; /* NULL: nothing goes with calls beside the rule */
};

/* The bytes of the states that go with a message; from and to as of `carries` in sfemu/strategy.h.
 */
uint64_t sfe_carried_bytes(const struct sfe_job_rules *r, uint32_t from, uint32_t to);
/* Whether the client calls the step, and not the steps before it. */
bool sfe_called_by_client(const struct sfe_job_rules *r, uint32_t step);
/* Whether the state comes with a call of the step. */
bool sfe_came_with_call(const struct sfe_job_rules *r, uint32_t state, uint32_t step);

#endif

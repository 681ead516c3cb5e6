/* SPDX-License-Identifier: MIT */
/* Which nodes open connections to which others for the messages of a job, under the rules of a
 * strategy: what warm=on opens before the jobs begin. */
#ifndef SFE_STRATEGIES_USED_CONNECTIONS_H
#define SFE_STRATEGIES_USED_CONNECTIONS_H

#include "emu/model/strategies/inline_states.h"
#include "emu/model/strategies/push_states.h"
#include "emu/model/workload/shared_states.h"

struct sfe_connection_uses {
	/* Called for each message, maybe several times for a pair; never for a node itself. */
	void (*use)(void *arg, uint32_t opener, uint32_t other);
	void *arg;
	const struct sfe_shared_instances *shared; /* NULL: no states outlive jobs */
	uint32_t cloud; /* the node of the cloud; any other number: there is none */
	const struct sfe_pushed *pushed; /* of the job; NULL: nothing goes ahead to its steps */
	/* By whose rules states that outlive jobs are where they are; NULL: those of the job. */
	const struct sfe_strategy_info *homes;
};

/* Of calls, returns, states that are fetched, pushed, claimed and given, and states that outlive
 * jobs. Copies for crashes are not among them, nor the word of final states (options.prefetch)
 * where the client invokes. inlined: of the job, or NULL. */
void sfe_connections_used(const struct sfe_strategy_info *rules, const struct sfe_placed_job *job,
	const struct sfe_inlined *inlined, const struct sfe_connection_uses *uses);

#endif

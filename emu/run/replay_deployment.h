/* SPDX-License-Identifier: MIT */
/* What workers are told of an experiment's jobs under one strategy. */
#ifndef SFE_RUN_REPLAY_DEPLOYMENT_H
#define SFE_RUN_REPLAY_DEPLOYMENT_H

#include "emu/experiment/inline_paths.h"
#include "emu/measure/replay_record.h"
#include "sfemu/transfer.h"

/* The deployment points into the rest, so it is not copied. */
struct sfe_replay_deployment {
	struct sfe_deployment deployment;
	struct sfe_explained_paths known;
	struct sfe_inline_paths paths;
	struct sfe_tcp tcp;
	struct sfe_deployed_job *followed; /* NULL: no strategy is chosen for each job */
	struct sfe_deployed_job *decided; /* with what is inline and goes ahead; NULL: nothing is */
};

/*
 * choice: the strategies that the jobs follow, NULL: all follow `strategy`. keep: NULL, bytes of
 * states are not kept. Experiment, choice and keep are used until the caller frees *out, which it
 * does in every case. The only error is -ENOMEM.
 */
int sfe_replay_deploy(const struct sfe_experiment *e, const struct sfe_strategy_info *strategy,
	const struct sfe_choice *choice, const struct sfe_keep *keep,
	struct sfe_replay_deployment *out);
void sfe_replay_deployment_free(struct sfe_replay_deployment *x);

#endif

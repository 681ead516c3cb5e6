/* SPDX-License-Identifier: MIT */
/* The shared state of the threads that run replications, and the result of one replication. */
#ifndef SFE_CLOSED_FORM_REPLICATION_H
#define SFE_CLOSED_FORM_REPLICATION_H

#include <pthread.h>

#include "emu/model/closed_form/closed_form.h"
#include "emu/model/placement/placer.h"

struct sfe_replication { /* columns of n_jobs values, by placement P and strategy S */
	uint32_t n_jobs;
	uint32_t *chain;    /* invocations on the longest path of each job: all of a chain */
	double **proc;      /* [P * n_strategies + S] seconds; for a workload without graphs, all
			       strategies of a placement share a column */
	double **net;       /* [P * n_strategies + S] seconds */
	uint64_t **traffic; /* likewise, bytes x links */
	void *block;
};

struct sfe_replicator {
	const struct sfe_comparison_params *params;
	const struct sfe_strategy_info **strategy;
	struct sfe_closed_form form;
	struct sfe_placer *placer;
	int outdir; /* open folder for the published files; -1: keep the replications */
	struct sfe_replication *replication;
	pthread_mutex_t telling; /* protects what follows */
	uint32_t done;
};

#endif

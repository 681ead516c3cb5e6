/* SPDX-License-Identifier: MIT */
/* Replications on threads: what of each is kept for the comparison, or written as files. */
#ifndef SFE_CLOSED_FORM_REPLICATE_H
#define SFE_CLOSED_FORM_REPLICATE_H

#include <pthread.h>

#include "emu/model/closed_form/closed_form.h"
#include "emu/model/placement/placer.h"

struct sfe_replication { /* columns of n_jobs values; by placement P and strategy S */
	uint32_t n_jobs;
	uint32_t *chain;    /* invocations of each job */
	double **proc;      /* [P] seconds */
	double **net;       /* [P * n_strategies + S] seconds */
	uint64_t **traffic; /* likewise, bytes x links */
	void *block;
};

struct sfe_replicator {
	const struct sfe_comparison_params *params;
	const struct sfe_closed_strategy **strategy;
	struct sfe_closed_form form;
	struct sfe_placer *placer;
	int outdir; /* open folder for the published files, or -1: then the replications are kept */
	struct sfe_replication *replication;
	pthread_mutex_t telling; /* of what follows */
	uint32_t done;
};

/* Does all that the parameters ask for; x is to be cleared in both cases. */
int sfe_replicate(struct sfe_replicator *x, const struct sfe_topology *t, struct sfe_routing *r,
	const struct sfe_workload *w, const struct sfe_comparison_params *params,
	struct sfe_error *err);
void sfe_replicate_clear(struct sfe_replicator *x);

/* The published files of one placement: job-… for each strategy from its columns, and node-…. */
int sfe_publish(const struct sfe_replicator *x, const struct sfe_replication *rep, unsigned p,
	const struct sfe_assignment *a, uint32_t seed, struct sfe_error *err);

#endif

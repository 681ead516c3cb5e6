/* SPDX-License-Identifier: MIT */
/*
 * The closed form: delay and traffic of each job as the published model has them (Cicconetti,
 * Conti, Passarella, SMARTCOMP 2021, and its simulator StateSim). No queues, no propagation, no
 * overlap.
 */
#ifndef SFEMU_ESTIMATE_H
#define SFEMU_ESTIMATE_H

#include "sfemu/workload.h"

struct sfe_estimate_params {
	double cloud_latency_s; /* one way; UnchainedExternal only */
	double cloud_rate_mbps; /* more than 0 */
};

struct sfe_estimate { /* of one job */
	double proc_delay_s;
	double net_delay_s;
	uint64_t traffic_bytes; /* bytes x links crossed */
};

/* The strategies of the closed form by index, NULL beyond the last. */
const char *sfe_estimate_strategy(unsigned i);

/*
 * *out is an array of a->n_jobs, the caller's, to be freed with free. params may be NULL unless the
 * strategy is UnchainedExternal. Errors: -ENOENT for an unknown strategy, -EINVAL for bad
 * parameters, -ENETUNREACH where two nodes of a job have no way between them.
 */
int sfe_estimate(const struct sfe_topology *t, struct sfe_routing *r, const struct sfe_workload *w,
	const struct sfe_assignment *a, const char *strategy,
	const struct sfe_estimate_params *params, struct sfe_estimate **out, struct sfe_error *err);

/*
 * The central node: the one (in name order, first best) whose worst time of 1000 bytes to or from
 * any other node is least. SFE_NONE when memory runs out.
 */
uint32_t sfe_central_node(const struct sfe_topology *t, const struct sfe_routing *r);

#endif

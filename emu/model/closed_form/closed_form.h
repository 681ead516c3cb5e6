/* SPDX-License-Identifier: MIT */
/* The steps of the closed form, for many replications of the same inputs. */
#ifndef SFE_CLOSED_FORM_CLOSED_FORM_H
#define SFE_CLOSED_FORM_CLOSED_FORM_H

#include "emu/model/topology/pair_paths.h"
#include "sfemu/estimate.h"
#include "sfemu/strategy.h"

/* By name; NULL with an error if unknown. */
const struct sfe_strategy_info *sfe_closed_strategy_find(const char *name, struct sfe_error *err);

/* Read-only after sfe_closed_form_init and _allow, but for paths that are not yet known: threads
 * share it if the routing is prepared. */
struct sfe_closed_form {
	const struct sfe_topology *t;
	struct sfe_routing *r;
	struct sfe_pair_paths *paths;
	const struct sfe_workload *w;
	struct sfe_estimate_params cloud;
	uint32_t central; /* SFE_NONE until a strategy needs it */
	uint32_t most_states, most_steps;
	const struct sfe_inline_paths *inlined; /* of inline=auto; NULL: without it */
};

/* params may be NULL if no strategy needs the cloud. Owns nothing. */
int sfe_closed_form_init(struct sfe_closed_form *f, const struct sfe_topology *t,
	struct sfe_routing *r, const struct sfe_workload *w,
	const struct sfe_estimate_params *params, struct sfe_error *err);
/* Checks and computes what a strategy needs; call it before the strategy is used. */
int sfe_closed_form_allow(
	struct sfe_closed_form *f, const struct sfe_strategy_info *strategy, struct sfe_error *err);

/* Processing delay by job of the assignment: the sum over its steps. */
void sfe_closed_form_processing(
	const struct sfe_closed_form *f, const struct sfe_assignment *a, double *proc_delay_s);
/* In proc_delay_s only those of jobs that are graphs are set, to the processing on the longest
 * path: it depends on the strategy. */
int sfe_closed_form_network(const struct sfe_closed_form *f,
	const struct sfe_strategy_info *strategy, const struct sfe_assignment *a,
	double *net_delay_s, double *proc_delay_s, uint64_t *traffic_bytes, struct sfe_error *err);

#endif

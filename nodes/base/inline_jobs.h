/* SPDX-License-Identifier: MIT */
/* The jobs of a deployment with what goes along with their calls (inline=auto), and ahead of them
 * (push). */
#ifndef SFE_NODES_INLINE_JOBS_H
#define SFE_NODES_INLINE_JOBS_H

#include "nodes/base/deployment.h"

/* A copy of the deployment's jobs, where each whose rules have inline=auto or push has it decided;
 * those with by_edge have what goes along from there. 0 with *out, which inline_jobs_free frees, or
 * -ENOMEM. */
int inline_jobs_new(const struct sfe_deployment *d, const struct sfe_inline_paths *paths,
	struct sfe_deployed_job **out);
void inline_jobs_free(struct sfe_deployed_job *jobs, uint32_t n);

#endif

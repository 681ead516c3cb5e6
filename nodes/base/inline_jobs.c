/* SPDX-License-Identifier: MIT */
#include "nodes/base/inline_jobs.h"

#include <errno.h>
#include <stdlib.h>

int inline_jobs_new(const struct sfe_deployment *d, const struct sfe_inline_paths *paths,
	struct sfe_deployed_job **out)
{
	struct sfe_deployed_job *jobs = calloc((size_t)d->n_jobs + 1, sizeof(*jobs));
	int r = jobs ? 0 : -ENOMEM;

	for (uint32_t j = 0; j < d->n_jobs && !r; j++) {
		const struct sfe_strategy_info *rules = deployment_rules(d, j);
		const struct sfe_placed_job placed = deployment_job(d, j);
		struct sfe_inlined *inlined = NULL;
		struct sfe_pushed *pushed = NULL;
		if (rules->options.inlined == SFE_INLINE_AUTO)
			r = sfe_inlined_new(rules, &placed, paths, &inlined);
		if (!r && rules->options.push_us)
			r = sfe_pushed_new(rules, &placed, inlined, paths, &pushed);
		jobs[j] = d->jobs[j];
		jobs[j].inlined = jobs[j].by_edge ? jobs[j].by_edge->along : inlined;
		jobs[j].pushed = pushed;
	}
	if (r)
		inline_jobs_free(jobs, d->n_jobs);
	else
		*out = jobs;
	return r;
}

void inline_jobs_free(struct sfe_deployed_job *jobs, uint32_t n)
{
	for (uint32_t j = 0; jobs && j < n; j++) {
		if (!jobs[j].by_edge)
			free((void *)jobs[j].inlined);
		free((void *)jobs[j].pushed);
	}
	free(jobs);
}

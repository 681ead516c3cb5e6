/* SPDX-License-Identifier: MIT */
#include "emu/results/digest_compare.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "emu/experiment/functions.h"

struct sfe_digest_first { /* of a job: the first strategy that finished it */
	const struct sfe_strategy_info *strategy; /* NULL: none yet */
	uint64_t digest;
};

int sfe_digests_open(struct sfe_digests *d, const struct sfe_experiment *e, struct sfe_error *err)
{
	*d = (struct sfe_digests){.e = e};
	d->first = calloc((size_t)e->n_jobs + 1, sizeof(*d->first));
	return d->first ? 0 : sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
}

int sfe_digests_add(struct sfe_digests *d, uint32_t job, const struct sfe_strategy_info *strategy,
	uint64_t digest, struct sfe_error *err)
{
	struct sfe_digest_first *first = &d->first[job];

	if (sfe_job_depends_on_order(d->e->workload, d->e->jobs[job].job))
		return 0;
	if (!first->strategy)
		*first = (struct sfe_digest_first){strategy, digest};
	if (first->digest == digest)
		return 0;
	return sfe_fail(err, -EBADMSG, strategy->name,
		sfe_functions_have_code(d->e)
			? "what a function leaves must follow from argument, states, job, step "
			  "and sfe_random (docs/programming.md, Rules); if that holds for yours, "
			  "this is a bug: report it with the results folder"
			: "this is a bug: report it with the results folder",
		"job %u ends with other states or another return value than under %s (%016" PRIx64
		", %016" PRIx64 ")",
		d->e->jobs[job].job->number, first->strategy->name, digest, first->digest);
}

void sfe_digests_free(struct sfe_digests *d)
{
	free(d->first);
	*d = (struct sfe_digests){0};
}

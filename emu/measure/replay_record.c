/* SPDX-License-Identifier: MIT */
#include "emu/measure/replay_record.h"

#include <stdlib.h>

#include "emu/model/strategies/by_edge.h"

const char *sfe_job_status(const struct sfe_job_result *job)
{
	return !job->ended      ? "unfinished"
	       : !job->status   ? "done"
	       : job->timed_out ? "timed out"
				: "failed";
}

void sfe_choice_free(struct sfe_choice *c)
{
	if (!c)
		return;
	for (uint32_t j = 0; j < c->n_jobs; j++) {
		sfe_by_edge_free(c->by_edge ? c->by_edge[j] : NULL);
		free(c->along ? c->along[j] : NULL);
	}
	free(c->by_edge);
	free(c->along);
	free(c->candidate);
	free(c->chosen);
	free(c->predicted_s);
	free(c);
}

int sfe_warmed_order(const void *a, const void *b)
{
	const struct sfe_ctl_warmed *x = a, *y = b;
	const uint32_t k[][2] = {
		{x->header.node, y->header.node}, {x->port, y->port}, {x->to, y->to}};

	for (size_t i = 0; i < sizeof(k) / sizeof(k[0]); i++)
		if (k[i][0] != k[i][1])
			return k[i][0] < k[i][1] ? -1 : 1;
	return 0;
}

const struct sfe_ctl_warmed *sfe_warmed_find(
	const struct sfe_replay *r, uint32_t opener, uint32_t port, uint32_t other)
{
	const struct sfe_ctl_warmed key = {
		.header = {SFE_CTL_WARMED, opener}, .port = port, .to = other};

	return r->n_warmed ? bsearch(&key, r->warmed, r->n_warmed, sizeof(key), sfe_warmed_order)
			   : NULL;
}

void sfe_replay_free(struct sfe_replay *r)
{
	sfe_choice_free(r->choice);
	for (uint32_t j = 0; r->jobs && j < r->n_jobs; j++)
		free(r->jobs[j].state_digest);
	free(r->jobs);
	free(r->invocations);
	free(r->transfers);
	free(r->attempts);
	free(r->calls);
	free(r->call_runs);
	free(r->shared);
	free(r->created);
	free(r->errors);
	free(r->events);
	free(r->links);
	free(r->kept);
	free(r->kept_shared);
	free(r->flows);
	free(r->warmed);
	*r = (struct sfe_replay){0};
}

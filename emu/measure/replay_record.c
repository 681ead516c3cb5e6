/* SPDX-License-Identifier: MIT */
#include "emu/measure/replay_record.h"

#include <stdlib.h>

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
	free(c->candidate);
	free(c->chosen);
	free(c->predicted_s);
	free(c);
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
	*r = (struct sfe_replay){0};
}

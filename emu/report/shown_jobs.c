/* SPDX-License-Identifier: MIT */
#include "emu/report/shown_jobs.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "emu/report/figures.h"

/* Of many failed jobs, so many rows. */
#define MOST_FAILED 2000u

/* One of k jobs, drawn by its number: the same ones under each strategy. */
static bool is_drawn(uint32_t number, uint32_t k)
{
	return (number * 2654435761u >> 8) % k == 0;
}

int sfe_report_shown_jobs(const struct sfe_report_run *run, struct sfe_rows *out)
{
	uint32_t slowest[SFE_REPORT_SLOWEST],
		k = (run->jobs.n + SFE_REPORT_MOST_JOBS - 1) / SFE_REPORT_MOST_JOBS;
	unsigned n_slowest = sfe_report_slowest(run, slowest), failed = 0;

	*out = (struct sfe_rows){.table = run->jobs.table, .whole = run->jobs.whole};
	for (unsigned i = 0; i < run->jobs.n; i++) {
		const struct sfe_job_row *job = sfe_report_job(run, i);
		bool shown = k <= 1 || is_drawn(job->job, k) ||
			     (!sfe_report_done(job) && failed++ < MOST_FAILED);
		for (unsigned s = 0; s < n_slowest; s++)
			shown |= slowest[s] == job->job;
		struct sfe_job_row *row = shown ? sfe_rows_add(out) : NULL;
		if (shown && !row)
			return -ENOMEM;
		if (shown)
			*row = *job;
	}
	return 0;
}

/* SPDX-License-Identifier: MIT */
#include "emu/report/shown_jobs.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "emu/report/figures.h"

/* Of many failed jobs, so many rows. */
#define MOST_FAILED 2000u

/* One of k jobs, drawn by its number: the same ones under each strategy. */
static bool is_drawn(uint32_t number, uint32_t k)
{
	return (number * 2654435761u >> 8) % k == 0;
}

static int ascending(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

int sfe_report_shown_jobs(const struct sfe_report_run *run, struct sfe_rows *out)
{
	uint32_t *timeline, k = (run->jobs.n + SFE_REPORT_MOST_JOBS - 1) / SFE_REPORT_MOST_JOBS;
	unsigned n_timelines, failed = 0;
	int r = sfe_report_timeline_jobs(run, &timeline, &n_timelines);

	*out = (struct sfe_rows){.table = run->jobs.table, .whole = run->jobs.whole};
	if (!r && n_timelines)
		qsort(timeline, n_timelines, sizeof(*timeline), ascending);
	for (unsigned i = 0; i < run->jobs.n && !r; i++) {
		const struct sfe_job_row *job = sfe_report_job(run, i);
		bool shown = k <= 1 || is_drawn(job->job, k) ||
			     (!sfe_report_done(job) && failed++ < MOST_FAILED);
		shown |= bsearch(&job->job, timeline, n_timelines, sizeof(*timeline), ascending) !=
			 NULL;
		struct sfe_job_row *row = shown ? sfe_rows_add(out) : NULL;
		if (row)
			*row = *job;
		else if (shown)
			r = -ENOMEM;
	}
	free(timeline);
	return r;
}

/* SPDX-License-Identifier: MIT */
#include "emu/run/progress.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

void sfe_progress_start(struct sfe_progress *p, bool quiet)
{
	*p = (struct sfe_progress){.quiet = quiet, .terminal = isatty(2)};
	clock_gettime(CLOCK_MONOTONIC, &p->start);
}

double sfe_progress_seconds(const struct sfe_progress *p)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - p->start.tv_sec) +
	       1e-9 * (double)(now.tv_nsec - p->start.tv_nsec);
}

void sfe_progress_line(struct sfe_progress *p)
{
	if (p->open)
		fputc('\n', stderr);
	p->open = false;
}

void sfe_progress_stage(struct sfe_progress *p, const char *text)
{
	if (p->quiet)
		return;
	sfe_progress_line(p);
	fprintf(stderr, "[%6.1f s] %s\n", sfe_progress_seconds(p), text);
}

void sfe_progress_note(struct sfe_progress *p, const char *text)
{
	sfe_progress_line(p);
	fprintf(stderr, "[%6.1f s] note: %s\n", sfe_progress_seconds(p), text);
}

void sfe_progress_jobs(struct sfe_progress *p, const char *strategy, unsigned done, unsigned all)
{
	unsigned tenth = all ? 10 * done / all : 10;

	if (p->quiet)
		return;
	if (strcmp(p->strategy, strategy)) {
		snprintf(p->strategy, sizeof(p->strategy), "%s", strategy);
		p->last_tenth = 0;
	}
	if (p->terminal) {
		fprintf(stderr, "\r\033[K[%6.1f s] %s: %u of %u jobs", sfe_progress_seconds(p),
			strategy, done, all);
		p->open = true;
		if (done == all)
			sfe_progress_line(p);
	} else if (tenth != p->last_tenth) {
		/* In a log a line for each tenth is enough. */
		p->last_tenth = tenth;
		fprintf(stderr, "[%6.1f s] %s: %u of %u jobs\n", sfe_progress_seconds(p), strategy,
			done, all);
	}
}

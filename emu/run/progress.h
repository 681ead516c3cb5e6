/* SPDX-License-Identifier: MIT */
/* What the user sees meanwhile, on stderr: one changing line on a terminal, plain lines elsewhere.
 */
#ifndef SFE_RUN_PROGRESS_H
#define SFE_RUN_PROGRESS_H

#include <stdbool.h>
#include <time.h>

struct sfe_progress {
	bool quiet, terminal, open; /* open: an unfinished line is on the terminal */
	struct timespec start;
	unsigned last_tenth;
	char strategy[32];
};

void sfe_progress_start(struct sfe_progress *p, bool quiet);
void sfe_progress_stage(struct sfe_progress *p, const char *text);
/* What the user must know, also with --quiet. */
void sfe_progress_note(struct sfe_progress *p, const char *text);
void sfe_progress_jobs(struct sfe_progress *p, const char *strategy, unsigned done, unsigned all);
/* Finishes an unfinished line, before somebody else writes. */
void sfe_progress_line(struct sfe_progress *p);
double sfe_progress_seconds(const struct sfe_progress *p); /* wall time since the start */

#endif

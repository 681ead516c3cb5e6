/* SPDX-License-Identifier: MIT */
/* Progress for the user, on stderr: one changing line on a terminal; elsewhere a line for each
 * stage, and one every 10 s. */
#ifndef SFE_RUN_PROGRESS_H
#define SFE_RUN_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "sfemu/strategy.h"

struct sfe_progress {
	bool quiet, terminal, open; /* open: the terminal has an unfinished line */
	int report;                 /* a pipe for lines of a channel instead of stderr; 0: none */
	struct timespec start;
	unsigned last_tenth;
	char strategy[SFE_STRATEGY_BYTES];
	unsigned n_strategies, n_begun; /* number of strategies (0: unknown), and of those begun */
	double said_s;               /* when the last line was written, or shown on the terminal */
	double began_s, began_share; /* when its first part was done, to estimate the time left */
};

void sfe_progress_start(struct sfe_progress *p, bool quiet);
void sfe_progress_stage(struct sfe_progress *p, const char *text);
/* A note that is shown also with --quiet. */
void sfe_progress_note(struct sfe_progress *p, const char *text);
/* Progress of a replay, with the time left for all replays. */
void sfe_progress_jobs(struct sfe_progress *p, const char *strategy, unsigned done, unsigned all);
/* Progress of a single part: "what: 3 of 20 unit, about 12 s left". */
void sfe_progress_part(
	struct sfe_progress *p, const char *what, uint64_t done, uint64_t all, const char *unit);
/* Any text; share: of the whole, for the time left. at_end: a log gets it whenever the last was. */
void sfe_progress_text(struct sfe_progress *p, const char *text, double share, bool at_end);
/* Finishes an unfinished line before other output. */
void sfe_progress_line(struct sfe_progress *p);
double sfe_progress_seconds(const struct sfe_progress *p); /* wall time since the start */

/* The estimated time left, after passed_s from one share of the whole to another; NaN: too
 * early. */
double sfe_time_left(double passed_s, double share_then, double share_now);
/* ", about 12 s left", or min, or h; "" for 0 and NaN. Returns buf. */
const char *sfe_left_text(double s, char *buf, size_t size);

#endif

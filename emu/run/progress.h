/* SPDX-License-Identifier: MIT */
/* What the user sees meanwhile, on stderr: one changing line on a terminal, plain lines elsewhere.
 */
#ifndef SFE_RUN_PROGRESS_H
#define SFE_RUN_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

struct sfe_progress {
	bool quiet, terminal, open; /* open: an unfinished line is on the terminal */
	struct timespec start;
	unsigned last_tenth;
	char strategy[32];
	unsigned n_strategies, n_begun; /* how many there are to be (0: not known), and were */
	double said_s;
	double began_s, began_share; /* when the first part of it was done, to tell what is left */
};

void sfe_progress_start(struct sfe_progress *p, bool quiet);
void sfe_progress_stage(struct sfe_progress *p, const char *text);
/* What the user must know, also with --quiet. */
void sfe_progress_note(struct sfe_progress *p, const char *text);
/* How far a replay is, and how long all of them need still. */
void sfe_progress_jobs(struct sfe_progress *p, const char *strategy, unsigned done, unsigned all);
/* How far something of one part is: "what: 3 of 20 unit, about 12 s left". */
void sfe_progress_part(
	struct sfe_progress *p, const char *what, uint64_t done, uint64_t all, const char *unit);
/* Finishes an unfinished line, before somebody else writes. */
void sfe_progress_line(struct sfe_progress *p);
double sfe_progress_seconds(const struct sfe_progress *p); /* wall time since the start */

/* What is left after passed_s that took it from one share of the whole to another; NaN: too early.
 */
double sfe_time_left(double passed_s, double share_then, double share_now);
/* ", about 12 s left", or min, or h; "" of 0 and NaN. Returns buf. */
const char *sfe_left_text(double s, char *buf, size_t size);

#endif

/* SPDX-License-Identifier: MIT */
/* The parts of a sentence about two strategies: differences, intervals, sizes. */
#ifndef SFE_SWEEP_REPORT_SWEPT_WORDS_H
#define SFE_SWEEP_REPORT_SWEPT_WORDS_H

#include "emu/sweep_report/swept_groups.h"

#define SFE_SENTENCE_BYTES 1600u

/* A difference that is positive where the first strategy is faster. */
struct sfe_decision {
	double difference, ci95; /* s; ci95 NaN: there is no interval */
};

/* Each adds to a text of SFE_SENTENCE_BYTES. */
__attribute__((format(printf, 2, 3))) void sfe_say(char *text, const char *fmt, ...);
/* "20.1 ms less (2.62 to 37.6 ms, 128 jobs)". before: what the interval is; jobs 0: not said. */
void sfe_say_less(char *text, struct sfe_decision d, const char *before, uint32_t jobs);
/* "with 5 to 12 steps", "with states of 203 kB to 1.98 MB" */
void sfe_say_sizes(char *text, enum sfe_group_by by, double least, double most);

/* "" or "s" */
const char *sfe_plural(uint32_t n);
/* Whether text[at] is the blank between a number and its unit, where no line should end. */
bool sfe_unit_follows(const char *text, size_t at);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * From which size on one strategy is faster than another, in a sentence.
 *
 * At each size the mean difference of the two has its own 95 % interval. A size decides if that
 * interval does not contain 0. A strategy is faster from the first size on that decides for it,
 * if no later size decides for the other one, and if all jobs from there on together decide for it
 * too.
 */
#ifndef SFE_SWEEP_REPORT_SWEPT_ANSWERS_H
#define SFE_SWEEP_REPORT_SWEPT_ANSWERS_H

#include "emu/report/rows.h"
#include "emu/sweep_report/swept_words.h"
#include "sfemu/strategy.h"

struct sfe_answer_row {
	uint32_t combination;
	char by[64]; /* chain, states, or an axis */
	char state[16];
	char faster[SFE_STRATEGY_BYTES], slower[SFE_STRATEGY_BYTES], from[64];
	uint32_t seeds, jobs;
	double least, most, faster_mean_s, slower_mean_s, less_s, ci95_s, ratio, low, high;
	/* Each less the slower's: of the first size, of the largest one, of those below the first.
	 */
	double first_less_s, first_ci95_s, last_less_s, last_ci95_s, below_less_s, below_ci95_s;
	uint32_t first_jobs, last_jobs, below_jobs;
	char text[SFE_SENTENCE_BYTES];
	/* No columns: the answer itself in the text; the two strategies, NULL where there are none.
	 */
	uint32_t strong_from, strong_to;
	const char *strategy[2];
};
extern const struct sfe_table sfe_answers_table;

/* The first size from which on the first strategy is faster, but for the jobs together; n: none. */
uint32_t sfe_faster_from(const struct sfe_decision *x, uint32_t n);

/* Adds the answer for two strategies and the groups, of which there are pairs: b less a. The only
 * error is -ENOMEM. */
int sfe_answer_groups(const struct sfe_swept *s, uint32_t combination,
	const struct sfe_combination *c, const struct sfe_group *group,
	const struct sfe_comparison *pair, uint32_t n, const uint32_t strategy[2],
	struct sfe_rows *out);
/* The same along an axis of the grid, one of whose combinations is the first one. */
int sfe_answer_axis(const struct sfe_swept *s, uint32_t first, unsigned axis,
	const struct sfe_comparison *const *pair, const uint32_t strategy[2], struct sfe_rows *out);
/* Adds that the sweep has no answer. */
int sfe_answer_absent(const struct sfe_swept *s, uint32_t combination, const char *by,
	const char *why, struct sfe_rows *out);

#endif

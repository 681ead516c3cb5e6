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
#include "emu/sweep_report/swept_measure.h"
#include "sfemu/strategy.h"

#define SFE_MAX_GROUPS 64u

struct sfe_answer_row {
	uint32_t combination;
	char by[64]; /* chain, states, or an axis */
	char state[16];
	char faster[SFE_STRATEGY_BYTES], slower[SFE_STRATEGY_BYTES], from[64];
	uint32_t seeds, jobs;
	double earlier_s, ci95_s, ratio, low, high;
	char text[1000];
	/* No columns: the answer itself in the text; the two strategies, NULL where there are none.
	 */
	uint32_t strong_from, strong_to;
	const char *strategy[2];
};
extern const struct sfe_table sfe_answers_table;

/* A difference that is positive where the first strategy is faster. */
struct sfe_decision {
	double difference, ci95; /* ci95 NaN: there is no interval */
};
/* The first size from which on the first strategy is faster, but for the jobs together; n: none. */
uint32_t sfe_faster_from(const struct sfe_decision *x, uint32_t n);

/* The groups of a combination's jobs, ascending; returns how many there are. Chains have a group
 * for each length to 5, and then classes; states have classes from 1, 2 and 5 times powers of ten
 * of bytes. */
uint32_t sfe_groups_of(const struct sfe_combination *c, enum sfe_group_by by,
	struct sfe_group out[SFE_MAX_GROUPS]);

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

/* 4 steps, 200 kB. Returns buf. */
const char *sfe_group_text(enum sfe_group_by by, double size, char *buf, size_t n);
/* chain or states. */
const char *sfe_group_name(enum sfe_group_by by);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Of each job the least response time under the strategies of a run that do not choose
 * themselves, in their order: what `Oracle` follows, and against which a strategy that chooses has
 * its regret (regret.csv). Strategies of plugins count too, but nobody can follow them.
 */
#ifndef SFE_RESULTS_LEAST_RESPONSE_H
#define SFE_RESULTS_LEAST_RESPONSE_H

#include "emu/experiment/experiment.h"

struct sfe_least_response {
	const struct sfe_experiment *e;
	double *least_s;    /* by job; INFINITY: it was not done yet */
	uint32_t *under;    /* by job: the strategy of the scenario */
	uint32_t *followed; /* by job: the best one that can be followed */
	double *followed_s;
	double *regret_of_s; /* by job: its response time under the strategy that chooses; NaN: it
				was not done */
};

/* Of a run whose scenario has strategies that choose; else all stays empty. 0 or -ENOMEM. */
int sfe_least_open(
	struct sfe_least_response *l, const struct sfe_experiment *e, struct sfe_error *err);
void sfe_least_free(struct sfe_least_response *l);

/* A job that was done under a strategy of the scenario. */
void sfe_least_add(
	struct sfe_least_response *l, uint32_t strategy, uint32_t job, double response_s);
/* All jobs of the strategy were added: if it chooses, appends its rows to regret.csv in `dir`. */
int sfe_least_end(struct sfe_least_response *l, uint32_t strategy, int dir, struct sfe_error *err);

/*
 * By job of the experiment the strategy to follow; one that was done under none follows the first
 * one of the scenario. NULL: the scenario has no strategy that chooses.
 */
const uint32_t *sfe_least_followed(const struct sfe_least_response *l);

/* The same for a guest that runs `Oracle` alone: a file of its results folder. Reading it checks
 * all, since a guest has it from outside. *followed is the caller's. */
int sfe_least_write(const struct sfe_least_response *l, int dir, struct sfe_error *err);
int sfe_least_read(
	const struct sfe_experiment *e, int dir, uint32_t **followed, struct sfe_error *err);

#endif

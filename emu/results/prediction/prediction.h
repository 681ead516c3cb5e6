/* SPDX-License-Identifier: MIT */
/*
 * Response times of jobs, predicted with the formulas of transfers (sfemu/transfer.h): calls,
 * states and results in their order, under a strategy with its options. The network is idle but for
 * the job, nodes compute at their full speed, and nothing is lost. Connections stay open from job
 * to job, with the windows that they had. What the closed form of a strategy lacks is in it: round
 * trips, TCP's start, pipelining, and what overlaps.
 *
 * Functions have the operations, arguments, outputs and states that the workload declares.
 */
#ifndef SFE_RESULTS_PREDICTION_PREDICTION_H
#define SFE_RESULTS_PREDICTION_PREDICTION_H

#include "emu/experiment/experiment.h"

struct sfe_predictor; /* knows the connections that predicted jobs have made */

/* homes: the strategy of the run, by which states that outlive jobs are where they are. NULL: out
 * of memory. Both stay. */
struct sfe_predictor *sfe_predictor_new(
	const struct sfe_experiment *e, const struct sfe_strategy_info *homes);
void sfe_predictor_free(struct sfe_predictor *p);

/* warm=on: opens the connections that jobs will use under the rules, before the first job. 0 or
 * -ENOMEM. */
int sfe_predictor_warm_up(struct sfe_predictor *p, const struct sfe_strategy_info *rules);

/* The i-th job of the experiment by arrival: in this order jobs are predicted. */
uint32_t sfe_predictor_at(const struct sfe_predictor *p, uint32_t i);

/*
 * *response_s: of the experiment's job, which begins at its arrival, under rules that can be called
 * here (those of plugins cannot). runs: its connections and windows are as the job leaves them;
 * else as if it had not run. 0 or -ENOMEM.
 */
int sfe_predict_job(struct sfe_predictor *p, const struct sfe_strategy_info *rules, uint32_t job,
	bool runs, double *response_s);

/* The same of a job with `by_edge`, under the rules sfe_edges with their options: with warm=on all
 * connections that it uses are warm. */
int sfe_predict_by_edge(struct sfe_predictor *p, const struct sfe_strategy_info *rules,
	const struct sfe_by_edge *by_edge, uint32_t job, bool runs, double *response_s);

/* The mean over all jobs, in the order of their arrival. 0 or -ENOMEM. */
int sfe_predict_mean(
	const struct sfe_experiment *e, const struct sfe_strategy_info *rules, double *response_s);

#endif

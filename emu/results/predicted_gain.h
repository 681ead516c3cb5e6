/* SPDX-License-Identifier: MIT */
/*
 * What options of a strategy gain, predicted by the formulas of transfers (sfemu/transfer.h) for
 * the experiment's own jobs and places on an idle network: how long the steps of each job wait for
 * their states, with the option and without. The closed form knows no round trip, so there it is
 * nothing.
 */
#ifndef SFE_RESULTS_PREDICTED_GAIN_H
#define SFE_RESULTS_PREDICTED_GAIN_H

#include "emu/experiment/experiment.h"

struct sfe_predicted_gain { /* of a job: seconds that its steps wait for states */
	double serial_s, parallel_s;
};

/*
 * Of each job, in an array of e->n_jobs. Jobs come in their order, and connections stay open. Steps
 * of parallel branches count one after the other. The strategy is built in, with a keeper: rules of
 * plugins are not called here. 0 or -ENOMEM.
 */
int sfe_predict_gain(const struct sfe_experiment *e, const struct sfe_strategy_info *strategy,
	struct sfe_predicted_gain *out);

#endif

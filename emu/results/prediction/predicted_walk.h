/* SPDX-License-Identifier: MIT */
/* A job on its way through an idle network: messages between its nodes, and its calls. Each takes
 * the time at which it begins, in seconds, and returns when it is there. */
#ifndef SFE_PREDICTION_PREDICTED_WALK_H
#define SFE_PREDICTION_PREDICTED_WALK_H

#include "emu/experiment/experiment.h"
#include "emu/model/strategies/job_rules.h"
#include "emu/model/strategies/push_states.h"
#include "emu/results/prediction/connections.h"
#include "emu/results/prediction/predicted_cache.h"

struct sfe_predictor {
	const struct sfe_experiment *e;
	struct sfe_connections connections;
	struct sfe_predicted_caches *caches;
	const struct sfe_strategy_info *homes; /* the run's strategy */
	bool *cached;     /* of the states of the step that fetches: its node has it */
	uint32_t *order;  /* the jobs by arrival */
	double *at_s;     /* of each step: its result can be sent; where the client invokes: it has
			     the result */
	double *begin_s;  /* of each step: its calls have come */
	double *left_s;   /* of each step: what it changed is with its keepers */
	bool *ahead;      /* of each state of a step: it comes ahead of the call */
	double end_s;     /* of the job before this one, where jobs come one after the other */
	bool no_memory;   /* of a warm-up */
	uint32_t central; /* SFE_NONE until a strategy needs it */
};

struct predicted_walk { /* through a job, in the order of its steps */
	struct sfe_predictor *p;
	struct sfe_placed_job placed;
	struct sfe_job_rules of;
	const struct sfe_pushed *pushed; /* NULL: nothing goes ahead unasked */
	uint32_t number;                 /* the experiment's index of the job */
	double start_s;
	bool warms; /* warm=on, and nobody knew before which connections this job uses */
	bool no_memory;
};

/* The node that holds all states under the rules; SFE_NONE: there is none. */
uint32_t predicted_store(struct sfe_predictor *p, const struct sfe_strategy_info *rules);

/* Any message. */
double predicted_message(
	struct predicted_walk *w, const struct sfe_predicted_message *m, double at_s);
/* Over a connection that the sender opens. */
double predicted_post(
	struct predicted_walk *w, uint32_t from, uint32_t to, uint64_t bytes, double at_s);
/* The receiver asks for it, over a connection that it opens. */
double predicted_get(
	struct predicted_walk *w, uint32_t from, uint32_t to, uint64_t bytes, double at_s);
/* The answer to what `to` has sent. */
double predicted_answer(
	struct predicted_walk *w, uint32_t from, uint32_t to, uint64_t bytes, double at_s);
/* When all calls of the step are on its node. */
double predicted_call(struct predicted_walk *w, uint32_t step);

#endif

/* SPDX-License-Identifier: MIT */
/* How a step gets and leaves its states, in the order in which a walk calls these. */
#ifndef SFE_PREDICTION_PREDICTED_STATES_H
#define SFE_PREDICTION_PREDICTED_STATES_H

#include "emu/results/prediction/predicted_walk.h"

/* Which states the step's node has. */
void predicted_begin_cached(struct predicted_walk *w, uint32_t step);
/* *ahead_s: as fetch_ahead says. When the call has come, whose connection the word of these states
 * makes. */
double predicted_call_after_word(struct predicted_walk *w, uint32_t step, double *ahead_s);
/* When the last of them is there; 0: none goes to the step. */
double predicted_push(struct predicted_walk *w, uint32_t step);
/* After the call at call_s; ahead_s: when what comes ahead is there. */
double predicted_fetch(struct predicted_walk *w, uint32_t step, double call_s, double ahead_s);
/* When the keepers of what came ahead, and what the step changes, have given it away. */
double predicted_claim(struct predicted_walk *w, uint32_t step, double at_s);
/* The step, which ends at at_s, gives the states that it changed to their keepers and replicas. */
double predicted_give(struct predicted_walk *w, uint32_t step, double at_s);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * trace.json: a run in Chrome's trace event format (JSON object form), for Perfetto
 * (ui.perfetto.dev) and chrome://tracing.
 *
 * A node under a strategy is a process. Every replay begins at time 0, so strategies appear one
 * above the other. The threads of a process are rows: the client's jobs; invocations, with their
 * waiting and computing; messages sent and received; requests without an answer; down times. Arrows
 * lead from sending to receiving. The schedule's changes are marks in a process of their own. Times
 * are microseconds, with the nanoseconds as fraction.
 */
#ifndef SFE_RESULTS_TRACE_EVENTS_H
#define SFE_RESULTS_TRACE_EVENTS_H

#include "emu/results/delay_explanation.h"

#define SFE_TRACE_FILE "trace.json"

/* Adds a replay; the first one begins the file. The file is complete after each call. */
int sfe_trace_write(int dir, const struct sfe_experiment *e, const struct sfe_replay *r,
	const struct sfe_explanation *x, bool first, struct sfe_error *err);

/* Adds the replays of the file in the folder part to the file in dir, which is begun if there is
 * none. whole: the file must be there and complete; else it is left out if it is not. */
int sfe_trace_append(int dir, int part, bool whole, struct sfe_error *err);

#endif

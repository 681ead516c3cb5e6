/* SPDX-License-Identifier: MIT */
/*
 * trace.json: a run in Chrome's trace event format (JSON object form), which Perfetto
 * (ui.perfetto.dev) and chrome://tracing open.
 *
 * A node under a strategy is a process; every replay begins at time 0, so that strategies lie one
 * above the other. Its threads are rows: jobs of the client, invocations (within them waiting and
 * computing), messages being sent and received, requests that were not answered, the times in which
 * it was down. Arrows lead from sending to receiving. What the schedule did is marks in a process
 * of its own. Times are microseconds with the nanoseconds as fraction.
 */
#ifndef SFE_RESULTS_TRACE_EVENTS_H
#define SFE_RESULTS_TRACE_EVENTS_H

#include "emu/results/explain.h"

#define SFE_TRACE_FILE "trace.json"

/* Adds a replay; the first one begins the file, which is whole after each. */
int sfe_trace_write(int dir, const struct sfe_experiment *e, const struct sfe_replay *r,
	const struct sfe_explanation *x, bool first, struct sfe_error *err);

#endif

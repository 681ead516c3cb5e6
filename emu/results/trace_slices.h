/* SPDX-License-Identifier: MIT */
/* The slices and arrows of trace.json, from the records of a replay. */
#ifndef SFE_RESULTS_TRACE_SLICES_H
#define SFE_RESULTS_TRACE_SLICES_H

#include <json-c/json.h>

#include "emu/experiment/experiment.h"
#include "emu/measure/replay_record.h"
#include "emu/results/delay_explanation.h"

/* Groups of threads of a process; each group has as many threads as its slices overlap. */
enum sfe_trace_group {
	SFE_TRACE_JOBS,
	SFE_TRACE_INVOCATIONS,
	SFE_TRACE_SENDING,
	SFE_TRACE_RECEIVING,
	SFE_TRACE_UNANSWERED,
	SFE_TRACE_FAULTS,
	SFE_TRACE_GROUPS
};
struct sfe_trace_slice {
	uint32_t node;
	enum sfe_trace_group group;
	uint32_t lane;
	uint32_t parent; /* the slice that contains this one; SFE_NONE: it gets its own lane */
	uint64_t begin_ns, end_ns; /* from the start of the replay */
	char name[96];
	struct json_object *args; /* owned; may be NULL */
};

struct sfe_trace_arrow {
	uint32_t from, to; /* slices */
};

struct sfe_trace_slices {
	const struct sfe_experiment *e;
	const struct sfe_replay *r;
	const struct sfe_explanation *x;
	struct sfe_trace_slice *slice;
	struct sfe_trace_arrow *arrow;
	uint32_t n, n_arrows;
};

/*
 * Makes the slices and arrows of a replay. Overlapping slices of a node's group get different
 * lanes. 0 or -ENOMEM; free in both cases.
 */
int sfe_trace_slices_make(struct sfe_trace_slices *t, const struct sfe_experiment *e,
	const struct sfe_replay *r, const struct sfe_explanation *x);
void sfe_trace_slices_free(struct sfe_trace_slices *t);

#endif

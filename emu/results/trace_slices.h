/* SPDX-License-Identifier: MIT */
/*
 * The slices of trace.json, from the records of a replay. A slice is small, as there are dozens a
 * job: its name and its arguments are made when it is written.
 */
#ifndef SFE_RESULTS_TRACE_SLICES_H
#define SFE_RESULTS_TRACE_SLICES_H

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

/* What of its record a slice shows: all of it, or of an invocation these parts, which follow the
 * slice that encloses them. */
enum sfe_trace_part {
	SFE_TRACE_WHOLE,
	SFE_TRACE_WAITING,
	SFE_TRACE_VAIN, /* of a record of a run in vain, in the invocation's slice */
	SFE_TRACE_COMPUTING,
	SFE_TRACE_CALLEE, /* all of what a function calls at run time; then its parts */
	SFE_TRACE_CALLEE_WAITING,
	SFE_TRACE_CALLEE_COMPUTING
};

/* Whether it is no part of the slice before. */
static inline bool sfe_trace_is_whole(uint8_t part)
{
	return part == SFE_TRACE_WHOLE || part == SFE_TRACE_CALLEE;
}

struct sfe_trace_slice {
	uint64_t begin_ns, end_ns; /* from the start of the replay */
	uint32_t node;
	uint32_t lane;
	uint32_t of;   /* the index of its record: a job, an invocation, a transfer, … */
	uint8_t group; /* enum sfe_trace_group */
	uint8_t part;  /* enum sfe_trace_part */
};

struct sfe_trace_slices {
	const struct sfe_experiment *e;
	const struct sfe_replay *r;
	const struct sfe_explanation *x;
	struct sfe_trace_slice *slice;
	uint32_t n;
};

/*
 * Makes the slices of a replay. Overlapping slices of a node's group get different lanes. 0 or
 * -ENOMEM; free in both cases.
 */
int sfe_trace_slices_make(struct sfe_trace_slices *t, const struct sfe_experiment *e,
	const struct sfe_replay *r, const struct sfe_explanation *x);
void sfe_trace_slices_free(struct sfe_trace_slices *t);

#endif

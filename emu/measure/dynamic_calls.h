/* SPDX-License-Identifier: MIT */
/*
 * The calls of functions at run time, as workers report them: where each is to run, which of them
 * have not ended yet, and their rows in the record of the replay. No I/O, no waiting.
 */
#ifndef SFE_MEASURE_DYNAMIC_CALLS_H
#define SFE_MEASURE_DYNAMIC_CALLS_H

#include "emu/measure/replay_record.h"
#include "emu/model/placement/placer.h"

struct sfe_dynamic_calls { /* all zero but for the first two: nothing was called yet */
	const struct sfe_experiment *e;
	struct sfe_replay *out;
	struct sfe_placer *placer;
	uint32_t *load; /* by node: calls that run there */
	uint32_t *now;  /* by node: those, and the steps of jobs that run */
	bool *down;     /* by node */
	uint32_t room;
	uint32_t open;   /* how many have not ended */
	uint64_t due_ns; /* when the last delayed cast is to be placed */
	uint32_t first;  /* all calls before it have ended */
};

/*
 * A message of type SFE_CTL_CALL of a worker. 1: *placed is the answer. 0: there is none. A
 * negative errno: the message is invalid, or memory is short. runs(context, job): whether the job
 * runs at this moment.
 */
int sfe_dynamic_calls_take(struct sfe_dynamic_calls *d, uint32_t node, const void *message,
	size_t size, bool (*runs)(void *context, uint32_t job), void *context,
	struct sfe_ctl_placed *placed, struct sfe_error *err);
/* Calls by a node that has crashed are over: nobody waits for them. */
int sfe_dynamic_calls_crash(struct sfe_dynamic_calls *d, uint32_t node, bool restart,
	uint64_t now_ns, struct sfe_error *err);
void sfe_dynamic_calls_free(struct sfe_dynamic_calls *d);

/*
 * At the end: a cast that lasted longer than its requests were repeated has not failed if its
 * callee has ended well, as the record of its run says. 0 or -ENOMEM.
 */
int sfe_dynamic_casts_settle(struct sfe_replay *r);

#endif

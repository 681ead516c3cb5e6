/* SPDX-License-Identifier: MIT */
/*
 * The caller's side of calls of functions at run time. The orchestrator says on which node the
 * callee runs, each time the call is sent; a call to the own node stays within the process. A
 * request that fails is repeated as the retry policy says, also on another node if that one has
 * crashed. The orchestrator hears of each call when it is placed and when it has ended.
 */
#ifndef SFE_NODES_DYNAMIC_CALL_H
#define SFE_NODES_DYNAMIC_CALL_H

#include "nodes/base/control.h"
#include "nodes/worker/worker_state.h"

struct dynamic_wish {
	struct call_key key;
	bool cast;
	struct slice argument; /* taken over */
	uint64_t delay_ns;     /* of a cast */
	/* It has ended; for a call, not for a cast. Called once, from the loop. It takes the output
	 * over; reason is empty if all went well. */
	void (*done)(void *context, struct slice *output, const char *reason);
	void *context;
};

/* 0 or -ENOMEM. */
int dynamic_call_begin(struct worker *w, struct dynamic_wish *wish);
/* The orchestrator has placed a call. */
void dynamic_call_placed(struct worker *w, const struct sfe_ctl_placed *placed);
/* Drops all, without a word to who waits. */
void dynamic_calls_clear(struct worker *w);

#endif

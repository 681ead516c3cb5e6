/* SPDX-License-Identifier: MIT */
/* When the messages of operations at run time could start. */
#ifndef SFE_MEASURE_DYNAMIC_STARTS_H
#define SFE_MEASURE_DYNAMIC_STARTS_H

#include "emu/measure/replay_record.h"

/*
 * Sets start_ns, by transfer, of those that belong to operations at run time: an argument starts
 * when the call is placed, an output when the callee has ended, a state when the function asks for
 * it or puts it. 0 or -ENOMEM.
 */
int sfe_dynamic_starts(const struct sfe_replay *r, uint64_t *start_ns);

/*
 * A fetched state of an invocation that waited in its node's queue, or for a cold start, is not
 * sent before the end of that: start_ns of the others stays. 0 or -ENOMEM.
 */
int sfe_fetch_starts(const struct sfe_replay *r, uint64_t *start_ns);

#endif

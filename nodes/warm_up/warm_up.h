/* SPDX-License-Identifier: MIT */
/*
 * Before the jobs begin, upon SFE_CTL_WARM_UP: opens a connection to each node that messages of
 * jobs will go to from here, one node after the other, and sends filler of the size of the path's
 * full window (sfemu/transfer.h) in both directions, until the windows of both sides are as large,
 * at most WARM_UP_ROUNDS times. Each connection is reported with SFE_CTL_WARMED; the last report is
 * of no node.
 */
#ifndef SFE_NODES_WARM_UP_H
#define SFE_NODES_WARM_UP_H

#include "nodes/worker/worker_state.h"

#define WARM_UP_ROUNDS 12u

void warm_up_begin(struct worker *w);
void warm_up_close(struct worker *w);

#endif

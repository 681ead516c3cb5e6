/* SPDX-License-Identifier: MIT */
/* warm=on: connections between nodes before the jobs begin (nodes/warm_up/warm_up.h). */
#ifndef SFE_RUN_WARM_UP_H
#define SFE_RUN_WARM_UP_H

#include "emu/measure/replay_record.h"
#include "emu/run/workers.h"

/*
 * One worker after the other opens its connections, so that each has an idle network. What they
 * report goes to out->warmed, sorted by sfe_warmed_order. A connection that cannot be opened, as
 * over a link that loses all packets, is none of them. On the virtual clock it takes no wall time
 * but that of the packets.
 */
int sfe_warm_up(const struct sfe_workers *workers, const struct sfe_deployment *deployment,
	struct sfe_replay *out, struct sfe_error *err);

#endif

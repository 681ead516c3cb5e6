/* SPDX-License-Identifier: MIT */
/* Connections before the jobs (warm=on). */
#ifndef SFE_RUN_WARM_UP_H
#define SFE_RUN_WARM_UP_H

#include "emu/run/workers.h"

/*
 * What warm=on does before the jobs (nodes/warm_up/warm_up.h): one worker after the other opens its
 * connections, so that each has an idle network. What they report goes to out->warmed, sorted by
 * sfe_warmed_order. A connection that cannot be opened, as over a link that loses all packets, is
 * none of them: a note on the channel says so.
 */
int sfe_warm_up(const struct sfe_workers *workers, const struct sfe_deployment *deployment,
	struct sfe_replay *out, int channel, struct sfe_error *err);

#endif

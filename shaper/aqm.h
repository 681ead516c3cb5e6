/* SPDX-License-Identifier: MIT */
/* A managed queue (codel, fq_codel, pie) in front of an interface's netem, or one queue a station.
 */
#ifndef SFE_SHAPER_AQM_H
#define SFE_SHAPER_AQM_H

#include "shaper/netlink.h"
#include "shaper/shaped.h"

/* Queues the messages that make the managed queue of an interface, on an IFB device of its own
 * (sfe_ifb_of_queue). The interface has none yet. */
int sfe_aqm_set(struct sfe_nl *nl, const struct sfe_shaped *s, struct sfe_error *err);
/* Queues the messages that change it. reset: the discipline also forgets what it has learned. */
int sfe_aqm_change(
	struct sfe_nl *nl, const struct sfe_shaped *s, bool reset, struct sfe_error *err);
/* Reads the namespace's managed queues back, compares, and adds their drops and their backlog. */
int sfe_aqm_read_back(
	struct sfe_nl *nl, struct sfe_shaped *shaped, uint32_t n, struct sfe_error *err);

#endif

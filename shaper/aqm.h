/* SPDX-License-Identifier: MIT */
/* A queue that is managed (codel, fq_codel, pie) before an interface's netem. */
#ifndef SFE_SHAPER_AQM_H
#define SFE_SHAPER_AQM_H

#include "shaper/shaper.h"

/* Queues the messages that make it, on its device (sfe_shaper_queue_device), of an interface that
 * has none yet. */
int sfe_aqm_set(struct sfe_nl *nl, int ifindex, const struct sfe_link_spec *spec, uint32_t mtu,
	const char *where, struct sfe_error *err);
/* Queues the messages that change it; afresh: what the discipline has learned is forgotten. */
int sfe_aqm_change(struct sfe_nl *nl, int ifindex, bool afresh, const struct sfe_link_spec *spec,
	uint32_t mtu, const char *where, struct sfe_error *err);
/* Reads the namespace's managed queues back, compares, and adds what they dropped and hold. */
int sfe_aqm_verify(struct sfe_nl *nl, struct sfe_shaped *shaped, uint32_t n, struct sfe_error *err);

#endif

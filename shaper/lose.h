/* SPDX-License-Identifier: MIT */
/* The packets of a list are lost, by their numbers. */
#ifndef SFE_SHAPER_LOSE_H
#define SFE_SHAPER_LOSE_H

#include "shaper/shaper.h"

/*
 * Queues the message that makes the interface lose the packets of the specification's list, its
 * next packet being the first; nothing without a list. On one that may do so already (not is_new)
 * it is one atomic step, and what was lost stays counted.
 */
int sfe_lose_set(struct sfe_nl *nl, int ifindex, bool is_new, const struct sfe_link_spec *spec,
	const char *where, struct sfe_error *err);
/* Reads the lists of those that have one back, compares, and adds what was lost. */
int sfe_lose_verify(
	struct sfe_nl *nl, struct sfe_shaped *shaped, uint32_t n, struct sfe_error *err);

#endif

/* SPDX-License-Identifier: MIT */
/* The drop-tail queue in bytes before an interface's netem. */
#ifndef SFE_SHAPER_POLICE_H
#define SFE_SHAPER_POLICE_H

#include "sfemu/link.h"
#include "shaper/netlink.h"

struct sfe_shaped;

/* Queues the messages that make it, on an interface that has none yet. */
int sfe_police_set(struct sfe_nl *nl, int ifindex, const struct sfe_link_spec *spec, uint32_t mtu,
	const char *where, struct sfe_error *err);
/* Whether two specifications need the same policer. */
bool sfe_police_same(const struct sfe_link_spec *a, const struct sfe_link_spec *b, uint32_t mtu);
/* Queues the message that changes it. What waits already is forgotten, not dropped. */
int sfe_police_change(struct sfe_nl *nl, int ifindex, const struct sfe_link_spec *spec,
	uint32_t mtu, const char *where, struct sfe_error *err);
/* Reads the namespace's policers back, compares, and adds what they dropped. */
int sfe_police_verify(
	struct sfe_nl *nl, struct sfe_shaped *shaped, uint32_t n, struct sfe_error *err);

#endif

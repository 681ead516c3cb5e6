/* SPDX-License-Identifier: MIT */
/* The drop-tail queue in bytes in front of an interface's netem, as a tc policer. */
#ifndef SFE_SHAPER_POLICE_H
#define SFE_SHAPER_POLICE_H

#include "shaper/netlink.h"
#include "shaper/shaped.h"

/* Queues the messages that make the policer, on an interface that has none yet. */
int sfe_police_set(struct sfe_nl *nl, int ifindex, const struct sfe_link_spec *spec, uint32_t mtu,
	const char *where, struct sfe_error *err);
/* Whether two specifications need the same policer. */
bool sfe_police_same(const struct sfe_link_spec *a, const struct sfe_link_spec *b, uint32_t mtu);
/* Queues the message that changes the policer. It forgets its backlog; no packet is dropped. */
int sfe_police_change(struct sfe_nl *nl, int ifindex, const struct sfe_link_spec *spec,
	uint32_t mtu, const char *where, struct sfe_error *err);
/* Reads the namespace's policers back, compares, and adds what they dropped. */
int sfe_police_read_back(
	struct sfe_nl *nl, struct sfe_shaped *shaped, uint32_t n, struct sfe_error *err);

#endif

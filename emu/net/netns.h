/* SPDX-License-Identifier: MIT */
/* Network namespaces without names: each lives as long as its descriptor is open somewhere. */
#ifndef SFE_NET_NETNS_H
#define SFE_NET_NETNS_H

#include <stdbool.h>

#include "emu/net/net.h"

/* A descriptor of the calling thread's namespace, or a negative errno and err. */
int sfe_netns_current(struct sfe_error *err);
/* Makes a namespace, moves the calling thread into it, and returns its descriptor. */
int sfe_netns_new(const char *name, struct sfe_error *err);
int sfe_netns_enter(int fd, const char *name, struct sfe_error *err);

#define SFE_SYSCTLS 16

/* What a new namespace of this kernel begins with, read in the first one: all zero before. */
struct sfe_netns_defaults {
	bool no_ipv6; /* the kernel has none */
	struct {
		const char *key;
		char value[64];
	} sysctl[SFE_SYSCTLS];
	size_t n;
};

/*
 * Sets the sysctls of the calling thread's namespace, which is new: of forwarding, or else of TCP.
 * With `defaults` only those that differ from them: written all, they are a quarter of the system
 * calls that build a guest's network.
 */
int sfe_netns_configure(bool forwards, const struct sfe_net_params *params,
	struct sfe_netns_defaults *defaults, const char *name, struct sfe_error *err);

#endif

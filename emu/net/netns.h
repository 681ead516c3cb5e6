/* SPDX-License-Identifier: MIT */
/* Network namespaces without names: each lives as long as its descriptor is open somewhere. */
#ifndef SFE_NET_NETNS_H
#define SFE_NET_NETNS_H

#include <stdbool.h>

#include "emu/net/net.h"

/* The calling thread's namespace, as a descriptor. Negative errno and err on failure. */
int sfe_netns_current(struct sfe_error *err);
/* Makes a namespace, leaves the calling thread in it, returns its descriptor. */
int sfe_netns_new(const char *name, struct sfe_error *err);
int sfe_netns_enter(int fd, const char *name, struct sfe_error *err);
/* Sets the calling thread's namespace up as a host: sysctls of forwarding and of TCP. */
int sfe_netns_configure(bool forwards, const struct sfe_net_params *params, const char *name,
	struct sfe_error *err);

#endif

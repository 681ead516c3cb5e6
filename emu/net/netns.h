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
/* Sets the sysctls of the calling thread's namespace: of forwarding, or else of TCP. */
int sfe_netns_configure(bool forwards, const struct sfe_net_params *params, const char *name,
	struct sfe_error *err);

#endif

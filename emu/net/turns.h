/* SPDX-License-Identifier: MIT */
/* The stations of media on which stations take turns or contend: all ports of the medium's host. */
#ifndef SFE_NET_TURNS_H
#define SFE_NET_TURNS_H

#include "emu/net/net.h"

/* Finds them for all media of the plan. 0 or -ENOMEM. */
int sfe_net_turns_find(struct sfe_net *net);
void sfe_net_turns_free(struct sfe_net *net);
/* Those of a host; NULL: it is no such medium. */
const struct sfe_stations *sfe_net_stations(const struct sfe_net *net, uint32_t host);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef SFE_NET_SHAPE_H
#define SFE_NET_SHAPE_H

#include "emu/net/net.h"

/* Queues all that shapes a host's links, on interfaces that have nothing yet. */
int sfe_net_shape(struct sfe_net *net, uint32_t host, struct sfe_error *err);
/* Whether any link reorders as it was built: net->reorders. Changes keep it up to date. */
void sfe_net_note_reordering(struct sfe_net *net);

#endif

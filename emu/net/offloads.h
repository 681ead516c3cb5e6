/* SPDX-License-Identifier: MIT */
/* Segmentation and receive offloads: off on every emulated interface, so that a packet is a packet.
 */
#ifndef SFE_NET_OFFLOADS_H
#define SFE_NET_OFFLOADS_H

#include <linux/ethtool.h>
#include <stdint.h>

#include "sfemu/error.h"

struct sfe_offloads { /* which of the kernel's device features these are */
	struct ethtool_sfeatures *request;
};

/* Asks the kernel for its features' names. fd: any socket in the namespace of the device. */
int sfe_offloads_find(int fd, const char *ifname, struct sfe_offloads *o, struct sfe_error *err);
int sfe_offloads_off(int fd, const char *ifname, const struct sfe_offloads *o, const char *where,
	struct sfe_error *err);
void sfe_offloads_free(struct sfe_offloads *o);

#endif

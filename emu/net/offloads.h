/* SPDX-License-Identifier: MIT */
/*
 * Requests to a device through ethtool: its segmentation and receive offloads are switched off, so
 * that no packet is larger than a frame, and its link state is read, so that it is activated at
 * once.
 */
#ifndef SFE_NET_OFFLOADS_H
#define SFE_NET_OFFLOADS_H

#include <linux/ethtool.h>
#include <stdint.h>

#include "sfemu/error.h"

struct sfe_offloads { /* the device features of the kernel that are offloads */
	struct ethtool_sfeatures *request;
};

/* Finds the offloads among the names of the kernel's device features. fd: any socket in the
 * device's namespace. */
int sfe_offloads_find(int fd, const char *ifname, struct sfe_offloads *o, struct sfe_error *err);
int sfe_offloads_off(int fd, const char *ifname, const struct sfe_offloads *o, const char *where,
	struct sfe_error *err);
/*
 * Makes the kernel activate the device now, by reading its link state. Otherwise the kernel
 * activates devices whose other end came up later in the background, the first 200 at once and then
 * 100 a second, and drops what they send until then.
 */
int sfe_link_activate(int fd, const char *ifname, const char *where, struct sfe_error *err);
void sfe_offloads_free(struct sfe_offloads *o);

#endif

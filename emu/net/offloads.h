/* SPDX-License-Identifier: MIT */
/*
 * What has to be asked of a device through ethtool: segmentation and receive offloads off, so that
 * a packet is a packet; and its link, so that it carries packets at once.
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
/*
 * Makes the kernel take note of its link now. It activates devices whose other end came up later in
 * the background, 200 at once and then 100 a second, and until then throws away what they send.
 */
int sfe_link_activate(int fd, const char *ifname, const char *where, struct sfe_error *err);
void sfe_offloads_free(struct sfe_offloads *o);

#endif

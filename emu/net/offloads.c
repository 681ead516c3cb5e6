/* SPDX-License-Identifier: MIT */
/*
 * Offloads are found by the names of features, not by ETHTOOL_STSO and similar commands: new
 * kernels add segmentation offloads that the old commands do not cover (6.18:
 * tx-tcp-accecn-segmentation).
 */
#include "emu/net/offloads.h"

#include <errno.h>
#include <linux/if.h>
#include <linux/sockios.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#define MAX_FEATURES 1024u

static int ethtool(int fd, const char *ifname, void *command)
{
	struct ifreq ifr = {.ifr_data = command};

	strncpy(ifr.ifr_name, ifname, sizeof(ifr.ifr_name) - 1);
	return ioctl(fd, SIOCETHTOOL, &ifr) < 0 ? -errno : 0;
}

static bool merges_or_splits(const char *feature)
{
	return strstr(feature, "segmentation") || strstr(feature, "gro") ||
	       strstr(feature, "lro") || strstr(feature, "gso-list");
}

static int count_features(int fd, const char *ifname, uint32_t *n)
{
	struct {
		struct ethtool_sset_info info;
		uint32_t count;
	} set = {.info = {.cmd = ETHTOOL_GSSET_INFO, .sset_mask = 1ull << ETH_SS_FEATURES}};
	int r = ethtool(fd, ifname, &set);

	if (r)
		return r;
	if (!set.info.sset_mask || set.count > MAX_FEATURES)
		return -EOPNOTSUPP;
	*n = set.count;
	return 0;
}

int sfe_offloads_find(int fd, const char *ifname, struct sfe_offloads *o, struct sfe_error *err)
{
	uint32_t n = 0;
	int r = count_features(fd, ifname, &n);
	uint32_t blocks = (n + 31) / 32;
	struct ethtool_gstrings *names = calloc(1, sizeof(*names) + (size_t)n * ETH_GSTRING_LEN);

	o->request = calloc(1, sizeof(*o->request) + blocks * sizeof(o->request->features[0]));
	if (!r && (!names || !o->request))
		r = -ENOMEM;
	if (!r) {
		*names = (struct ethtool_gstrings){
			.cmd = ETHTOOL_GSTRINGS, .string_set = ETH_SS_FEATURES, .len = n};
		r = ethtool(fd, ifname, names);
	}
	if (r) {
		free(names);
		sfe_offloads_free(o);
		return sfe_fail(
			err, r, ifname, NULL, "cannot ask for its offloads: %s", strerror(-r));
	}
	*o->request = (struct ethtool_sfeatures){.cmd = ETHTOOL_SFEATURES, .size = blocks};
	for (uint32_t i = 0; i < n; i++) {
		char name[ETH_GSTRING_LEN + 1] = "";
		memcpy(name, names->data + (size_t)i * ETH_GSTRING_LEN, ETH_GSTRING_LEN);
		/* `requested` stays 0, which is off. Fixed features do not change; of veth none is
		 * fixed to on. */
		if (merges_or_splits(name))
			o->request->features[i / 32].valid |= 1u << (i % 32);
	}
	free(names);
	return 0;
}

int sfe_offloads_off(int fd, const char *ifname, const struct sfe_offloads *o, const char *where,
	struct sfe_error *err)
{
	int r = ethtool(fd, ifname, o->request);

	return r ? sfe_fail(err, r, where, NULL, "cannot switch offloads off on %s: %s", ifname,
			   strerror(-r))
		 : 0;
}

int sfe_link_activate(int fd, const char *ifname, const char *where, struct sfe_error *err)
{
	struct ethtool_value link = {.cmd = ETHTOOL_GLINK};
	int r = ethtool(fd, ifname, &link);

	return r ? sfe_fail(err, r, where, NULL, "cannot ask %s for its link: %s", ifname,
			   strerror(-r))
		 : 0;
}

void sfe_offloads_free(struct sfe_offloads *o)
{
	free(o->request);
	o->request = NULL;
}

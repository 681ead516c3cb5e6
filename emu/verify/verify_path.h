/* SPDX-License-Identifier: MIT */
/* The way that the probes of a direction of a link take, and what is to be expected on it. */
#ifndef SFE_VERIFY_VERIFY_PATH_H
#define SFE_VERIFY_VERIFY_PATH_H

#include "emu/net/net.h"
#include "emu/verify/verify_probe.h"

#define SMALL_FRAME (SFE_PROBE_LEAST + SFE_PROBE_HEADERS)

#define SFE_PATH_LINKS 3

/*
 * What the probes of a direction pass, itself first: one link, or a medium and the access link
 * before or after it. A medium whose queue is managed has that on the way in and the rest on the
 * way out: probes go through it, from a neighbour to another, by their access links.
 */
struct sfe_path {
	uint32_t from, port;
	uint32_t to, to_port;
	struct sfe_link_spec spec[SFE_PATH_LINKS];
	int n;
	uint32_t mtu;
	bool own_bottleneck; /* the link itself, so that its rate and queue are to be seen */
	double reverse_ns;   /* for an acknowledgement to come back, at most */
};

/* The way of a direction; false if the link has no such direction, or a medium too few neighbours.
 */
bool sfe_path_find(const struct sfe_net *net, uint32_t link, enum sfe_link_direction direction,
	struct sfe_path *out);

/* Longest delay, ns, without transmission. */
double sfe_path_max_delay(const struct sfe_path *p);
/* Transmission of a frame over all of it, ns. */
double sfe_path_frame_ns(const struct sfe_path *p, uint32_t bytes);
/* The slowest of the path, where its queue is. */
const struct sfe_link_spec *sfe_path_bottleneck(const struct sfe_path *p);
/* The one law that varies, NULL if none or more than one does; the sum of the constant ones. */
const struct sfe_delay *sfe_path_law(const struct sfe_path *p, double *constant_ns, int *varying);
/* How much a delay depends on the last one. */
double sfe_path_correlation(const struct sfe_path *p);
/* The share that is lost, also by corruption, and how bursty that is. */
double sfe_path_loss(const struct sfe_path *p, double *burstiness);
/* The share that arrives twice, and how bursty that is. */
double sfe_path_duplicates(const struct sfe_path *p, double *burstiness);
/* The share that leaves out the delay of a path of one link; variance is of their number among n
 * packets, over n. */
double sfe_path_hurries(const struct sfe_path *p, double *variance);
/* By how much a frame may take longer since the kernel counts rates in whole bytes a second. */
double sfe_path_rounding_ns(const struct sfe_path *p, uint32_t bytes);
/* How many packets stand in lists of those that are lost. Where a series meets such a list is not
 * known: it may lose as many more or fewer than the share. */
double sfe_path_listed(const struct sfe_path *p);
/* Whether packets are lost, doubled, … by chance; corrupted; reordered as asked; wait for slots. */
bool sfe_path_disturbed(const struct sfe_path *p);
bool sfe_path_corrupts(const struct sfe_path *p);
bool sfe_path_reorders(const struct sfe_path *p);
bool sfe_path_slotted(const struct sfe_path *p);

#endif

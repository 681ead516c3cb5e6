/* SPDX-License-Identifier: MIT */
/* The path of the probes for a direction of a link, and what to expect on it. */
#ifndef SFE_VERIFY_VERIFY_PATH_H
#define SFE_VERIFY_VERIFY_PATH_H

#include "emu/net/net.h"
#include "emu/verify/verify_probe.h"

#define SFE_VERIFY_SMALL_FRAME (SFE_PROBE_LEAST + SFE_PROBE_HEADERS)

#define SFE_VERIFY_PATH_LINKS 3

/*
 * The links that the probes of a direction pass; spec[0] is the one that is measured. A path has
 * one link, or a medium and the access link before or after it. A medium with a managed queue has
 * the queue at its ingress and the rest at its egress: probes pass through it from one neighbour to
 * another, with both access links.
 */
struct sfe_verify_path {
	uint32_t from, port;
	uint32_t to, to_port;
	struct sfe_link_spec spec[SFE_VERIFY_PATH_LINKS];
	int n;
	int order[SFE_VERIFY_PATH_LINKS]; /* indices of spec in the order that packets pass */
	uint32_t mtu;
	bool own_bottleneck; /* spec[0] is the bottleneck, so that its rate and queue can be
				measured */
	double reverse_ns;   /* time of an acknowledgement on the path back, at most */
};

/* Finds the path for a direction of a link. False if the link has no such direction, or if a medium
 * has too few neighbours. */
bool sfe_verify_path_find(const struct sfe_net *net, uint32_t link,
	enum sfe_link_direction direction, struct sfe_verify_path *out);

/* The paths from one station of a half-duplex medium through it to another, and back. False if the
 * link is no such medium, or if it has too few neighbours. */
bool sfe_verify_path_stations(
	const struct sfe_net *net, uint32_t link, struct sfe_verify_path out[2]);

/* The paths on which the stations of a medium whose queue is managed send to each other in a ring,
 * from each to the next. Returns how many there are, `most` at most; a path to itself is none. */
uint32_t sfe_verify_path_ring(
	const struct sfe_net *net, uint32_t link, struct sfe_verify_path *out, uint32_t most);

/* The longest delay in ns, without transmission times. */
double sfe_verify_path_max_delay(const struct sfe_verify_path *p);
/* The transmission times of a frame on all links, in ns. */
double sfe_verify_path_frame_ns(const struct sfe_verify_path *p, uint32_t bytes);
/* The time from frame to frame of a single station that always has frames to send: its time on the
 * link, or on a medium for which stations contend also what contention costs, in the mean. */
double sfe_verify_path_service_ns(const struct sfe_link_spec *spec, uint32_t mtu, uint32_t bytes);
/* How long media for which stations contend may be busy with a frame, and with its sender's backoff
 * after it. 0: there are none. */
double sfe_verify_path_contention_ns(const struct sfe_verify_path *p, uint32_t bytes);
/* The slowest link, where the queue is. */
const struct sfe_link_spec *sfe_verify_path_bottleneck(const struct sfe_verify_path *p);
/* The delay law that varies; NULL if none or more than one does. *constant_ns: the sum of the
 * constant delays, and of what contention adds to a frame that finds its medium idle. *varying: how
 * many laws vary. */
const struct sfe_delay *sfe_verify_path_law(
	const struct sfe_verify_path *p, double *constant_ns, int *varying);
/* The correlation of a delay with the one before. */
double sfe_verify_path_correlation(const struct sfe_verify_path *p);
/* The share of packets that netem sends without delay in order to reorder, on a path of one link.
 * *variance: that of their number among n packets, divided by n. */
double sfe_verify_path_undelayed(const struct sfe_verify_path *p, double *variance);
/* How much longer a frame may take because the kernel's rates are whole bytes per second. */
double sfe_verify_path_rounding_ns(const struct sfe_verify_path *p, uint32_t bytes);
/* The number of packets in packet lists. Where in the list a series begins is not known: it may
 * lose as many packets more or fewer than the share. */
double sfe_verify_path_listed(const struct sfe_verify_path *p);
/* Whether packets are lost, corrupted or duplicated; corrupted; reordered; or wait for slots, as
 * the specifications ask. */
bool sfe_verify_path_disturbed(const struct sfe_verify_path *p);
bool sfe_verify_path_corrupts(const struct sfe_verify_path *p);
bool sfe_verify_path_reorders(const struct sfe_verify_path *p);
bool sfe_verify_path_slotted(const struct sfe_verify_path *p);

#endif

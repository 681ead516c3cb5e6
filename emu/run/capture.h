/* SPDX-License-Identifier: MIT */
/*
 * Captures of a run, through libpcap. One process of the lab holds a packet socket for each capture
 * point and writes what it gets; the orchestrator puts the points of a link or node together into
 * one file in the order of time (capture_files.h).
 *
 * Where packets are captured: of a `node`, `uplink` or `downlink` link where they arrive, at the
 * interface on the other end; of a shared medium as they leave its queue; of a node or junction at
 * all its interfaces, arriving packets as they come in, leaving ones as they leave the queue. So
 * the times are those after the link has shaped them, and each packet that crosses a link is once
 * in the link's capture.
 */
#ifndef SFE_RUN_CAPTURE_H
#define SFE_RUN_CAPTURE_H

#include "emu/experiment/experiment.h"

#define SFE_CAPTURE_RING_BYTES (1u << 20) /* memory of the kernel for each capture point */

struct sfe_capturing {
	pid_t pid; /* 0: nothing is captured */
	int stop;  /* closing it ends the captures */
	int report;
};

/* How many capture points there are: what they need of memory follows. */
uint32_t sfe_capture_points(const struct sfe_experiment *e);

/* Puts together what was captured as the scenario asks for it, with at most so many bytes. */
int sfe_capture_merge(const struct sfe_experiment *e, int results_fd, uint64_t most_bytes,
	struct sfe_error *err);

/* Starts what the scenario asks for; it is listening when this returns. */
int sfe_capture_start(const struct sfe_experiment *e, const struct sfe_net *net, int results_fd,
	bool real_clock, struct sfe_capturing *c, struct sfe_error *err);
/*
 * Ends the captures and writes captures.csv; their pieces are to be put together. *dropped: packets
 * that were too many for it. Does nothing for captures that were not started.
 */
int sfe_capture_end(struct sfe_capturing *c, uint64_t *dropped, struct sfe_error *err);

#endif

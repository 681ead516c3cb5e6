/* SPDX-License-Identifier: MIT */
/*
 * Packet captures of a run, through libpcap. One process of the lab holds a packet socket per
 * capture point and writes the packets; the orchestrator merges the points of a link or node into
 * one file in time order (capture_files.h).
 *
 * Capture points: for a `node`, `uplink` or `downlink` link the interface where packets arrive, at
 * the other end; for a shared medium the exit of its queue; for a node or junction all its
 * interfaces, arriving packets on arrival, departing ones as they leave the queue. So the times are
 * those after shaping, and a link's capture has each of its packets once.
 */
#ifndef SFE_RUN_CAPTURE_H
#define SFE_RUN_CAPTURE_H

#include "emu/experiment/experiment.h"
#include "emu/results/table_columns.h"

#define SFE_CAPTURE_RING_BYTES (1u << 20) /* kernel memory per capture point */

struct sfe_capturing {
	pid_t pid; /* 0: no captures */
	int stop;  /* closing it ends the captures */
	int report;
};

/* The number of capture points, which determines their memory. */
uint32_t sfe_capture_points(const struct sfe_experiment *e);

/* The capture points, without counts; *rows is the caller's (free). */
int sfe_capture_rows(const struct sfe_experiment *e, struct sfe_capture_file_row **rows,
	uint32_t *n, struct sfe_error *err);

/* Puts together what was captured as the scenario asks for it, with at most so many bytes. */
int sfe_capture_merge(
	const struct sfe_experiment *e, int results_fd, uint64_t most_bytes, struct sfe_error *err);

/* Starts what the scenario asks for; it is listening when this returns. */
int sfe_capture_start(const struct sfe_experiment *e, const struct sfe_net *net, int results_fd,
	bool real_clock, struct sfe_capturing *c, struct sfe_error *err);
/*
 * Ends the captures and writes captures.csv; the pieces must be merged afterwards. *dropped:
 * packets lost by the captures. Does nothing if captures were not started.
 */
int sfe_capture_end(struct sfe_capturing *c, uint64_t *dropped, struct sfe_error *err);

#endif

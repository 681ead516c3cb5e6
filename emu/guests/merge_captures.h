/* SPDX-License-Identifier: MIT */
/*
 * Captures: the packets of one strategy follow those of the strategies before it, whose dates are
 * earlier (SFE_GUEST_SLOT_NS). Where the scenario asks for files of a size, a strategy begins a new
 * file; numbers go on, and a ring keeps the newest files of all.
 */
#ifndef SFE_GUESTS_MERGE_CAPTURES_H
#define SFE_GUESTS_MERGE_CAPTURES_H

#include "emu/experiment/experiment.h"
#include "emu/results/table_columns.h"

struct sfe_capture_numbers { /* of the files NAME.N.pcap */
	uint32_t first, next;
};

struct sfe_merged_captures {
	const struct sfe_scenario *scenario;
	int dir;                             /* the results folder */
	struct sfe_capture_file_row *rows;   /* the capture points, with their packets so far */
	struct sfe_capture_numbers *numbers; /* by point; points of one file: that of the first */
	uint32_t n;
};

int sfe_merged_captures_open(struct sfe_merged_captures *c, const struct sfe_experiment *e, int dir,
	struct sfe_error *err);
/* Adds what a strategy has left in the folder part. whole: captures.csv must be there. */
int sfe_merge_captures(struct sfe_merged_captures *c, int part, bool whole, struct sfe_error *err);
void sfe_merged_captures_free(struct sfe_merged_captures *c);

#endif

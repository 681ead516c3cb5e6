/* SPDX-License-Identifier: MIT */
/*
 * What differs between two results folders: file by file, the first difference of each, in words
 * that lead to its cause (row and columns of a table, packet and header field of a capture).
 */
#ifndef SFE_RESULTS_DIFF_H
#define SFE_RESULTS_DIFF_H

#include <stdint.h>
#include <stdio.h>

#include "emu/results/diff_pair.h"
#include "sfemu/error.h"

struct sfe_diff {
	struct sfe_difference *differences; /* the first one is the one to look at */
	struct sfe_difference *notes; /* columns that were added or renamed, and no difference */
	uint32_t n_differences, room, n_notes, room_notes;
	uint32_t n_files; /* that both have */
	uint64_t n_bytes; /* of the first folder's */
};

/* The only things that may differ between two equal runs, since they are facts of the host and its
 * wall clock: a sentence for the user. They are left out of the comparison. */
extern const char sfe_diff_left_out[];

/*
 * -ENOENT, -EIO when a folder cannot be read, -EFBIG when it is larger than results are
 * (results_read.h); differences are no error. Whoever made the folders: only regular files beneath
 * them are read, and a link, a FIFO, a socket or a device is a difference.
 */
int sfe_diff_folders(const char *a, const char *b, struct sfe_diff *out, struct sfe_error *err);
/* A line for each file that differs, or how much is the same. */
void sfe_diff_print(struct sfe_diff *c, FILE *out);
void sfe_diff_free(struct sfe_diff *c);

#endif

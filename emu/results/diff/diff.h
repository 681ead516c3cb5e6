/* SPDX-License-Identifier: MIT */
/*
 * Compares two results folders file by file, and describes the first difference of each file in
 * terms of its cause (row and columns of a table, packet and header field of a capture).
 */
#ifndef SFE_RESULTS_DIFF_H
#define SFE_RESULTS_DIFF_H

#include <stdint.h>
#include <stdio.h>

#include "emu/results/diff/diff_pair.h"
#include "sfemu/error.h"

struct sfe_diff {
	struct sfe_difference *differences; /* sorted, the most informative first */
	struct sfe_difference *notes;       /* added or renamed columns and keys; not differences */
	uint32_t n_differences, room, n_notes, room_notes;
	uint32_t n_files; /* present in both */
	uint64_t n_bytes; /* of the first folder */
};

/* The files and keys that are not compared, because equal runs may differ in them: facts of the
 * host and its wall clock. A sentence for the user. */
extern const char sfe_diff_left_out[];

/*
 * -ENOENT or -EIO when a folder cannot be read, -EFBIG when it exceeds the limits of results
 * (results_read.h); differences are not errors. The folders are not trusted: only regular files
 * beneath them are read, and a link, a FIFO, a socket or a device is a difference.
 */
int sfe_diff_folders(const char *a, const char *b, struct sfe_diff *out, struct sfe_error *err);
/* Prints one line per file that differs; if all are equal, their number and size. */
void sfe_diff_print(struct sfe_diff *c, FILE *out);
void sfe_diff_free(struct sfe_diff *c);

#endif

/* SPDX-License-Identifier: MIT */
/* The kinds of files that sfe_diff_folders can take apart. */
#ifndef SFE_RESULTS_DIFF_INTERNAL_H
#define SFE_RESULTS_DIFF_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>

#include "emu/results/diff.h"

/* One file of both folders: what it is called, its descriptors, and but for a capture its bytes.
 * They are not the same. */
struct sfe_pair {
	const char *path_a, *path_b;
	int fd_a, fd_b;
	const char *a, *b;
	size_t size_a, size_b;
};

/* Each fills what (and at_ns) with the first difference; false when there is none that counts. */
bool sfe_diff_table(const struct sfe_pair *pair, struct sfe_difference *d);
bool sfe_diff_capture(const struct sfe_pair *pair, struct sfe_difference *d);
bool sfe_diff_manifest(const struct sfe_pair *pair, struct sfe_difference *d);
bool sfe_diff_scenario(const struct sfe_pair *pair, struct sfe_difference *d);
bool sfe_diff_text(const struct sfe_pair *pair, struct sfe_difference *d);

#endif

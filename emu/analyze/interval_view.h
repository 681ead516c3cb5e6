/* SPDX-License-Identifier: MIT */
/*
 * Goodput over time as a table. Empty intervals have rows too, unless a capture would have more
 * than SFE_INTERVALS_MAX rows: where a clock jumped by years, they are left out.
 */
#ifndef SFE_ANALYZE_INTERVAL_VIEW_H
#define SFE_ANALYZE_INTERVAL_VIEW_H

#include "emu/analyze/view_rows.h"

struct sfe_bin_row {
	char capture[SFE_FILE_BYTES];
	double time_s, goodput_bps;
};

extern const struct sfe_table sfe_bin_view;

/* Makes an array of n rows, which the caller frees. 0 or -ENOMEM. */
int sfe_view_bins(const struct sfe_analysis *a, void **rows, size_t *n);
/* How many empty intervals of a capture have no rows. */
uint64_t sfe_view_hidden_bins(const struct sfe_capture_counts *c);

#endif

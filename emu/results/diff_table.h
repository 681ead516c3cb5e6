/* SPDX-License-Identifier: MIT */
/* Two CSV files that differ. */
#ifndef SFE_RESULTS_DIFF_TABLE_H
#define SFE_RESULTS_DIFF_TABLE_H

#include <stdbool.h>

#include "emu/results/diff_pair.h"

/* Fills what, columns and at_ns with the first difference; false when there is none that counts. */
bool sfe_diff_table(const struct sfe_pair *pair, struct sfe_difference *d);

#endif

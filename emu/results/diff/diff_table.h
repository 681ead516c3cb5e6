/* SPDX-License-Identifier: MIT */
/* Compares two CSV files. */
#ifndef SFE_RESULTS_DIFF_TABLE_H
#define SFE_RESULTS_DIFF_TABLE_H

#include <stdbool.h>

#include "emu/results/diff/diff_pair.h"

/* Fills what, columns and at_ns with the first difference; false: none that counts. */
bool sfe_diff_table(const struct sfe_pair *pair, struct sfe_difference *d);

#endif

/* SPDX-License-Identifier: MIT */
/* Compares two captures. */
#ifndef SFE_RESULTS_DIFF_CAPTURE_H
#define SFE_RESULTS_DIFF_CAPTURE_H

#include <stdbool.h>

#include "emu/results/diff/diff_pair.h"

/* Fills what, columns and at_ns with the first difference; false: none that counts. */
bool sfe_diff_capture(const struct sfe_pair *pair, struct sfe_difference *d);

#endif

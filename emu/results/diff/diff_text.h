/* SPDX-License-Identifier: MIT */
/* Compares two texts, manifests or scenarios. */
#ifndef SFE_RESULTS_DIFF_TEXT_H
#define SFE_RESULTS_DIFF_TEXT_H

#include <stdbool.h>

#include "emu/results/diff/diff_pair.h"

/* Fills what, columns and at_ns with the first difference; false: none that counts. */
bool sfe_diff_manifest(const struct sfe_pair *pair, struct sfe_difference *d);
bool sfe_diff_scenario(const struct sfe_pair *pair, struct sfe_difference *d);
bool sfe_diff_text(const struct sfe_pair *pair, struct sfe_difference *d);

#endif

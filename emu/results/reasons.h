/* SPDX-License-Identifier: MIT */
/* Why jobs were not done, in one line: each reason with how often, the most frequent first; those
 * that differ only in the node, the state or the step are one. */
#ifndef SFE_RESULTS_REASONS_H
#define SFE_RESULTS_REASONS_H

#include "emu/measure/record.h"

/* "12 x its client crashed; 3 x …; 2 for other reasons"; "" if all were done. -ENOMEM. */
int sfe_reasons(const struct sfe_replay *r, char *buf, size_t size);

#endif

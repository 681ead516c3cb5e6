/* SPDX-License-Identifier: MIT */
/* Why jobs were not done, in one line: each reason with its count, most frequent first. Reasons
 * that differ only in node, state or step are counted together. */
#ifndef SFE_RESULTS_FAILURE_REASONS_H
#define SFE_RESULTS_FAILURE_REASONS_H

#include "emu/measure/replay_record.h"

/* "12 x its client crashed; 3 x …; 2 for other reasons"; "" if all jobs are done. -ENOMEM. */
int sfe_reasons(const struct sfe_replay *r, char *buf, size_t size);

#endif

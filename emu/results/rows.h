/* SPDX-License-Identifier: MIT */
/* From what was measured under a strategy to the rows of the CSV files. */
#ifndef SFE_RESULTS_ROWS_H
#define SFE_RESULTS_ROWS_H

#include "emu/measure/record.h"

/* The lab's files. Each replay is appended; the first one writes the header. Puts the replay's
 * records in order. */
int sfe_results_write_replay(int fd, const struct sfe_experiment *e, struct sfe_replay *r,
	bool first, struct sfe_error *err);

#endif

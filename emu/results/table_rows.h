/* SPDX-License-Identifier: MIT */
/* Writes a replay's measurements to the CSV files. table_columns.h has their columns. */
#ifndef SFE_RESULTS_TABLE_ROWS_H
#define SFE_RESULTS_TABLE_ROWS_H

#include "emu/measure/replay_record.h"

/* Writes the lab's files. The first replay writes the headers, later ones append. Sorts the
 * replay's records. */
int sfe_results_write_replay(int fd, const struct sfe_experiment *e, struct sfe_replay *r,
	bool first, struct sfe_error *err);

#endif

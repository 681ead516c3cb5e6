/* SPDX-License-Identifier: MIT */
/* Reads a results folder for the report. */
#ifndef SFE_REPORT_RUN_READ_H
#define SFE_REPORT_RUN_READ_H

#include "emu/report/run.h"

/*
 * Limits for the topology of a folder, which may be anybody's: destinations of paths times
 * vertices; hops of all transfers together; cables times strategies. Each keeps the report below a
 * few hundred MB or a few seconds.
 */
#define SFE_REPORT_MAX_PATHS (1ull << 27)
#define SFE_REPORT_MAX_CROSSINGS (1ull << 26)
#define SFE_REPORT_MAX_CABLES 500000u
/* Memory for the rows of all tables of all runs of a report. */
#define SFE_REPORT_MAX_ROW_BYTES (1ull << 30)

/* Reads the files beneath the folder of a descriptor; folder is its name. It is an error if it is
 * not a results folder. Anything else that cannot be read becomes a note of the run.
 * The rows of its tables are taken from *room bytes, of which a report of several runs has
 * SFE_REPORT_MAX_ROW_BYTES in all. */
int sfe_report_run_read(int dir, const char *folder, uint64_t *room, struct sfe_report_run *run,
	struct sfe_error *err);

#endif

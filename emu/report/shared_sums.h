/* SPDX-License-Identifier: MIT */
/* What became of the accesses to states that outlive jobs, by strategy: for the end of `sfemu run`.
 */
#ifndef SFE_REPORT_SHARED_SUMS_H
#define SFE_REPORT_SHARED_SUMS_H

#include <stdio.h>

#include "sfemu/error.h"
#include "sfemu/summary.h"

/* summary: the rows of summary.csv. Prints nothing of a run without such states. */
int sfe_shared_sums_print(const struct sfe_summary *summary, unsigned n_summary, int results_fd,
	FILE *out, struct sfe_error *err);

#endif

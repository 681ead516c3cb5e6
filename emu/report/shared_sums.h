/* SPDX-License-Identifier: MIT */
/* What became of the accesses to states that outlive jobs, by strategy: for the end of `sfemu run`.
 */
#ifndef SFE_REPORT_SHARED_SUMS_H
#define SFE_REPORT_SHARED_SUMS_H

#include <stdio.h>

#include "sfemu/error.h"

/* Prints nothing of a run without such states. */
int sfe_shared_sums_print(int results_fd, FILE *out, struct sfe_error *err);

#endif

/* SPDX-License-Identifier: MIT */
/* What strategies that choose one for each job have chosen, and lost by it. */
#ifndef SFE_CLI_CHOICES_H
#define SFE_CLI_CHOICES_H

#include <stdio.h>

#include "sfemu/scenario.h"

/* A line for each such strategy, from choices.csv and regret.csv; nothing without one. 0, or a
 * negative errno. */
int choices_print(const struct sfe_scenario *s, int results_fd, FILE *out, struct sfe_error *err);

#endif

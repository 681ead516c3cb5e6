/* SPDX-License-Identifier: MIT */
/* `sfemu check FILE`: reads scenarios as a run would. */
#ifndef SFE_CLI_CHECK_SCENARIO_H
#define SFE_CLI_CHECK_SCENARIO_H

#include <stdint.h>

/* Prints a line for each file, its errors on stderr. The exit status: 0 if all can be run. */
int sfe_check_scenarios(char *const *files, int n, const char *const *sets, uint32_t n_sets);

#endif

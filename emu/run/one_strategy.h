/* SPDX-License-Identifier: MIT */
/* How a guest is told that it is to run one strategy of its scenario: a file of its results. */
#ifndef SFE_RUN_ONE_STRATEGY_H
#define SFE_RUN_ONE_STRATEGY_H

#include <stdint.h>

#include "sfemu/error.h"

#define SFE_ONE_STRATEGY_FILE "strategy.txt"

/* number: from 1. 0: all, and no file is written. */
int sfe_one_strategy_write(uint32_t number, int results_fd, struct sfe_error *err);
int sfe_one_strategy_read(uint32_t *number, int results_fd, struct sfe_error *err);

#endif

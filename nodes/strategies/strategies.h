/* SPDX-License-Identifier: MIT */
/* The strategies by their public descriptions. */
#ifndef SFE_NODES_STRATEGIES_H
#define SFE_NODES_STRATEGIES_H

#include "nodes/worker/strategy.h"

/* NULL if no strategy with this interface version implements it. */
const struct strategy *strategy_find(const struct sfe_strategy_info *info);

#endif

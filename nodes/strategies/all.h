/* SPDX-License-Identifier: MIT */
/* The strategies, one file each. To add one, write its file and name it here and in strategies.c.
 */
#ifndef SFE_NODES_ALL_STRATEGIES_H
#define SFE_NODES_ALL_STRATEGIES_H

#include "nodes/worker/strategy.h"

extern const struct strategy strategy_pure_faas, strategy_state_propagate, strategy_state_local,
	strategy_unchained_external, strategy_unchained_in_edge, strategy_unchained_in_function,
	strategy_unchained_in_client;

#endif

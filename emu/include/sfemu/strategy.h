/* SPDX-License-Identifier: MIT */
/*
 * The strategies by name: what the pure layers need to know of them. How each one acts stands in
 * nodes/strategies/.
 */
#ifndef SFEMU_STRATEGY_H
#define SFEMU_STRATEGY_H

#ifdef __cplusplus
extern "C" {
#endif

#define SFE_MAX_STRATEGIES 8

enum sfe_store { SFE_STORE_NONE, SFE_STORE_CENTRAL, SFE_STORE_CLOUD };

struct sfe_strategy_info {
	const char *name; /* as in scenarios, tables and headers on the wire */
	const char *summary;
	enum sfe_store store; /* whether all states are on one node, and which */
};

extern const struct sfe_strategy_info sfe_pure_faas, sfe_state_propagate, sfe_state_local,
	sfe_unchained_external, sfe_unchained_in_edge, sfe_unchained_in_function,
	sfe_unchained_in_client;

/* By name (case counts), NULL if there is none. */
const struct sfe_strategy_info *sfe_strategy_find(const char *name);
/* The i-th of all strategies, in the order that lists and tables show; NULL past the last. */
const struct sfe_strategy_info *sfe_strategy_at(unsigned i);

#ifdef __cplusplus
}
#endif

#endif

/* SPDX-License-Identifier: MIT */
/*
 * The strategies by name. nodes/strategies/ implements them.
 */
#ifndef SFEMU_STRATEGY_H
#define SFEMU_STRATEGY_H

#ifdef __cplusplus
extern "C" {
#endif

#define SFE_MAX_STRATEGIES 8

enum sfe_store { SFE_STORE_NONE, SFE_STORE_CENTRAL, SFE_STORE_CLOUD };

struct sfe_strategy_info {
	const char *name; /* as in scenarios, tables and HTTP headers */
	const char *summary;
	enum sfe_store store; /* the node that holds all states, if there is one */
};

extern const struct sfe_strategy_info sfe_pure_faas, sfe_state_propagate, sfe_state_local,
	sfe_unchained_external, sfe_unchained_in_edge, sfe_unchained_in_function,
	sfe_unchained_in_client;

/* By its name, which is case-sensitive; NULL if there is none. */
const struct sfe_strategy_info *sfe_strategy_find(const char *name);
/* The i-th of all strategies, in the order of lists and tables; NULL past the last. */
const struct sfe_strategy_info *sfe_strategy_at(unsigned i);

#ifdef __cplusplus
}
#endif

#endif

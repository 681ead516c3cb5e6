/* SPDX-License-Identifier: MIT */
/* Loads the flat keys of a scenario with libcyaml: each value as the user's text. */
#ifndef SFE_SCENARIO_SCENARIO_SCHEMA_H
#define SFE_SCENARIO_SCENARIO_SCHEMA_H

#include "emu/model/scenario/scenario_keys.h"

struct sfe_scenario_texts {
	char *text[SFE_MAX_KEYS]; /* of sfe_keys[i]; NULL: not in the file */
	char **strategy;          /* the list of strategies */
	uint32_t n_strategies;
};

/* Free *out with sfe_scenario_texts_free after success. Errors have file:line. */
int sfe_scenario_texts_load(const char *yaml, size_t len, const char *file,
	struct sfe_scenario_texts **out, struct sfe_error *err);
void sfe_scenario_texts_free(struct sfe_scenario_texts *texts);

#endif

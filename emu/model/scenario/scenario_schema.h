/* SPDX-License-Identifier: MIT */
/* The keys of a scenario as libcyaml loads them: every value as the text that the user wrote. */
#ifndef SFE_SCENARIO_SCENARIO_SCHEMA_H
#define SFE_SCENARIO_SCENARIO_SCHEMA_H

#include "emu/model/scenario/scenario_keys.h"

struct sfe_scenario_texts {
	char *text[SFE_MAX_KEYS]; /* of sfe_keys[i]; NULL: not in the file */
	char **strategy;          /* the one list */
	uint32_t n_strategies;
};

/* On success *out is to be freed with sfe_scenario_texts_free. Errors have file:line. */
int sfe_scenario_texts_load(const char *yaml, size_t len, const char *file,
	struct sfe_scenario_texts **out, struct sfe_error *err);
void sfe_scenario_texts_free(struct sfe_scenario_texts *texts);

#endif

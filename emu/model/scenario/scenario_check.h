/* SPDX-License-Identifier: MIT */
/* Checks a scenario: the keys of its file before they are converted, and the rules between keys. */
#ifndef SFE_SCENARIO_SCENARIO_CHECK_H
#define SFE_SCENARIO_SCENARIO_CHECK_H

#include "emu/model/scenario/scenario_reader.h"

/* All keys of r->tree are known, and have values, groups and lists as their types require. */
int sfe_scenario_check_keys(const struct sfe_scenario_reader *r);
/* The keys of r->s fit together. */
int sfe_scenario_check_rules(const struct sfe_scenario_reader *r);

#endif

/* SPDX-License-Identifier: MIT */
/* The options of `sfemu estimate`, and what the scenario says where they say nothing. */
#ifndef SFE_CLI_ESTIMATE_OPTIONS_H
#define SFE_CLI_ESTIMATE_OPTIONS_H

#include "emu/cli/base/verb.h"
#include "sfemu/estimate.h"
#include "sfemu/scenario.h"

#define ESTIMATE_MAX_OPTIONS 32u

struct estimate_options {
	const char *scenario, *nodes, *links, *edges, *tasks;
	const char **sets;
	uint32_t n_sets;
	/* By option: on the command line, which has precedence over the scenario. */
	bool given[ESTIMATE_MAX_OPTIONS];
	bool csv, json, wide, quiet, gain;
	enum sfe_direction direction;
	struct sfe_workload_params workload;
	const char *strategies[SFE_MAX_STRATEGIES];
	const struct sfe_scenario *plugins; /* whose plugins are to be compared; NULL: none */
	struct sfe_comparison_params params;
};

extern const struct sfe_option estimate_option_table[]; /* of the verb */

/* 0: go on; -1: help was printed; else the exit status, after one line on stderr. */
int estimate_options_parse(
	const struct sfe_verb *verb, int argc, char **argv, struct estimate_options *o);
/* Takes the values of the scenario where the command line gives none. 0, or the exit status. */
int estimate_options_scenario(struct estimate_options *o, const struct sfe_scenario *s);

#endif

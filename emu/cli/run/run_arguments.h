/* SPDX-License-Identifier: MIT */
/* The options of `sfemu run`. */
#ifndef SFE_CLI_RUN_ARGUMENTS_H
#define SFE_CLI_RUN_ARGUMENTS_H

#include "emu/cli/base/verb.h"
#include "emu/run/supervise.h"

struct run_arguments {
	const char *file, *into;
	const char **sets;
	uint32_t n_sets;
	char *capture; /* the names of all --capture so far */
	struct sfe_supervise_options options;
	uint64_t repeats;   /* 0: one run */
	uint64_t parallel;  /* guests at a time; 0: one for each core */
	uint64_t memory_mb; /* of guests at a time; 0: what is available */
	bool json, wide;
	bool ignore_commands;
};

extern const struct sfe_option run_option_table[]; /* of the verb */

/* 0: go on; 1: help was printed; negative: bad usage, after one line on stderr. */
int run_arguments_parse(
	const struct sfe_verb *verb, int argc, char **argv, struct run_arguments *a);

#endif

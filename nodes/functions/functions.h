/* SPDX-License-Identifier: MIT */
/* The functions that a worker has. */
#ifndef SFE_NODES_FUNCTIONS_H
#define SFE_NODES_FUNCTIONS_H

#include "sfemu/function.h"

/* Mixes everything that it is given into everything that it gives: see mix.c. */
extern const struct sfe_function_plugin function_mix;

/*
 * The plugin that serves this function name; NULL if none with the right ABI does. The functions of
 * a workload (f0, f1, …) have no code of their own, all of them are `mix`, which takes the name in.
 */
const struct sfe_function_plugin *function_find(const char *name);

#endif

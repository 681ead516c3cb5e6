/* SPDX-License-Identifier: MIT */
/* The function plugins of a worker. */
#ifndef SFE_NODES_FUNCTIONS_H
#define SFE_NODES_FUNCTIONS_H

#include "sfemu/function.h"

/*
 * The plugin for a function name; NULL if it has another ABI version. The functions of a workload
 * (f0, f1, …) have no plugins of their own: all of them are `mix`, for which the name is an input.
 */
const struct sfe_function_plugin *function_find(const char *name);

#endif

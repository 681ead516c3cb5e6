/* SPDX-License-Identifier: MIT */
#ifndef SFE_NODES_MIX_H
#define SFE_NODES_MIX_H

#include "sfemu/function.h"

/* Mixes its whole input into its whole output: see mix.c. */
extern const struct sfe_function_plugin function_mix;

#endif

/* SPDX-License-Identifier: MIT */
/* The file of a sweep. */
#ifndef SFE_SWEEP_SWEEP_PARSE_H
#define SFE_SWEEP_SWEEP_PARSE_H

#include "emu/sweep/sweep.h"

/* Reads s->file, the path of the sweep's file, into the rest of s. */
int sfe_sweep_parse(struct sfe_sweep *s, struct sfe_error *err);

#endif

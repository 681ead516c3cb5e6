/* SPDX-License-Identifier: MIT */
/* Refuses a congestion control that the chosen kernel does not have, before anything is built. */
#ifndef SFE_EXPERIMENT_CONGESTION_H
#define SFE_EXPERIMENT_CONGESTION_H

#include <stdbool.h>

#include "sfemu/error.h"

/* Natively the kernel is asked, which loads the module as the first route would. */
int sfe_congestion_check(const char *name, bool native, bool virtual_clock, struct sfe_error *err);
/* The i-th of a guest; NULL: no more. The first two are in every kernel. */
const char *sfe_congestion_of_guest(bool virtual_clock, unsigned i);

#endif

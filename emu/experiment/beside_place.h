/* SPDX-License-Identifier: MIT */
/* Finds which programs run in which nodes, and which flows go from which to which. */
#ifndef SFE_EXPERIMENT_BESIDE_PLACE_H
#define SFE_EXPERIMENT_BESIDE_PLACE_H

#include "emu/experiment/experiment.h"

/* Fills programs and flows. Refuses, with the place in the scenario, what matches no node, and more
 * than SFE_MAX_PROGRAMS or SFE_MAX_FLOWS. */
int sfe_beside_place(struct sfe_experiment *e, struct sfe_error *err);

#endif

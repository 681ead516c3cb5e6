/* SPDX-License-Identifier: MIT */
/* Which steps of a job depend on which states, and which versions follow from that. */
#ifndef SFE_NODES_DEPENDENCIES_H
#define SFE_NODES_DEPENDENCIES_H

#include <stdbool.h>

#include "sfemu/workload.h"

bool step_depends(const struct sfe_job *job, uint32_t step, uint32_t state);
/* Whether any step from `next` on depends on the state. */
bool state_needed_from(const struct sfe_job *job, uint32_t state, uint32_t next);
/*
 * The version that a state has before the step: the number of earlier steps that depend on it. With
 * any other version the step would repeat a change, or miss one.
 */
uint64_t state_version_before(const struct sfe_job *job, uint32_t state, uint32_t step);

#endif

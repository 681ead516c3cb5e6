/* SPDX-License-Identifier: MIT */
/* The schedule of an experiment: the links that it is played on, and whether it can be played. */
#ifndef SFE_EXPERIMENT_SCHEDULE_CHECK_H
#define SFE_EXPERIMENT_SCHEDULE_CHECK_H

#include "emu/experiment/experiment.h"

/* The links of an experiment, as a schedule is played on them; there (from sfe_links_directions) is
 * borrowed. */
struct sfe_schedule_links sfe_schedule_links_of(const struct sfe_experiment *e, const bool *there);
/* "up", "down", or "both" for a medium of half duplex. */
const char *sfe_schedule_direction(
	const struct sfe_experiment *e, uint32_t link, enum sfe_link_direction direction);
/* Refuses what no link can be, before anything is built. */
int sfe_schedule_check_of(const struct sfe_experiment *e, struct sfe_error *err);

#endif

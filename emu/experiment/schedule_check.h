/* SPDX-License-Identifier: MIT */
/* The schedule of an experiment: the links it applies to, and whether it can be played. */
#ifndef SFE_EXPERIMENT_SCHEDULE_CHECK_H
#define SFE_EXPERIMENT_SCHEDULE_CHECK_H

#include "emu/experiment/experiment.h"

/* The experiment's links for a schedule. present (from sfe_links_directions) is borrowed. */
struct sfe_schedule_links sfe_schedule_links_of(
	const struct sfe_experiment *e, const bool *present);
/* "up", "down", or "both" for a half-duplex medium. */
const char *sfe_schedule_direction(
	const struct sfe_experiment *e, uint32_t link, enum sfe_link_direction direction);
/* Refuses changes to invalid specifications, before a network exists. */
int sfe_schedule_check_of(const struct sfe_experiment *e, struct sfe_error *err);
/*
 * Refuses what only the guest kernel of the virtual clock can play: outages, and specifications
 * that sfe_links_check_kernel refuses. Of endless schedules the beginning is looked at.
 */
int sfe_schedule_check_kernel(
	const struct sfe_experiment *e, bool own_guest_kernel, struct sfe_error *err);

#endif

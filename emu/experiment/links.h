/* SPDX-License-Identifier: MIT */
/* What each link of an experiment does: its kind's keys, its topology's row, the rules of `links:`.
 */
#ifndef SFE_EXPERIMENT_LINKS_H
#define SFE_EXPERIMENT_LINKS_H

#include "emu/net/plan.h"
#include "sfemu/scenario.h"

/* Two a link, by direction; *out is the caller's (free), and borrows the scenario's files. Every
 * error is the input's. */
int sfe_links_resolve(const struct sfe_scenario *s, const struct sfe_plan *plan,
	struct sfe_link_spec **out, struct sfe_error *err);

/* Which directions there are, two a link: a cable's link may lead one way only. Media have both
 * until their duplex is known. The caller's; NULL when out of memory. */
bool *sfe_links_directions(const struct sfe_plan *plan);

/* The direction in which a path goes through a link, from one of its vertices to another. Media
 * count as the first. */
enum sfe_link_direction sfe_links_direction(
	const struct sfe_plan *plan, uint32_t link, uint32_t before, uint32_t after);

/*
 * Refuses what the kernel that was chosen cannot do: only the guest kernel of the virtual clock
 * (tools/guest-kernel) correlates delays; netem elsewhere draws by the low bits of its correlated
 * numbers, which have nothing in common.
 */
int sfe_links_check_kernel(
	const struct sfe_link_spec *link, uint32_t n, bool own_guest_kernel, struct sfe_error *err);
/* The same of what links do later. */
int sfe_schedule_check_kernel(
	const struct sfe_schedule *schedule, bool own_guest_kernel, struct sfe_error *err);

#endif

/* SPDX-License-Identifier: MIT */
/* The specification of each link of an experiment: from its kind's keys, its row in the
 * topology, and the rules of `links:`. */
#ifndef SFE_EXPERIMENT_LINK_SPECS_H
#define SFE_EXPERIMENT_LINK_SPECS_H

#include "emu/net/plan.h"
#include "sfemu/scenario.h"

/* Two specifications per link, by direction; free *out. It borrows the scenario's files. Every
 * error is an input error. */
int sfe_links_resolve(const struct sfe_scenario *s, const struct sfe_plan *plan,
	struct sfe_link_spec **out, struct sfe_error *err);

/* Which directions exist, two per link: a cable's link may be one-way. Media have both as long
 * as their duplex mode is unknown. The caller's; NULL: out of memory. */
bool *sfe_links_directions(const struct sfe_plan *plan);

/* The direction in which a path crosses a link, from one adjacent vertex to the other. Media
 * return the first. */
enum sfe_link_direction sfe_links_direction(
	const struct sfe_plan *plan, uint32_t link, uint32_t before, uint32_t after);

/*
 * Refuses attributes that the chosen kernel lacks: only the guest kernel of the virtual clock
 * (tools/guest-kernel) lets stations contend for a medium, correlates delays, and loses what was
 * asked for where it duplicates too. Elsewhere netem selects delays by the low bits of its
 * correlated numbers, and those are uncorrelated; and it keeps a packet that is to be lost and to
 * be duplicated.
 */
int sfe_links_check_kernel(
	const struct sfe_link_spec *link, uint32_t n, bool own_guest_kernel, struct sfe_error *err);

#endif

/* SPDX-License-Identifier: MIT */
#include "emu/experiment/schedule_check.h"

#include <errno.h>
#include <stdlib.h>

#include "emu/experiment/link_specs.h"

struct sfe_schedule_links sfe_schedule_links_of(const struct sfe_experiment *e, const bool *present)
{
	return (struct sfe_schedule_links){
		.n_nodes = e->topology->n_nodes,
		.node = e->topology->nodes,
		.n = e->topology->n_links,
		.link = e->topology->links,
		.spec = e->link,
		.present = present,
		.mtu = e->scenario->tcp.mtu,
		.seed = e->scenario->seed,
		.files = e->scenario->files,
	};
}

const char *sfe_schedule_direction(
	const struct sfe_experiment *e, uint32_t link, enum sfe_link_direction direction)
{
	bool half = e->topology->links[link].kind == SFE_LINK_SHARED &&
		    !e->link[SFE_DIRECTIONS * link].full_duplex;

	return half ? "both" : direction == SFE_UP ? "up" : "down";
}

int sfe_schedule_check_of(const struct sfe_experiment *e, struct sfe_error *err)
{
	bool *present;
	int r;

	if (!e->scenario->schedule.n)
		return 0;
	present = sfe_links_directions(e->plan);
	if (!present)
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	struct sfe_schedule_links links = sfe_schedule_links_of(e, present);
	r = sfe_schedule_check(&e->scenario->schedule, &links, err);
	free(present);
	return r;
}

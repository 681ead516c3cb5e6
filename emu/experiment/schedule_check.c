/* SPDX-License-Identifier: MIT */
#include "emu/experiment/schedule_check.h"

#include <errno.h>
#include <stdlib.h>

#include "emu/experiment/link_specs.h"

#define CHECKED_STEPS 20000u

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

static int check_outages(const struct sfe_schedule *schedule, struct sfe_error *err)
{
	for (uint32_t i = 0; i < schedule->n; i++)
		if (schedule->entry[i].trace.outages)
			return sfe_fail_at(err, -EINVAL, schedule->entry[i].rule.file,
				schedule->entry[i].rule.line,
				"set clock: virtual, or use a trace without outages",
				"schedule: a trace with outages needs a queue that can be held, "
				"which only the guest kernel of the virtual clock has");
	return 0;
}

struct checking {
	const struct sfe_experiment *e;
	struct sfe_error *err;
};

static int check_change(const struct sfe_schedule_change *change, void *arg)
{
	const struct checking *c = arg;
	struct sfe_error cause = {0};

	if (!change->spec || !sfe_links_check_kernel(change->spec, 1, false, &cause))
		return 0;
	return sfe_fail(c->err, -EINVAL, cause.where, cause.todo, "schedule: link %s: %s",
		c->e->topology->links[change->link].name, cause.what);
}

int sfe_schedule_check_kernel(
	const struct sfe_experiment *e, bool own_guest_kernel, struct sfe_error *err)
{
	struct checking c = {e, err};
	struct sfe_player *p = NULL;
	bool *present;
	int r;

	if (own_guest_kernel || !e->scenario->schedule.n)
		return 0;
	if ((r = check_outages(&e->scenario->schedule, err)))
		return r;
	present = sfe_links_directions(e->plan);
	if (!present)
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	struct sfe_schedule_links links = sfe_schedule_links_of(e, present);
	r = sfe_player_new(&e->scenario->schedule, &links, &p, err);
	for (unsigned i = 0; !r && i < CHECKED_STEPS && sfe_player_next(p) != SFE_NEVER; i++)
		r = sfe_player_step(p, check_change, &c, err);
	sfe_player_free(p);
	free(present);
	return r;
}

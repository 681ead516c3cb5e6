/* SPDX-License-Identifier: MIT */
/* What a player is made of: schedule_play.c plays a schedule, schedule_act.c what is done by hand
 * meanwhile. */
#ifndef SFE_MODEL_SCHEDULE_PLAYER_H
#define SFE_MODEL_SCHEDULE_PLAYER_H

#include "sfemu/schedule.h"

struct sfe_cursor { /* of an element */
	uint64_t begin_ns, next_ns;
	uint32_t begun;
	uint32_t step; /* of the ramp that is going on, 0: none is; of the trace, from 0 */
	struct sfe_link_spec *start; /* what it began with, two a link */
};

struct sfe_player {
	const struct sfe_schedule *schedule;
	struct sfe_schedule_links links;
	struct sfe_cursor *cursor;
	struct sfe_link_spec *spec; /* as they are, but for being down */
	bool *down;
	bool *set; /* of nodes: the partition that was last */
};

/* Whether the rule means a direction that is there. A medium of half duplex has one. */
bool sfe_player_means(
	const struct sfe_player *p, const struct sfe_link_rule *rule, uint32_t l, int direction);
/* Refuses an element that means no link, or half a queue. */
int sfe_player_check(
	struct sfe_player *p, const struct sfe_schedule_entry *e, struct sfe_error *err);
/* What a direction does: all is lost while it is down. */
struct sfe_link_spec sfe_player_as_it_is(const struct sfe_player *p, uint32_t i);
/* Changes every direction that an element of links means. */
int sfe_player_change(struct sfe_player *p, const struct sfe_schedule_entry *e,
	const struct sfe_cursor *c, int (*each)(const struct sfe_schedule_change *, void *),
	void *arg, struct sfe_error *err);

#endif

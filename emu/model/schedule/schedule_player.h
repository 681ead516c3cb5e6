/* SPDX-License-Identifier: MIT */
/* What a player is made of: schedule_play.c plays a schedule, chaos_play.c its random faults,
 * schedule_act.c manual changes meanwhile; schedule_state.c says what everything is now. */
#ifndef SFE_SCHEDULE_SCHEDULE_PLAYER_H
#define SFE_SCHEDULE_SCHEDULE_PLAYER_H

#include "sfemu/schedule.h"

struct sfe_chaos_event { /* the beginning or the end of a fault */
	uint64_t at_ns;
	uint32_t fault;
	bool over;
};

struct sfe_chaos_play {
	struct sfe_faults faults;
	struct sfe_chaos_event *events; /* two a fault, in the order of time */
};

struct sfe_cursor { /* of an element */
	uint64_t begin_ns, next_ns;
	uint32_t begun;
	uint32_t step; /* of the ramp that is going on, 0: none is; of the trace or chaos, from 0 */
	struct sfe_link_spec *start; /* what it began with, two a link */
	struct sfe_chaos_play chaos;
};

struct sfe_active { /* a fault that is going on */
	uint32_t entry, fault;
};

struct sfe_player {
	const struct sfe_schedule *schedule;
	struct sfe_schedule_links links;
	struct sfe_cursor *cursor;
	struct sfe_link_spec *spec; /* as they are, but for being down and for faults of a chaos */
	bool *down;
	bool *set;     /* of nodes: those of the element that was looked at last */
	bool *crashed; /* by crash: and restart: */
	bool *apart;   /* by partition:, if is_apart */
	bool is_apart;
	struct sfe_active *active; /* of all chaos, in the order in which they began */
	uint32_t n_active, room_active;
};

/* A direction that is there. A medium of half duplex has one. */
bool sfe_player_has(const struct sfe_player *p, uint32_t l, int direction);
/* Whether the rule means a direction that is there. */
bool sfe_player_means(
	const struct sfe_player *p, const struct sfe_link_rule *rule, uint32_t l, int direction);
/* Refuses an element that means no link, or half a queue. */
int sfe_player_check(
	struct sfe_player *p, const struct sfe_schedule_entry *e, struct sfe_error *err);
/* What a direction does now: its own, with what the faults that are going on make of it; all is
 * lost while it is down. */
struct sfe_link_spec sfe_player_as_it_is(const struct sfe_player *p, uint32_t i);
bool sfe_player_crashed(const struct sfe_player *p, uint32_t node);
/* The nodes that are apart now, NULL if none are: those of the fault that began last. */
const bool *sfe_player_apart(const struct sfe_player *p);
/* Of a change whose act is a crash or a restart: node, already, and text. before: was it down? */
void sfe_player_describe_crash(
	const struct sfe_player *p, uint32_t node, bool before, struct sfe_schedule_change *out);
/* Changes every direction that an element of links means. */
int sfe_player_change(struct sfe_player *p, const struct sfe_schedule_entry *e,
	const struct sfe_cursor *c, int (*each)(const struct sfe_schedule_change *, void *),
	void *arg, struct sfe_error *err);

int sfe_chaos_play_begin(struct sfe_player *p, uint32_t entry, struct sfe_error *err);
int sfe_chaos_play_step(struct sfe_player *p, uint32_t entry,
	int (*each)(const struct sfe_schedule_change *, void *), void *arg, struct sfe_error *err);
void sfe_chaos_play_free(struct sfe_chaos_play *c);

#endif

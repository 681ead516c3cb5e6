/* SPDX-License-Identifier: MIT */
/*
 * The state of a player, shared by its parts: schedule_play.c plays a schedule, chaos_play.c its
 * random faults, schedule_apply.c manual changes; schedule_state.c computes the present state of
 * links and nodes.
 */
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
	struct sfe_chaos_event *events; /* two per fault, by time */
};

struct sfe_cursor { /* the progress of an element */
	uint64_t begin_ns, next_ns;
	uint32_t begun;
	uint32_t step; /* step of the running ramp, 0: none; of a trace or chaos from 0 */
	struct sfe_link_spec *start; /* the specifications at the ramp's start, two per link */
	struct sfe_chaos_play chaos;
};

struct sfe_active { /* an active fault */
	uint32_t entry, fault;
};

struct sfe_player {
	const struct sfe_schedule *schedule;
	struct sfe_schedule_links links;
	struct sfe_cursor *cursor;
	struct sfe_link_spec *
		spec; /* as set by links and schedule, without down and without faults of a chaos */
	bool *down;
	bool *set;       /* nodes of the element handled last */
	bool *crashed;   /* by crash: and restart: */
	bool *partition; /* by partition:, if partitioned */
	bool partitioned;
	struct sfe_active *active; /* of all chaos elements, in order of beginning */
	uint32_t n_active, room_active;
};

/* Whether the direction exists. A half-duplex medium has one. */
bool sfe_player_direction_exists(const struct sfe_player *p, uint32_t l, int direction);
/* Whether the rule selects the direction, and it exists. */
bool sfe_player_selects(
	const struct sfe_player *p, const struct sfe_link_rule *rule, uint32_t l, int direction);
/* Refuses an element that selects no link, or one direction of a half-duplex medium. */
int sfe_player_check(
	struct sfe_player *p, const struct sfe_schedule_entry *e, struct sfe_error *err);
/* The effective specification of a direction: its own, modified by the active faults; down loses
 * all packets. */
struct sfe_link_spec sfe_player_effective_spec(const struct sfe_player *p, uint32_t i);
bool sfe_player_crashed(const struct sfe_player *p, uint32_t node);
/* The nodes that are cut off now, by the fault that began last; NULL: none. */
const bool *sfe_player_partition(const struct sfe_player *p);
/* Fills node, already and text of a crash or restart. before: whether the node was down. */
void sfe_player_describe_crash(
	const struct sfe_player *p, uint32_t node, bool before, struct sfe_schedule_change *out);
/* Changes every direction that an element selects. */
int sfe_player_change(struct sfe_player *p, const struct sfe_schedule_entry *e,
	const struct sfe_cursor *c, int (*each)(const struct sfe_schedule_change *, void *),
	void *arg, struct sfe_error *err);

int sfe_chaos_play_begin(struct sfe_player *p, uint32_t entry, struct sfe_error *err);
int sfe_chaos_play_step(struct sfe_player *p, uint32_t entry,
	int (*each)(const struct sfe_schedule_change *, void *), void *arg, struct sfe_error *err);
void sfe_chaos_play_free(struct sfe_chaos_play *c);

#endif

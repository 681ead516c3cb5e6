/* SPDX-License-Identifier: MIT */
/* Carries out a replay's schedule in the network: each change at its time, by a timer that the
 * replay polls. */
#ifndef SFE_RUN_REPLAY_CHANGES_H
#define SFE_RUN_REPLAY_CHANGES_H

#include "emu/measure/replay_record.h"

/* Tells the node's worker to behave as killed, or as restarted. */
typedef int sfe_crash_fn(void *arg, uint32_t node, bool restart, struct sfe_error *err);

struct sfe_changes {
	const struct sfe_experiment *e;
	struct sfe_net *net;
	struct sfe_replay *out;
	struct sfe_player *player;
	bool *present; /* which directions exist */
	int timer;     /* readable when a change is due; -1: no schedule */
	uint32_t room;
	sfe_crash_fn *crash;
	void *arg;             /* argument of crash */
	struct sfe_error *err; /* set while a step is played */
};

/* Starts the timer; times count from start_ns of CLOCK_MONOTONIC. Changes are recorded in out.
 * begin: the links at the start. */
int sfe_changes_start(struct sfe_changes *c, const struct sfe_experiment *e, struct sfe_net *net,
	const struct sfe_player *begin, struct sfe_replay *out, sfe_crash_fn *crash, void *arg,
	struct sfe_error *err);
/* Makes all changes that are due, and sets the timer for the next. */
int sfe_changes_due(struct sfe_changes *c, struct sfe_error *err);
/* Time since the start of the replay; 0 before it. */
uint64_t sfe_changes_now(const struct sfe_changes *c);
/* Makes a manual change (played by live_changes.h) in the network, and records it. */
int sfe_changes_manual(
	struct sfe_changes *c, const struct sfe_schedule_change *change, struct sfe_error *err);
/* Records a change without making it. */
int sfe_changes_note(
	struct sfe_changes *c, const struct sfe_schedule_change *change, struct sfe_error *err);
/* Frees memory. The links stay as they are; sfe_net_restart resets them. */
void sfe_changes_end(struct sfe_changes *c);

#endif

/* SPDX-License-Identifier: MIT */
/* A replay's schedule, carried out: each change at its time, by a timer that the replay waits for.
 */
#ifndef SFE_RUN_CHANGES_H
#define SFE_RUN_CHANGES_H

#include "emu/measure/record.h"

/* Tells the node's worker to be as one that was killed, or as one that was started again. */
typedef int sfe_crash_fn(void *arg, uint32_t node, bool restart, struct sfe_error *err);

struct sfe_changes {
	const struct sfe_experiment *e;
	struct sfe_net *net;
	struct sfe_replay *out;
	struct sfe_player *player;
	bool *there; /* which directions there are */
	int timer;   /* readable when something is due; -1 without schedule */
	uint32_t room;
	sfe_crash_fn *crash;
	void *arg;             /* of crash */
	struct sfe_error *err; /* while a step is played */
};

/* Starts the timer; times count from start_ns of CLOCK_MONOTONIC. What happens is added to out.
 * begin: how the links are. */
int sfe_changes_start(struct sfe_changes *c, const struct sfe_experiment *e, struct sfe_net *net,
	const struct sfe_player *begin, struct sfe_replay *out, sfe_crash_fn *crash, void *arg,
	struct sfe_error *err);
/* Makes all changes that are due and sets the timer for the next. */
int sfe_changes_due(struct sfe_changes *c, struct sfe_error *err);
/* Since the start of the replay, 0 before it. */
uint64_t sfe_changes_now(const struct sfe_changes *c);
/* A change that was made by hand (by who plays it, live.h): makes it in the network, too, and adds
 * it. */
int sfe_changes_manual(
	struct sfe_changes *c, const struct sfe_schedule_change *change, struct sfe_error *err);
/* Adds what happened without doing anything. */
int sfe_changes_note(
	struct sfe_changes *c, const struct sfe_schedule_change *change, struct sfe_error *err);
/* Frees what there is. The links stay as they are; sfe_net_restart puts them back. */
void sfe_changes_end(struct sfe_changes *c);

#endif

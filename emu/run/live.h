/* SPDX-License-Identifier: MIT */
/*
 * What the lab answers while it runs: how its links are (`sfemu links`), and changes of them by
 * hand (`sfemu link`). The orchestrator passes requests on, one at a time and each a line of JSON
 * (relay.h), and the answers back. On the virtual clock nobody asks: what comes from outside would
 * not come at the same time again.
 *
 * What was done by hand holds until the end of the run: each strategy begins with it.
 */
#ifndef SFE_RUN_LIVE_H
#define SFE_RUN_LIVE_H

#include "emu/run/changes.h"

struct sfe_live {
	const struct sfe_experiment *e;
	struct sfe_net *net;
	int fd, channel; /* fd: -1: nobody can ask */
	bool *there;
	struct sfe_schedule none;
	/* The links of the scenario with all that was done by hand: how a replay begins. */
	struct sfe_player *standing;
	struct sfe_link_spec
		*start; /* the same, with those lossy that are down: for sfe_net_params */
	struct sfe_changes *replay; /* that of the replay that runs; NULL in between */
	char *in;                   /* a request that is not all here yet */
	size_t len;
	struct sfe_error *err; /* while a request is served */
	struct json_object *changed;
};

/* Before the network is built. Takes fd. */
int sfe_live_open(struct sfe_live *l, const struct sfe_experiment *e, int fd, int channel,
	struct sfe_error *err);
void sfe_live_close(struct sfe_live *l);
/* The network is there: from now on requests are answered. */
void sfe_live_begin(struct sfe_live *l, struct sfe_net *net);

/* A replay begins (its changes are to begin with l->standing), or has ended (NULL). Says in its
 * events what was done by hand before it. */
int sfe_live_replay(struct sfe_live *l, struct sfe_changes *replay, struct sfe_error *err);

/* Reads what there is, and answers each request that is complete. What is refused is no error; that
 * the links could be brought neither to what was asked nor back is one. */
int sfe_live_serve(struct sfe_live *l, struct sfe_error *err);
/* Serves until a process has ended that is our child. */
int sfe_live_wait(struct sfe_live *l, pid_t pid, struct sfe_error *err);
/* Serves for ever; returns only an error. */
int sfe_live_hold(struct sfe_live *l, struct sfe_error *err);

#endif

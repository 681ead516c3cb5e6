/* SPDX-License-Identifier: MIT */
/*
 * Requests that the lab answers while it runs: the state of its links (`sfemu links`), manual
 * changes of them (`sfemu link`), and commands (`sfemu exec` in a guest). The orchestrator forwards
 * requests one at a time, each a line of JSON (request_relay.h), and returns the answers. The
 * virtual clock allows no requests: their time would differ in every run.
 *
 * Manual changes last until the end of the run: each strategy begins with them.
 */
#ifndef SFE_RUN_LIVE_CHANGES_H
#define SFE_RUN_LIVE_CHANGES_H

#include "emu/run/control/guest_exec.h"
#include "emu/run/replay_changes.h"

struct sfe_live {
	const struct sfe_experiment *e;
	struct sfe_net *net;
	int fd, channel; /* fd -1: no requests */
	bool *present;
	struct sfe_schedule none;
	/* The scenario's links with all manual changes: the start of a replay. */
	struct sfe_player *standing;
	struct sfe_link_spec *start; /* the same, with links that are down losing all packets: for
					sfe_net_params */
	struct sfe_changes *replay;  /* of the running replay; NULL between replays */
	char *in;                    /* an incomplete request */
	size_t len;
	struct sfe_exec_sessions exec;
	struct sfe_error *err; /* set while a request is served */
	struct json_object *changed;
};

/* Before the network is built. Owns fd. */
int sfe_live_open(struct sfe_live *l, const struct sfe_experiment *e, int fd, int channel,
	struct sfe_error *err);
void sfe_live_close(struct sfe_live *l);
/* The network exists: answers requests from now on. */
void sfe_live_begin(struct sfe_live *l, struct sfe_net *net);

/* A replay begins (its changes start from l->standing) or has ended (NULL). Records earlier
 * manual changes as events. */
int sfe_live_replay(struct sfe_live *l, struct sfe_changes *replay, struct sfe_error *err);

/* Reads the available input and answers each complete request. A refused request is not an
 * error; links that reach neither the requested nor the old state are. */
int sfe_live_serve(struct sfe_live *l, struct sfe_error *err);
/* Serves requests until a child process has ended. */
int sfe_live_wait(struct sfe_live *l, pid_t pid, struct sfe_error *err);
/* Serves requests for ever; returns only on errors. */
int sfe_live_hold(struct sfe_live *l, struct sfe_error *err);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * What runs beside the jobs of a replay: commands of --during, the scenario's programs, and its
 * traffic. In order: open, begin, serve as often as the descriptor is readable, end, count, close.
 */
#ifndef SFE_BESIDE_BESIDE_H
#define SFE_BESIDE_BESIDE_H

#include "emu/beside/node_commands.h"
#include "emu/beside/running_commands.h"
#include "emu/beside/traffic.h"

struct sfe_beside_program; /* whether it has begun, and been ended */

struct sfe_beside {
	const struct sfe_experiment *e;
	const struct sfe_lab_commands *commands;
	struct sfe_running running;
	bool began;                         /* the commands of --during */
	struct sfe_beside_program *program; /* by program of the experiment */
	struct sfe_traffic_run traffic;
	int epoll, timer; /* epoll is readable when something is to do; -1: never */
};

/* Whether anything runs beside the jobs. */
bool sfe_beside_any(const struct sfe_experiment *e, const struct sfe_lab_commands *commands);
/* Whether time 0 must be at SFE_COMMANDS_UPTIME_NS at the earliest. */
bool sfe_beside_commands(const struct sfe_experiment *e, const struct sfe_lab_commands *commands);

/* sfe_beside_close is needed in any case. */
int sfe_beside_open(struct sfe_beside *b, const struct sfe_experiment *e, const struct sfe_net *net,
	const struct sfe_lab_commands *commands, struct sfe_error *err);
/* Lets all begin at zero_ns of the place. */
int sfe_beside_begin(
	struct sfe_beside *b, const struct sfe_command_place *place, struct sfe_error *err);
/* Begins and ends what is due. */
int sfe_beside_serve(struct sfe_beside *b, struct sfe_error *err);
/*
 * The jobs are over: ends everything. Commands that are due at this very time have begun before.
 * failed: an error that ended the jobs; it is returned, and err is left as it is.
 */
int sfe_beside_end(struct sfe_beside *b, int failed, struct sfe_error *err);
/* What the flows have transported, for the replay's record. */
int sfe_beside_count(struct sfe_beside *b, struct sfe_flow_count **out, struct sfe_error *err);
void sfe_beside_close(struct sfe_beside *b);

#endif

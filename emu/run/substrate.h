/* SPDX-License-Identifier: MIT */
/* Selects the substrate and clock of a scenario on this machine. */
#ifndef SFE_RUN_SUBSTRATE_H
#define SFE_RUN_SUBSTRATE_H

#include "emu/beside/node_commands.h"
#include "emu/experiment/experiment.h"

struct sfe_substrate_choice {
	enum sfe_substrate substrate; /* native or vm */
	enum sfe_clock clock;         /* real or virtual */
	char kernel[512];             /* the guest's kernel */
};

/* Resolves the scenario's `substrate` and `clock` on this machine, and checks the scenario on it.
 * An error says what is missing. */
int sfe_substrate_choose(
	const struct sfe_scenario *s, struct sfe_substrate_choice *out, struct sfe_error *err);

/* Refuses a scenario that the chosen kernel cannot run; of another scenario with the same choice.
 */
int sfe_substrate_check(const struct sfe_scenario *s, const struct sfe_substrate_choice *choice,
	struct sfe_error *err);

/* Refuses links and changes of links that the chosen kernel cannot emulate (link_specs.h), and a
 * network that is larger than this machine's limits allow (machine_limits.h). */
int sfe_substrate_check_experiment(const struct sfe_experiment *e,
	const struct sfe_substrate_choice *choice, struct sfe_error *err);

/* Chooses, and checks all that is refused before a results folder is made: links, changes, limits,
 * functions and their files, programs of commands. */
int sfe_substrate_for_run(const struct sfe_experiment *e, const struct sfe_lab_commands *commands,
	struct sfe_substrate_choice *out, struct sfe_error *err);

/* The choice and its consequence, in one line for people. */
const char *sfe_substrate_text(const struct sfe_substrate_choice *choice);

#endif

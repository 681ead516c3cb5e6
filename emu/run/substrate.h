/* SPDX-License-Identifier: MIT */
/* Which substrate and clock a scenario runs on here. */
#ifndef SFE_RUN_SUBSTRATE_H
#define SFE_RUN_SUBSTRATE_H

#include "sfemu/scenario.h"

struct sfe_substrate_choice {
	enum sfe_substrate substrate; /* native or vm */
	enum sfe_clock clock;         /* real or virtual */
	char kernel[512];             /* the guest's */
};

/* What `substrate` and `clock` of the scenario become on this machine; an error says what is
 * missing. */
int sfe_substrate_choose(
	const struct sfe_scenario *s, struct sfe_substrate_choice *out, struct sfe_error *err);

/* What was chosen and what follows, in a line for a person. */
const char *sfe_substrate_text(const struct sfe_substrate_choice *choice);

#endif

/* SPDX-License-Identifier: MIT */
/* Which substrate and clock a scenario runs on here. */
#ifndef SFE_RUN_SUBSTRATE_H
#define SFE_RUN_SUBSTRATE_H

#include "sfemu/scenario.h"

struct sfe_substrate_choice {
	enum sfe_substrate substrate; /* native or vm */
	enum sfe_clock clock;         /* real or virtual */
	char kernel[512];             /* the guest's */
	char note[256];               /* why not the first choice; empty if it is */
};

/* What `substrate` and `clock` of the scenario become on this machine; an error says what is
 * missing. */
int sfe_substrate_choose(
	const struct sfe_scenario *s, struct sfe_substrate_choice *out, struct sfe_error *err);

#endif

/* SPDX-License-Identifier: MIT */
/* How a lab is started, natively or in a guest, and by what it is reached. */
#ifndef SFE_RUN_SUPERVISE_START_H
#define SFE_RUN_SUPERVISE_START_H

#include "emu/run/supervisor.h"

/* Starts the lab on the substrate that was chosen, and all that it is reached by. */
int sfe_supervisor_start(struct supervisor *s, const struct sfe_experiment *e, int results_fd,
	struct sfe_error *err);

#endif

/* SPDX-License-Identifier: MIT */
/* Starts a lab natively or in a guest, with its channels. */
#ifndef SFE_RUN_SUPERVISE_START_H
#define SFE_RUN_SUPERVISE_START_H

#include "emu/run/supervisor.h"

/* Why a lab on the virtual clock takes no requests. */
extern const char sfe_virtual_clock_refusal[];

/* Starts the lab on the chosen substrate, and opens its channels. */
int sfe_supervisor_start(struct supervisor *s, const struct sfe_experiment *e, int results_fd,
	struct sfe_error *err);

#endif

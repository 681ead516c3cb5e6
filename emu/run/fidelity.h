/* SPDX-License-Identifier: MIT */
/*
 * Could the machine keep up? On the real clock an emulation that is late gives wrong figures, and
 * must say so.
 */
#ifndef SFE_RUN_FIDELITY_H
#define SFE_RUN_FIDELITY_H

#include "emu/run/replay.h"

struct sfe_monitor {
	pid_t pid;
	struct sfe_monitor_shared *shared;
};

/* Starts a process that sleeps and notes how late it is woken. */
int sfe_monitor_start(struct sfe_monitor *m, struct sfe_error *err);
/* Ends it and says what it saw; does nothing for a monitor that was not started. */
void sfe_monitor_end(struct sfe_monitor *m, struct sfe_fidelity *out);

/* Whether the figures hold; if not, why is filled. */
bool sfe_fidelity_ok(const struct sfe_fidelity *f, char *why, size_t size);

#endif

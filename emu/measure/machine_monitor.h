/* SPDX-License-Identifier: MIT */
/* Monitors the machine while a strategy's jobs run on the real clock. fidelity.h judges the
 * result. */
#ifndef SFE_MEASURE_MACHINE_MONITOR_H
#define SFE_MEASURE_MACHINE_MONITOR_H

#include <sys/types.h>

#include "emu/measure/fidelity.h"
#include "sfemu/error.h"

struct sfe_monitor {
	pid_t pid;
	struct sfe_monitor_shared *shared;
};

/* Starts a process that sleeps and records how late it wakes up. */
int sfe_monitor_start(struct sfe_monitor *m, struct sfe_error *err);
/* Ends it and returns its measurements. Does nothing if the monitor was not started. */
void sfe_monitor_end(struct sfe_monitor *m, struct sfe_fidelity *out);

#endif

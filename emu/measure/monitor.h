/* SPDX-License-Identifier: MIT */
/* Watches the machine while a strategy's jobs run on the real clock; fidelity.h judges it. */
#ifndef SFE_MEASURE_MONITOR_H
#define SFE_MEASURE_MONITOR_H

#include <sys/types.h>

#include "emu/measure/fidelity.h"
#include "sfemu/error.h"

struct sfe_monitor {
	pid_t pid;
	struct sfe_monitor_shared *shared;
};

/* Starts a process that sleeps and notes how late it is woken. */
int sfe_monitor_start(struct sfe_monitor *m, struct sfe_error *err);
/* Ends it and says what it saw; does nothing for a monitor that was not started. */
void sfe_monitor_end(struct sfe_monitor *m, struct sfe_fidelity *out);

#endif

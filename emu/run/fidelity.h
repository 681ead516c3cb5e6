/* SPDX-License-Identifier: MIT */
/*
 * Could the machine keep up? On the real clock an emulation that is late gives wrong figures, and
 * must say so.
 */
#ifndef SFE_RUN_FIDELITY_H
#define SFE_RUN_FIDELITY_H

#include <stdbool.h>
#include <stddef.h>

#include "emu/run/kernel_counters.h"

/* What was seen while a strategy's jobs ran; NaN: this kernel does not say it. */
struct sfe_fidelity {
	bool real_clock; /* else nothing is measured, and nothing has to be */
	bool measured;
	double watched_s;
	double timer_late_p99_s, timer_late_max_s; /* how late a sleeping process is woken */
	double cpu_idle_share;                     /* of the CPU time: what was left */
	double cpu_stolen_share;                   /* of it: what a hypervisor gave to others */
	double softirq_squeezes; /* how often packets were left for a later round */
	double backlog_drops;    /* packets that the kernel itself had no room for */
	double run_delay_s;      /* how long a task that can run waits for its turn, in the mean */
	double cpu_pressure_share; /* of the time: at least one task waited to run */
};

#define SFE_VERDICT_BYTES 320
#define SFE_DEGRADED "degraded: "

/* "virtual", "ok", or "degraded: why; why". */
void sfe_fidelity_verdict(const struct sfe_fidelity *f, char *out, size_t size);
/* Of a verdict: why the figures are not valid, or NULL if they are. */
const char *sfe_fidelity_why(const char *verdict);
/* Which of the signs this kernel does not have, and why; "" if it has all. */
void sfe_fidelity_not_measured(const struct sfe_fidelity *f, char *out, size_t size);
/* The counters' part, from what they were before and after. */
void sfe_fidelity_count(const struct sfe_kernel_counters *before,
	const struct sfe_kernel_counters *after, struct sfe_fidelity *f);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Could the machine keep up? On the real clock an emulation that is late gives wrong figures, and
 * must say so.
 */
#ifndef SFE_MEASURE_FIDELITY_H
#define SFE_MEASURE_FIDELITY_H

#include <stdbool.h>
#include <stddef.h>

#include "emu/measure/kernel_counters.h"

/* What was seen while a strategy's jobs ran; NaN: this kernel does not say it. */
struct sfe_fidelity {
	bool real_clock; /* else nothing is measured, and nothing has to be */
	bool measured;
	bool monitor_ended; /* before the jobs did */
	double watched_s;
	double silent_s; /* of it, at its end: since the last sample of a timer */
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
#define SFE_UNKNOWN "unknown: "

/*
 * "virtual", "ok", "degraded: why; why", or, where the machine was not watched to the end of the
 * jobs, "unknown: why; why": what was seen until then is no proof that it kept up.
 */
void sfe_fidelity_verdict(const struct sfe_fidelity *f, char *out, size_t size);
/* Of a verdict: why nobody can vouch for the figures, or NULL if they are valid. */
const char *sfe_fidelity_why(const char *verdict);
/* Of one that is neither "ok" nor "virtual": whether that is known. */
bool sfe_fidelity_is_unknown(const char *verdict);
/* Which of the signs this kernel does not have, and why; "" if it has all. */
void sfe_fidelity_not_measured(const struct sfe_fidelity *f, char *out, size_t size);
/* The counters' part, from what they were before and after. */
void sfe_fidelity_count(const struct sfe_kernel_counters *before,
	const struct sfe_kernel_counters *after, struct sfe_fidelity *f);

#endif

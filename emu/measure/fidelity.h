/* SPDX-License-Identifier: MIT */
/*
 * Could the machine keep up? On the real clock a late emulation gives wrong results, and the
 * verdict must report it.
 */
#ifndef SFE_MEASURE_FIDELITY_H
#define SFE_MEASURE_FIDELITY_H

#include <stdbool.h>
#include <stddef.h>

#include "emu/measure/kernel_counters.h"

/* Measurements while a strategy's jobs ran; NaN: not available in this kernel. */
struct sfe_fidelity {
	bool real_clock; /* false: nothing is measured, and nothing needs to be */
	bool measured;
	bool monitor_ended; /* the monitor ended before the jobs */
	double watched_s;
	double silent_s;                           /* the part of it since the last timer sample */
	double timer_late_p99_s, timer_late_max_s; /* how late a sleeping process wakes up */
	double cpu_idle_share;                     /* idle part of the CPU time */
	double cpu_stolen_share;   /* part of the CPU time taken by the hypervisor */
	double softirq_squeezes;   /* receive rounds that left packets, per second */
	double backlog_drops;      /* packets dropped because the kernel's backlog was full */
	double reordered;          /* segments that arrived after a later one, as TCP saw it */
	double run_delay_s;        /* mean time that a runnable task waits */
	double cpu_pressure_share; /* part of the time in which at least one task waited */
};

#define SFE_VERDICT_BYTES 320
#define SFE_DEGRADED "degraded: "
#define SFE_UNKNOWN "unknown: "

/*
 * "virtual", "ok", "degraded: why; why", or "unknown: why; why" if the machine was not monitored to
 * the end of the jobs: samples until then do not prove that it kept up.
 */
void sfe_fidelity_verdict(const struct sfe_fidelity *f, char *out, size_t size);
/* Why a verdict's results may be invalid; NULL: they are valid. */
const char *sfe_fidelity_why(const char *verdict);
/* For a verdict other than "ok" and "virtual": whether the monitoring was incomplete. */
bool sfe_fidelity_is_unknown(const char *verdict);
/* Which measurements this kernel lacks, and why; "": none. */
void sfe_fidelity_not_measured(const struct sfe_fidelity *f, char *out, size_t size);
/* Computes the counter-based members from the counters before and after. */
void sfe_fidelity_count(const struct sfe_kernel_counters *before,
	const struct sfe_kernel_counters *after, struct sfe_fidelity *f);

#endif

/* SPDX-License-Identifier: MIT */
/* What the kernel counts of its own work and waiting, summed over processors, since it booted. */
#ifndef SFE_MEASURE_KERNEL_COUNTERS_H
#define SFE_MEASURE_KERNEL_COUNTERS_H

/* NaN: this kernel does not count it. */
struct sfe_kernel_counters {
	double idle, stolen, all; /* /proc/stat: ticks; idle is also waiting for a disk */
	/* /proc/net/softnet_stat: packets that the backlog had no room for, and how often a round
	 * of receiving ended with packets left */
	double backlog_drops, squeezes;
	double run_delay_ns, turns; /* /proc/schedstat: waiting to run, and runs, of all tasks */
	double pressure_us;         /* /proc/pressure/cpu: while at least one task waited to run */
};

/* proc: "/proc", or a folder with such files. */
void sfe_kernel_counters_read(const char *proc, struct sfe_kernel_counters *out);

#endif

/* SPDX-License-Identifier: MIT */
/* The kernel's counters of its work and waiting since boot, summed over processors. */
#ifndef SFE_MEASURE_KERNEL_COUNTERS_H
#define SFE_MEASURE_KERNEL_COUNTERS_H

/* NaN: not available in this kernel. */
struct sfe_kernel_counters {
	double idle, stolen, all; /* /proc/stat: ticks; idle includes waiting for a disk */
	/* /proc/net/softnet_stat: packets dropped by the full backlog; receive rounds that left
	 * packets */
	double backlog_drops, squeezes;
	double run_delay_ns,
		turns;      /* /proc/schedstat: waiting time and number of runs, all tasks */
	double pressure_us; /* /proc/pressure/cpu: time with at least one waiting task */
};

/* proc: "/proc", or a folder with the same files. */
void sfe_kernel_counters_read(const char *proc, struct sfe_kernel_counters *out);

#endif

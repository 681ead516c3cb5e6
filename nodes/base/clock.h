/* SPDX-License-Identifier: MIT */
/* The clock of all of nodes/: CLOCK_MONOTONIC in nanoseconds. */
#ifndef SFE_NODES_CLOCK_H
#define SFE_NODES_CLOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/*
 * The virtual clock stands while a process computes. Workers on it read it once in a turn of their
 * loop, as in the guest each reading is a system call of 10 to 20 us.
 */
struct sfe_kept_time {
	bool stands;      /* what was read is kept */
	uint64_t turn_ns; /* 0: not read in this turn */
};
extern struct sfe_kept_time sfe_kept_time;

/* For a turn of the loop, and after all that may have waited. */
static inline void clock_forget(void)
{
	sfe_kept_time.turn_ns = 0;
}

/* A turn begins at `now`, which the kernel has said already. */
static inline void clock_turn(uint64_t now)
{
	sfe_kept_time.turn_ns = sfe_kept_time.stands ? now : 0;
}

static inline uint64_t now_ns(void)
{
	struct timespec t;

	if (sfe_kept_time.turn_ns)
		return sfe_kept_time.turn_ns;
	clock_gettime(CLOCK_MONOTONIC, &t);
	uint64_t now = (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
	if (sfe_kept_time.stands)
		sfe_kept_time.turn_ns = now;
	return now;
}

#endif

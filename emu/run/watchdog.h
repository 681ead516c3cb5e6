/* SPDX-License-Identifier: MIT */
/*
 * Checks that a guest with a virtual clock makes progress. Its time stands still while a process
 * computes, which is normal; a process that never waits stops it for ever.
 */
#ifndef SFE_RUN_WATCHDOG_H
#define SFE_RUN_WATCHDOG_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "emu/vm/guest.h"

#define SFE_WATCHDOG_CHECK_MS 500

struct sfe_watchdog {
	unsigned patience_s;
	struct timespec looked;
	uint64_t time_ns, entries;
	unsigned time_stood_ms, process_ran_ms; /* wall time since the last change */
	unsigned silent_ms;                     /* the same, since the caller last set it to 0 */
};

/* patience_s 0: 20 s. */
void sfe_watchdog_begin(struct sfe_watchdog *watchdog, unsigned patience_s);
/* Whether this guest publishes its clock; progress may be NULL. */
bool sfe_watchdog_available(const volatile struct sfe_guest_progress *progress);

/* The node of a network namespace by its inode number; NULL: none. */
typedef const char *sfe_node_of_netns(const void *context, uint32_t netns);

/*
 * Call it every SFE_WATCHDOG_CHECK_MS or more often. Returns -ETIME, with the process, its node and
 * the time, when the clock stands longer than the patience because a process makes no system calls,
 * or only yields the processor. A process that makes other system calls may be working and gets ten
 * times as long. Else 0; always 0 if the guest does not publish its clock.
 */
int sfe_watchdog_check(struct sfe_watchdog *watchdog,
	const volatile struct sfe_guest_progress *progress, sfe_node_of_netns *node_of,
	const void *context, struct sfe_error *err);

#endif

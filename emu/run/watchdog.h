/* SPDX-License-Identifier: MIT */
/*
 * Whether a guest with a virtual clock still gets anywhere. Its time stands while a process
 * computes, which is as it should be; a process that never waits stops it for ever.
 */
#ifndef SFE_RUN_WATCHDOG_H
#define SFE_RUN_WATCHDOG_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "emu/vm/guest.h"

#define SFE_WATCHDOG_LOOK_MS 500

struct sfe_watchdog {
	unsigned patience_s;
	struct timespec looked;
	uint64_t time_ns, entries;
	unsigned time_stood_ms, process_ran_ms; /* wall time that went by since it was that */
	unsigned silent_ms;                     /* the same, since the caller has set it to 0 */
};

/* patience_s 0: 20 s. */
void sfe_watchdog_begin(struct sfe_watchdog *watchdog, unsigned patience_s);
/* Whether this guest shows its clock; progress may be NULL. */
bool sfe_watchdog_sees(const volatile struct sfe_guest_progress *progress);

/* Which node a network namespace is, by its inode number; NULL if it is none. */
typedef const char *sfe_node_of_netns(const void *context, uint32_t netns);

/*
 * To be called every SFE_WATCHDOG_LOOK_MS or more often. 0, or -ETIME with what stands, where and
 * for how long, once that is longer than the patience: a process that asks the kernel for nothing
 * all that time, or only to yield the processor. One that keeps asking for other things may do
 * work: it is given ten times as long. Where the guest does not show its clock: always 0.
 */
int sfe_watchdog_look(struct sfe_watchdog *watchdog,
	const volatile struct sfe_guest_progress *progress, sfe_node_of_netns *node_of,
	const void *context, struct sfe_error *err);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Processor sharing: a computer whose speed, in operations/s, is shared equally by all jobs that
 * are active on it. A pure data structure: the time is a parameter (nanoseconds of any clock), and
 * no function waits.
 *
 * The virtual-time algorithm: V is the service, in operations, that an entry has got which has been
 * active all the time. V grows at speed / max(k, cores) while k entries are active. An entry of
 * `ops` operations that arrives at V departs at V + ops, so the order of departures is known at
 * once, and an arrival or a departure costs O(log k).
 */
#ifndef SFE_NODES_PROCESSOR_SHARING_H
#define SFE_NODES_PROCESSOR_SHARING_H

#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#define PS_NEVER UINT64_MAX

struct ps_entry {           /* part of a struct of the caller's */
	double due;         /* V at which it departs */
	uint64_t order;     /* of arrival: breaks ties between entries that depart together */
	uint64_t finish_ns; /* valid once ps_pop has given it */
	STAILQ_ENTRY(ps_entry) next;
};

struct ps {
	double speed_ops; /* per second, of all cores */
	uint32_t cores;   /* an entry gets one of them at most; 0: all of them */
	double served;    /* V; set to 0 whenever nothing is active */
	uint64_t last_ns; /* the time at which V had this value */
	uint64_t arrivals;
	struct ps_entry **heap;
	size_t n, room;
	STAILQ_HEAD(, ps_entry) finished;
};

/* speed_ops must be greater than 0. */
void ps_init(struct ps *ps, double speed_ops, uint32_t cores);
void ps_clear(struct ps *ps);

/* Adds an entry at now_ns; a time before that of an earlier call counts as that. 0 or -ENOMEM. */
int ps_add(struct ps *ps, struct ps_entry *entry, uint64_t now_ns, uint64_t ops);

/* The next entry that has departed by now_ns, in the order of departures; NULL if there is none. */
struct ps_entry *ps_pop(struct ps *ps, uint64_t now_ns);

/* When the next entry departs if nothing else arrives, rounded to the nearest ns; PS_NEVER if none
 * is active. */
uint64_t ps_next_ns(const struct ps *ps);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Processor sharing: a computer of a speed in operations/s, shared equally by all that run on it at
 * a time. A pure data structure: the time is passed in (nanoseconds of any clock), nothing is
 * waited for.
 *
 * The virtual-time algorithm: V is what each entry that is active all the time has been served, in
 * operations; it grows with speed / k while k are active. An entry of `ops` that comes at V is over
 * at V + ops, so the order of finishing is known at once and an arrival or an end costs O(log k).
 */
#ifndef SFE_NODES_PROCESSOR_SHARING_H
#define SFE_NODES_PROCESSOR_SHARING_H

#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#define PS_NEVER UINT64_MAX

struct ps_entry {       /* part of what is computed; belongs to the caller */
	double due;     /* V at which it is over */
	uint64_t order; /* of arrival: who came first is first over, of those that are over at once
			 */
	uint64_t finish_ns; /* valid once ps_pop has given it */
	STAILQ_ENTRY(ps_entry) next;
};

struct ps {
	double speed_ops; /* per second */
	double served;    /* V; begins anew from 0 whenever nothing is active */
	uint64_t last_ns; /* when V was that */
	uint64_t arrivals;
	struct ps_entry **heap;
	size_t n, room;
	STAILQ_HEAD(, ps_entry) finished;
};

/* speed_ops must be greater than 0. */
void ps_init(struct ps *ps, double speed_ops);
void ps_clear(struct ps *ps);

/* Begins to serve the entry. now_ns that lies before an earlier one counts as that one. 0 or
 * -ENOMEM. */
int ps_add(struct ps *ps, struct ps_entry *entry, uint64_t now_ns, uint64_t ops);

/* The next entry that was over by now_ns, in order of finishing; NULL if there is none. */
struct ps_entry *ps_pop(struct ps *ps, uint64_t now_ns);

/* When the next entry will be over if nothing else arrives, rounded to the nearest ns; PS_NEVER if
 * none is active. */
uint64_t ps_next_ns(const struct ps *ps);

#endif

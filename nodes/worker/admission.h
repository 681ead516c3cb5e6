/* SPDX-License-Identifier: MIT */
/*
 * Which invocations a node lets in, within the limits of the scenario's `nodes:`: so many of a
 * function at a time, in so much memory, each in an instance of its function, which takes time to
 * start. The others wait, first come, first served; one that is stopped by its function's limit
 * does not hold up those of other functions. A pure data structure: the time is a parameter.
 */
#ifndef SFE_NODES_ADMISSION_H
#define SFE_NODES_ADMISSION_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/queue.h>

#include "sfemu/node_limits.h"

struct admission_entry { /* part of a struct of the caller's; all zero: has not asked */
	uint32_t function;
	uint64_t bytes; /* of memory, while it is in */
	bool waiting, in;
	uint64_t asked_ns;
	uint64_t queued_ns; /* how long it waited; valid once it is in */
	uint64_t cold_ns;   /* the time in which its instance starts; 0: one was idle */
	TAILQ_ENTRY(admission_entry) next;
};

struct admission {
	struct sfe_node_limits limits;
	uint32_t n_functions;
	struct admission_function { /* its instances */
		uint32_t busy, n_idle, room;
		uint64_t *idle_since; /* ascending */
	} * function;
	uint64_t bytes; /* of those that are in */
	TAILQ_HEAD(, admission_entry) queue;
};

/* 0 or -ENOMEM. Functions have the numbers 0 to n_functions - 1. */
int admission_open(struct admission *a, const struct sfe_node_limits *limits, uint32_t n_functions);
/* Forgets all instances and who waits; also if it was not opened. */
void admission_close(struct admission *a);
/* Whether there is any limit. Else nobody needs to ask. */
bool admission_limits(const struct admission *a);

/* The entry, with its function and bytes, wants in. false: it needs more than all memory. */
bool admission_ask(struct admission *a, struct admission_entry *entry, uint64_t now_ns);
/* The next one that is let in now; NULL: none. To be called after each ask and leave until then. */
struct admission_entry *admission_next(struct admission *a, uint64_t now_ns);
/* It has ended, or does not want any more. Its instance is idle from now on. */
void admission_leave(struct admission *a, struct admission_entry *entry, uint64_t now_ns);

#endif

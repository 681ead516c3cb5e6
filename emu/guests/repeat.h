/* SPDX-License-Identifier: MIT */
/* Repeats a run, several at a time, and compares the results byte by byte. */
#ifndef SFE_GUESTS_REPEAT_H
#define SFE_GUESTS_REPEAT_H

#include <stdbool.h>
#include <stdint.h>

#include "sfemu/error.h"

struct sfe_repeat {
	int dir;            /* the folder, which nobody else can write or reach */
	const char *folder; /* holds repeat-01, repeat-02, … and their output, repeat-01.log, … */
	uint32_t n, parallel; /* runs in all; at a time */
	unsigned guests;      /* of one run at a time: it gets as many cores */
	uint64_t memory_mb;   /* that these may use */
	uint64_t budget_mb;   /* that all may use that run at a time (pool.h) */
	bool quiet;
	/* Runs once into a new folder; returns the exit status. Called in a child process whose
	 * output goes to the log. */
	int (*run)(void *arg, const char *folder);
	void *arg;
};

/*
 * Runs all and compares each with the first. Equal runs are deleted. Differences and the last
 * output of failed runs go to stderr. 0: all equal; -EBADMSG: one differs; -EIO: one failed;
 * -EINTR.
 */
int sfe_repeat(const struct sfe_repeat *r, struct sfe_error *err);

#endif

/* SPDX-License-Identifier: MIT */
/* The same run again and again, some at a time, and whether each leaves the same bytes. */
#ifndef SFE_RUN_REPEAT_H
#define SFE_RUN_REPEAT_H

#include <stdbool.h>
#include <stdint.h>

#include "sfemu/error.h"

struct sfe_repeat {
	int dir;              /* the folder, which nobody else can write or reach */
	const char *folder;   /* its path; holds repeat-01, repeat-02, …, and what each says in
				 repeat-01.log */
	uint32_t n, parallel; /* runs in all, and at a time */
	bool quiet;
	/* One run into that folder, which is not there yet; its exit status. Called in a process of
	 * its own, whose output goes to the log. */
	int (*run)(void *arg, const char *folder);
	void *arg;
};

/*
 * Runs all and compares each with the first; a run that is the same is deleted, since it holds
 * nothing new. Differences and what a failed run said last go to stderr. 0 when all are the same,
 * -EBADMSG when one differs, -EIO when one failed, -EINTR.
 */
int sfe_repeat(const struct sfe_repeat *r, struct sfe_error *err);

#endif

/* SPDX-License-Identifier: MIT */
/* Limits what a guest may write into its results folder, so that it cannot fill the host's disk. */
#ifndef SFE_RUN_RESULTS_LIMIT_H
#define SFE_RUN_RESULTS_LIMIT_H

#include <stdint.h>
#include <time.h>

#include "sfemu/error.h"

/* Default (see --results-limit). All captures of the IIoT scenario are 0.75 GB. */
#define SFE_RESULTS_LIMIT_BYTES (32ull << 30)
#define SFE_RESULTS_LIMIT_FILES 200000u

struct sfe_results_limit {
	int folder;     /* descriptor */
	uint64_t bytes; /* allowed size of the files: on disk, or their length where that is more */
	struct timespec last;
};

/*
 * Checks the size of the folder, at most once a second. -EDQUOT beyond the limit, with advice; the
 * run must be ended. A fast guest may exceed the limit by what it writes in a second.
 */
int sfe_results_limit_check(struct sfe_results_limit *l, struct sfe_error *err);
/* The same, whenever the last check was. */
int sfe_results_limit_check_now(const struct sfe_results_limit *l, struct sfe_error *err);
/* The size of the folder. UINT64_MAX: too many files, or a folder in it that cannot be read. */
uint64_t sfe_results_limit_used(const struct sfe_results_limit *l);

#endif

/* SPDX-License-Identifier: MIT */
/* How much a guest may write into its results folder: what runs in it could fill the host's disk.
 */
#ifndef SFE_RESULTS_RESULTS_LIMIT_H
#define SFE_RESULTS_RESULTS_LIMIT_H

#include <stdint.h>
#include <time.h>

#include "sfemu/error.h"

/* Unless a run says otherwise (--results-limit). All captures of the IIoT scenario are 0.75 GB. */
#define SFE_RESULTS_LIMIT_BYTES (32ull << 30)
#define SFE_RESULTS_LIMIT_FILES 200000u

struct sfe_results_limit {
	int folder;     /* descriptor */
	uint64_t bytes; /* that its files may have: on the disk or as their length, what is more */
	struct timespec last;
};

/*
 * Looks, once a second at the most, what the folder takes. -EDQUOT beyond the limit, with what to
 * do: the run is to be ended. A guest that writes fast is seen with up to a second's bytes more.
 */
int sfe_results_limit_look(struct sfe_results_limit *l, struct sfe_error *err);
/* The same, whenever the last look was. */
int sfe_results_limit_check(const struct sfe_results_limit *l, struct sfe_error *err);
/* What the folder has. UINT64_MAX: it has more files than it may, or cannot be looked into. */
uint64_t sfe_results_limit_used(const struct sfe_results_limit *l);

#endif

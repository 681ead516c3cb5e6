/* SPDX-License-Identifier: MIT */
/* One digest of everything that a cell is made from. If it is the same, so are the results. */
#ifndef SFE_SWEEP_SWEEP_DIGEST_H
#define SFE_SWEEP_SWEEP_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#include "sfemu/error.h"

/* XXH3-64 of the contents of a file. 0 or a negative errno. */
int sfe_digest_file(const char *path, uint64_t *digest);
/* The same for an open file, from its current position. */
int sfe_digest_descriptor(int fd, uint64_t *digest);

/*
 * The digest of a resolved scenario, of the contents of each file that it names, and of n other
 * numbers (such as digests of the programs that run it). The scenario's results folder is left out.
 */
int sfe_sweep_digest(const char *scenario, size_t len, const uint64_t *others, size_t n,
	uint64_t *spec, struct sfe_error *err);

#endif

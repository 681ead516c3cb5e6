/* SPDX-License-Identifier: MIT */
/* What a cell is made from, as one digest. */
#ifndef SFE_SWEEP_SWEEP_SPEC_H
#define SFE_SWEEP_SWEEP_SPEC_H

#include <stddef.h>
#include <stdint.h>

#include "sfemu/error.h"

/* XXH3-64 of a file's contents; 0 or a negative errno. */
int sfe_digest_file(const char *path, uint64_t *digest);
/* The same of an open file from where it stands. */
int sfe_digest_descriptor(int fd, uint64_t *digest);

/*
 * Of a scenario as resolved, the contents of every file that it names, and n other numbers (digests
 * of the programs that run it). Where its results go is left out.
 */
int sfe_sweep_spec(const char *scenario, size_t len, const uint64_t *others, size_t n,
	uint64_t *spec, struct sfe_error *err);

#endif

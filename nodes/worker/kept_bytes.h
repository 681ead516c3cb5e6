/* SPDX-License-Identifier: MIT */
/*
 * The bytes of final states and return values, kept for the results (`keep: states`). They go to a
 * file in memory that the orchestrator and all workers share: not over the emulated network, and
 * without waiting for anybody, so that nothing else of the run depends on them.
 */
#ifndef SFE_NODES_KEPT_BYTES_H
#define SFE_NODES_KEPT_BYTES_H

#include "nodes/base/buffer.h"
#include "nodes/base/deployment.h"

/* Adds the bytes. Returns their offset in the file plus 1; 0: there is no file (keep is NULL), or
 * no memory for them. */
uint64_t kept_bytes_add(const struct sfe_keep *keep, const struct slice *bytes);

#endif

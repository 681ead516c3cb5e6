/* SPDX-License-Identifier: MIT */
/*
 * Collects the reports of a replay's workers into its record, and checks that they are consistent:
 * each job ends once; each state of a finished job exists in its last version and has one owner; no
 * step was applied twice. No I/O, no waiting.
 */
#ifndef SFE_MEASURE_COLLECTOR_H
#define SFE_MEASURE_COLLECTOR_H

#include "emu/measure/collector_state.h"

enum { SFE_COLLECTOR_BYE = 1, SFE_COLLECTOR_JOB_ENDED };

/* Adds a worker's message. Returns 0, one of the above, or the error of an invalid message. */
int sfe_collector_add(struct sfe_collector *a, uint32_t node, const void *message, size_t size,
	struct sfe_error *err);
/* Ends a job without a report; later reports of it are ignored. */
void sfe_collector_give_up(
	struct sfe_collector *a, uint32_t job, uint64_t start_ns, uint64_t now_ns);
int sfe_collector_restarted(
	struct sfe_collector *a, uint32_t node, uint64_t now_ns, struct sfe_error *err);
/*
 * After the last message: sums up, computes each job's digest, and fails on violated invariants.
 * hops: for payload x hops.
 */
int sfe_collector_close(struct sfe_collector *a, struct sfe_routing *hops, struct sfe_error *err);
void sfe_collector_free(struct sfe_collector *a);

#endif

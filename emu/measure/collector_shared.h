/* SPDX-License-Identifier: MIT */
/* The invariants of states that outlive jobs, checked on the records of their homes. */
#ifndef SFE_MEASURE_COLLECTOR_SHARED_H
#define SFE_MEASURE_COLLECTOR_SHARED_H

#include "emu/measure/collector_state.h"

/* Whether a message of a worker may be such a record; the name of a state that was created. */
bool sfe_collector_takes_shared(const struct sfe_collector *a, const struct sfe_ctl_shared *m);
bool sfe_collector_takes_created(const struct sfe_collector *a, const struct sfe_ctl_created *m);

/*
 * Brings the records into the homes' order, and checks them: versions follow each other, each step
 * changes a state at most once (once again if a crash has destroyed that), as does each put and
 * each delete by name, a step or a function got the bytes of the version that it was told, and a
 * job that is done has changed what it changes. Violations are -EPROTO. What runs in vain have cost
 * is added to the records of the conflicts, and to those of changes how many changes are kept. Jobs
 * that got a version of a state that some function changed are marked.
 */
int sfe_collector_check_shared(struct sfe_collector *a, struct sfe_error *err);

/* Whether it can be a version at its home. */
bool sfe_collector_valid_held(
	const struct sfe_collector *a, const struct sfe_ctl_shared_held *held);
/* Keeps the last report of each state. 0 or an error. */
int sfe_collector_add_held(
	struct sfe_collector *a, const struct sfe_ctl_shared_held *held, struct sfe_error *err);

#endif

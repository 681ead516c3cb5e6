/* SPDX-License-Identifier: MIT */
/* The invariants of a replay, checked on the reports of its workers. Violations are -EPROTO. */
#ifndef SFE_MEASURE_COLLECTOR_CHECK_H
#define SFE_MEASURE_COLLECTOR_CHECK_H

#include "emu/measure/collector_state.h"

/* All reports of one state; s[0] has the newest version. */
struct sfe_state_reports {
	const struct sfe_ctl_state *s;
	uint32_t n;
	uint32_t job, state;
};

/* No step was applied twice in an attempt of its job. A graph's steps all ran, each after all steps
 * before it, in jobs that met no fault. */
int sfe_collector_check_once(const struct sfe_collector *a, struct sfe_error *err);
/* Versions, digests and owners of a state are consistent: holds for every job, whatever its status.
 */
int sfe_collector_check_versions(
	const struct sfe_collector *a, const struct sfe_state_reports *x, struct sfe_error *err);
/* A finished job's state exists in its last version. Without faults it has one owner, of any
 * version. Copies without an owner are left only where the owner crashed. A state that no step uses
 * exists only under strategies whose client creates all states. */
int sfe_collector_check_owner(
	const struct sfe_collector *a, const struct sfe_state_reports *x, struct sfe_error *err);

#endif

/* SPDX-License-Identifier: MIT */
/* Shared by the measurements of `sfemu verify`. */
#ifndef SFE_VERIFY_VERIFY_MEASURE_H
#define SFE_VERIFY_VERIFY_MEASURE_H

#include "emu/experiment/experiment.h"
#include "emu/results/verify_table.h"
#include "emu/verify/verify_options.h"
#include "emu/verify/verify_path.h"
#include "emu/verify/verify_probe.h"

#define SFE_VERIFY_BUDGET_NS 2e9 /* time of one series on the real clock */
#define SFE_VERIFY_RATE_SLACK_REAL 0.02

#define SFE_VERIFY_FAULTS_BYTES 320

/* What depends on the speed of the machine, in one direction. */
struct sfe_verify_speed {
	char faults[SFE_VERIFY_FAULTS_BYTES]; /* a machine that is too slow causes these, too */
	double sent_bps, rate_bps; /* of a burst that was sent slower than its link sends; else 0 */
};

struct sfe_verifying {
	const struct sfe_experiment *e;
	struct sfe_net *net;
	const struct sfe_verify_options *options;
	struct sfe_verify_speed *speed;
	struct sfe_error *err;
};

/* Adds a fault to the row's verdict. */
__attribute__((format(printf, 2, 3))) void sfe_verify_fault(
	struct sfe_verify_row *row, const char *fmt, ...);
/* Adds a fault in time or rate, of which the machine may be the cause. */
__attribute__((format(printf, 2, 3))) void sfe_verify_timed_fault(
	const struct sfe_verifying *v, const char *fmt, ...);

#endif

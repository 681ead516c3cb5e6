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

struct sfe_verifying {
	const struct sfe_experiment *e;
	struct sfe_net *net;
	const struct sfe_verify_options *options;
	struct sfe_error *err;
};

/* Adds a fault to the row's verdict. */
__attribute__((format(printf, 2, 3))) void sfe_verify_fault(
	struct sfe_verify_row *row, const char *fmt, ...);

#endif

/* SPDX-License-Identifier: MIT */
/* How a direction of a link is measured and judged; internal to `sfemu verify`. */
#ifndef SFE_VERIFY_VERIFY_MEASURE_H
#define SFE_VERIFY_VERIFY_MEASURE_H

#include "emu/verify/verify.h"
#include "emu/verify/verify_path.h"
#include "emu/verify/verify_probe.h"

#define SFE_VERIFY_BUDGET_NS 2e9 /* for one series on the real clock */
#define SFE_VERIFY_RATE_SLACK_REAL 0.02

struct sfe_verifying {
	const struct sfe_experiment *e;
	struct sfe_net *net;
	const struct sfe_verify_options *options;
	struct sfe_error *err;
};

/* Adds to the row's verdict. */
__attribute__((format(printf, 2, 3))) void sfe_verify_complain(
	struct sfe_verify_row *row, const char *fmt, ...);

/* Each measures, judges, and fills its part of the row; nothing of it is under way afterwards. */
int sfe_verify_delay(const struct sfe_verifying *v, const struct sfe_path *p,
	struct sfe_probe_path *probe, struct sfe_verify_row *row);
int sfe_verify_steady(const struct sfe_verifying *v, const struct sfe_path *p,
	struct sfe_probe_path *probe, struct sfe_verify_row *row);
int sfe_verify_burst(const struct sfe_verifying *v, const struct sfe_path *p,
	struct sfe_probe_path *probe, struct sfe_verify_row *row);
int sfe_verify_tcp(const struct sfe_verifying *v, const struct sfe_path *p,
	struct sfe_probe_path *probe, struct sfe_verify_row *row);

#endif

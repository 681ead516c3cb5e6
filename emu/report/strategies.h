/* SPDX-License-Identifier: MIT */
/* The strategies of a run. */
#ifndef SFE_REPORT_STRATEGIES_H
#define SFE_REPORT_STRATEGIES_H

#include "emu/report/run.h"

#define SFE_REPORT_MAX_STRATEGIES 64u

/* The strategies of a run, in the order in which they ran. */
struct sfe_report_strategies {
	unsigned n;
	char name[SFE_REPORT_MAX_STRATEGIES][SFE_STRATEGY_BYTES];
};
void sfe_report_strategies_of(const struct sfe_report_run *run, struct sfe_report_strategies *out);
/* The index of a strategy; s->n: it is none of them. */
unsigned sfe_report_strategy(const struct sfe_report_strategies *s, const char *name);

#endif

/* SPDX-License-Identifier: MIT */
#include "emu/report/strategies.h"

#include <string.h>

unsigned sfe_report_strategy(const struct sfe_report_strategies *s, const char *name)
{
	unsigned i = 0;

	while (i < s->n && strcmp(s->name[i], name) != 0)
		i++;
	return i;
}

static void add_strategy(struct sfe_report_strategies *s, const char *name)
{
	if (sfe_report_strategy(s, name) == s->n && s->n < SFE_REPORT_MAX_STRATEGIES)
		snprintf(s->name[s->n++], sizeof(s->name[0]), "%s", name);
}

void sfe_report_strategies_of(const struct sfe_report_run *run, struct sfe_report_strategies *out)
{
	const struct sfe_summary *summary = run->summary.row;

	out->n = 0;
	for (unsigned i = 0; i < run->summary.n; i++)
		add_strategy(out, summary[i].strategy);
	for (unsigned i = 0; i < run->jobs.n; i++)
		add_strategy(out, sfe_report_job(run, i)->strategy);
}

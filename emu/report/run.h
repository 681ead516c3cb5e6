/* SPDX-License-Identifier: MIT */
/* The contents of a results folder, as far as the report needs them. */
#ifndef SFE_REPORT_RUN_H
#define SFE_REPORT_RUN_H

#include <stdbool.h>

#include <json-c/json.h>

#include "emu/report/rows.h"
#include "emu/results/summary.h"
#include "emu/results/table_columns.h"
#include "sfemu/routing.h"
#include "sfemu/topology.h"

#define SFE_REPORT_LABEL 256u

struct sfe_report_note {
	char text[1400];
};

struct sfe_report_run {
	char label[SFE_REPORT_LABEL]; /* the folder's name without its path */
	struct json_object *manifest;
	char *scenario_text; /* scenario.yaml, or NULL */
	struct sfe_rows jobs, invocations, transfers, links, summary, captures, events, attempts,
		shared;
	struct sfe_topology *topology; /* it and the routing are NULL if they cannot be used */
	struct sfe_routing *routing;
	struct sfe_rows notes; /* of struct sfe_report_note: what is missing, and why */
};

void sfe_report_run_free(struct sfe_report_run *run);
/* A value of the manifest as text; "" if there is none. */
const char *sfe_report_fact(const struct sfe_report_run *run, const char *key);

static inline const struct sfe_job_row *sfe_report_job(const struct sfe_report_run *run, unsigned i)
{
	return (const struct sfe_job_row *)run->jobs.row + i;
}
/* Whether the job's status is "done". */
bool sfe_report_done(const struct sfe_job_row *job);

#endif

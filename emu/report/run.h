/* SPDX-License-Identifier: MIT */
/* A results folder as the report has read it. */
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
	char label[SFE_REPORT_LABEL]; /* the folder's own name */
	struct json_object *manifest;
	char *scenario_text; /* scenario.yaml, or NULL */
	struct sfe_rows jobs, invocations, transfers, links, summary, captures, events, attempts;
	struct sfe_topology *topology; /* NULL where it cannot be read, as the routing */
	struct sfe_routing *routing;
	struct sfe_rows notes; /* of struct sfe_report_note: what is missing, and why */
};

/* Limits of what is drawn of a topology, whatever a folder has in it: vertices that the ways are
 * worked out to, times vertices; links, nodes and junctions that transfers cross; cables, times
 * strategies. Each is a few hundred MB, or a few seconds. */
#define SFE_REPORT_MAX_WAYS (1ull << 25)
#define SFE_REPORT_MAX_CROSSINGS (1ull << 26)
#define SFE_REPORT_MAX_CABLES 500000u

/* Reads what there is beneath the folder of that descriptor; folder is what it is called. Errors
 * are those of a folder that is none of results. */
int sfe_report_run_read(
	int dir, const char *folder, struct sfe_report_run *run, struct sfe_error *err);
void sfe_report_run_free(struct sfe_report_run *run);
/* A text of the manifest; "" where it has none. */
const char *sfe_report_fact(const struct sfe_report_run *run, const char *key);

static inline const struct sfe_job_row *sfe_report_job(const struct sfe_report_run *run, unsigned i)
{
	return (const struct sfe_job_row *)run->jobs.row + i;
}
bool sfe_report_done(const struct sfe_job_row *job);

#endif

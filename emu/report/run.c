/* SPDX-License-Identifier: MIT */
#include "emu/report/run.h"

#include <stdlib.h>
#include <string.h>

bool sfe_report_done(const struct sfe_job_row *job)
{
	return !strcmp(job->status, "done");
}

const char *sfe_report_fact(const struct sfe_report_run *run, const char *key)
{
	struct json_object *o = NULL;
	const char *text = NULL;

	if (json_object_object_get_ex(run->manifest, key, &o))
		text = json_object_get_string(o);
	return text ? text : "";
}

void sfe_report_run_free(struct sfe_report_run *run)
{
	struct sfe_rows *rows[] = {&run->jobs, &run->invocations, &run->transfers, &run->links,
		&run->summary, &run->captures, &run->events, &run->attempts, &run->notes};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		free(rows[i]->row);
	free(run->scenario_text);
	sfe_routing_free(run->routing);
	sfe_topology_free(run->topology);
	json_object_put(run->manifest);
}

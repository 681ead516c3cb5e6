/* SPDX-License-Identifier: MIT */
/* Workflows in the summary of a workload. */
#ifndef SFE_WORKLOAD_WORKFLOW_SHOW_H
#define SFE_WORKLOAD_WORKFLOW_SHOW_H

#include <json-c/json.h>
#include <stdio.h>

#include "sfemu/workflow.h"

/* A line for each workflow, and one for each of its steps, at most 80 columns wide. */
void sfe_workflows_show(const struct sfe_workflows *workflows, FILE *out);
/* The same as an array. */
json_object *sfe_workflows_json(const struct sfe_workflows *workflows);

#endif

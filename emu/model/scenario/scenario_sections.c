/* SPDX-License-Identifier: MIT */
#include "emu/model/scenario/scenario_sections.h"

#include <string.h>

#include "emu/model/link/link_rules.h"
#include "emu/model/schedule/schedule.h"

#include "emu/model/scenario/scenario_capture.h"
#include "emu/model/scenario/scenario_functions.h"
#include "emu/model/scenario/scenario_nodes.h"
#include "emu/model/scenario/scenario_programs.h"
#include "emu/model/scenario/scenario_topology.h"
#include "emu/model/scenario/scenario_traffic.h"
#include "emu/model/scenario/scenario_workflows.h"

const struct sfe_section sfe_sections[] = {
	{"topology.compose", sfe_section_compose_read, sfe_section_compose_is_set,
		sfe_section_compose_print, sfe_section_compose_clear},
	{"links", sfe_link_rules_read, sfe_link_rules_are_set, sfe_link_rules_print,
		sfe_link_rules_clear},
	{"functions", sfe_section_functions_read, sfe_section_functions_are_set,
		sfe_section_functions_print, sfe_section_functions_clear},
	{"workflows", sfe_section_workflows_read, sfe_section_workflows_are_set,
		sfe_section_workflows_print, sfe_section_workflows_clear},
	{"capture", sfe_section_capture_read, sfe_section_capture_is_set, sfe_section_capture_print,
		sfe_section_capture_clear},
	{"schedule", sfe_section_schedule_read, sfe_section_schedule_is_set,
		sfe_section_schedule_print, sfe_section_schedule_clear},
	{"nodes", sfe_section_nodes_read, sfe_section_nodes_are_set, sfe_section_nodes_print,
		sfe_section_nodes_clear},
	{"programs", sfe_section_programs_read, sfe_section_programs_are_set,
		sfe_section_programs_print, sfe_section_programs_clear},
	{"traffic", sfe_section_traffic_read, sfe_section_traffic_is_set, sfe_section_traffic_print,
		sfe_section_traffic_clear},
	{NULL, NULL, NULL, NULL, NULL},
};

const struct sfe_section *sfe_section_find(const char *path)
{
	for (const struct sfe_section *s = sfe_sections; s->path; s++)
		if (!strcmp(s->path, path))
			return s;
	return NULL;
}

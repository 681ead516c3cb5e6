/* SPDX-License-Identifier: MIT */
#include "emu/results/read_limits.h"

#include <inttypes.h>
#include <string.h>

#include "emu/results/table.h"

static const struct {
	const char *name;
	uint64_t bytes;
} limits[] = {
	{"manifest.json", SFE_LIMIT_MANIFEST_BYTES},
	{"scenario.yaml", SFE_LIMIT_SCENARIO_BYTES},
	{"summary.csv", SFE_LIMIT_SUMMARY_BYTES},
	{"fidelity.csv", SFE_LIMIT_SUMMARY_BYTES},
	{"captures.csv", SFE_LIMIT_CAPTURE_POINTS_BYTES},
	{"hosts", SFE_LIMIT_HOSTS_BYTES},
	{SFE_TOPOLOGY_FOLDER "/nodes", SFE_LIMIT_TOPOLOGY_BYTES},
	{SFE_TOPOLOGY_FOLDER "/links", SFE_LIMIT_TOPOLOGY_BYTES},
	{SFE_TOPOLOGY_FOLDER "/edges", SFE_LIMIT_TOPOLOGY_BYTES},
	{"run.log", SFE_LIMIT_LOG_BYTES},
};

uint64_t sfe_results_limit(const char *name)
{
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
		if (!strcmp(limits[i].name, name))
			return limits[i].bytes;
	return SFE_LIMIT_TABLE_BYTES;
}

void sfe_results_describe_limits(FILE *out)
{
	fprintf(out,
		"## Limits of reading a folder\n\n"
		"`sfemu report`, `job`, `diff`, `links` and `analyze` do not trust a results "
		"folder: they "
		"read only regular files beneath it and follow no link. Larger files than these "
		"are refused, or omitted from the report with a note.\n\n"
		"| file | at most |\n| --- | --- |\n");
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
		fprintf(out, "| `%s` | %" PRIu64 " MiB |\n", limits[i].name, limits[i].bytes >> 20);
	fprintf(out,
		"| other tables | %u MiB |\n"
		"| a line of a table | %u KiB |\n"
		"| rows of `summary.csv` | %u |\n"
		"| rows of `captures.csv` | %u |\n"
		"| captures that `analyze` reads | %u |\n"
		"| nodes, links and junctions, and edges, of a network for `links` | %u, %u |\n"
		"| files that `diff` compares | %u, in folders %u deep |\n",
		SFE_LIMIT_TABLE_BYTES >> 20, SFE_TABLE_MAX_LINE_BYTES >> 10, SFE_LIMIT_SUMMARY_ROWS,
		SFE_LIMIT_CAPTURE_POINTS, SFE_LIMIT_CAPTURE_FILES, SFE_LIMIT_NETWORK_VERTICES,
		SFE_LIMIT_NETWORK_EDGES, SFE_LIMIT_FOLDER_FILES, SFE_LIMIT_FOLDER_DEPTH);
}

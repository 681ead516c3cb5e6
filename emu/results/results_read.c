/* SPDX-License-Identifier: MIT */
#include "emu/results/results_read.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "emu/experiment/cloud.h"
#include "emu/experiment/experiment.h"
#include "emu/results/results.h"
#include "emu/results/tables.h"
#include "emu/security/beneath.h"
#include "emu/security/folder.h"
#include "sfemu/scenario.h"

const char *const sfe_topology_files[SFE_TOPOLOGY_FILES] = {
	SFE_TOPOLOGY_FOLDER "/nodes", SFE_TOPOLOGY_FOLDER "/links", SFE_TOPOLOGY_FOLDER "/edges"};

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
		"## What is read of a folder\n\n"
		"`sfemu report`, `diff`, `links` and `analyze` read a results folder as one that "
		"somebody else may have made: only regular files beneath it, and no link is "
		"followed. A larger file than this is refused, or left out of the report with a "
		"note.\n\n"
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

FILE *sfe_results_read(int dir, const char *name, struct sfe_error *err)
{
	return sfe_folder_open(dir, name, sfe_results_limit(name), err);
}

static unsigned most_rows(const struct sfe_table *table)
{
	return table == &sfe_summary_csv || table == &sfe_fidelity_csv ? SFE_LIMIT_SUMMARY_ROWS
	       : table == &sfe_captures_csv                            ? SFE_LIMIT_CAPTURE_POINTS
								       : UINT32_MAX;
}

int sfe_results_read_table(
	int dir, const struct sfe_table *table, void **rows, unsigned *n, struct sfe_error *err)
{
	struct sfe_error own = {0};
	FILE *f = sfe_results_read(dir, table->file, &own);

	*rows = NULL;
	*n = 0;
	int r = f ? sfe_table_read(table, f, rows, n, &own) : own.code;
	if (f)
		fclose(f);
	if (!r && *n > most_rows(table)) {
		free(*rows);
		*rows = NULL;
		r = sfe_fail(&own, -EFBIG, table->file, NULL,
			"has %u rows, more than the %u that a run can have", *n, most_rows(table));
		*n = 0;
	}
	if (r && err)
		*err = own;
	return r;
}

int sfe_results_read_rest(int dir, const struct sfe_table *table, void **rows, unsigned *n,
	char *note, size_t note_size, struct sfe_error *err)
{
	FILE *f = sfe_results_read(dir, table->file, err);

	*rows = NULL;
	*n = 0;
	if (!f)
		return err->code;
	int r = sfe_table_read_rest(table, f, rows, n, note, note_size, err);
	fclose(f);
	if (!r && *n > most_rows(table)) {
		snprintf(note, note_size,
			"it has %u rows, and the first %u, the most that a run can have, are used",
			*n, most_rows(table));
		*n = most_rows(table);
	}
	return r;
}

int sfe_results_write_topology(int dir, const struct sfe_topology *t, struct sfe_error *err)
{
	FILE *f[SFE_TOPOLOGY_FILES] = {0};
	int r = sfe_beneath_folder(dir, SFE_TOPOLOGY_FOLDER, err);

	for (unsigned i = 0; i < SFE_TOPOLOGY_FILES && !r; i++)
		if (!(f[i] = sfe_results_open(dir, sfe_topology_files[i], "w", err)))
			r = err ? err->code : -EIO;
	if (!r && (r = sfe_topology_write(t, f[0], f[1], f[2])))
		sfe_fail(err, r, SFE_TOPOLOGY_FOLDER, "is the disk full?", "cannot be written");
	for (unsigned i = 0; i < SFE_TOPOLOGY_FILES; i++) {
		int closed =
			f[i] ? sfe_results_close(f[i], sfe_topology_files[i], r ? NULL : err) : 0;
		r = r ? r : closed;
	}
	return r;
}

static int read_files(
	int dir, const char *const *name, struct sfe_topology **out, struct sfe_error *err)
{
	char *text[SFE_TOPOLOGY_FILES] = {0};
	size_t len[SFE_TOPOLOGY_FILES];
	int r = 0;

	for (unsigned i = 0; i < SFE_TOPOLOGY_FILES && !r; i++)
		r = sfe_folder_load(dir, name[i], SFE_LIMIT_TOPOLOGY_BYTES, &text[i], &len[i], err);
	if (!r)
		r = sfe_topology_parse(text[0], len[0], name[0], text[1], len[1], name[1], text[2],
			len[2], name[2], out, err);
	for (unsigned i = 0; i < SFE_TOPOLOGY_FILES; i++)
		free(text[i]);
	return r;
}

static int read_scenario(int dir, const char *const *sets, uint32_t n_sets,
	struct sfe_scenario **out, struct sfe_error *err)
{
	char *text;
	size_t len;
	int r = sfe_folder_load(dir, "scenario.yaml", SFE_LIMIT_SCENARIO_BYTES, &text, &len, err);

	r = r ? r : sfe_scenario_parse_named(text, len, "scenario.yaml", sets, n_sets, out, err);
	free(text);
	return r;
}

/* Of a folder without its topology: the files that its scenario names. */
static int read_named(int dir, struct sfe_topology **out, struct sfe_error *err)
{
	struct sfe_scenario *s = NULL;
	int r = read_scenario(dir, NULL, 0, &s, err);

	if (r)
		return r;
	const char *const name[] = {s->topology.nodes, s->topology.links, s->topology.edges};
	if (!name[0])
		r = sfe_fail(err, -ENOENT, SFE_TOPOLOGY_FOLDER,
			"repeat the run: it writes its topology down",
			"is not in the folder, and what is read is never generated");
	else if (!(r = read_files(dir, name, out, err)))
		sfe_scenario_set_rates(s, *out);
	sfe_scenario_free(s);
	return r;
}

int sfe_results_read_topology(int dir, struct sfe_topology **out, struct sfe_error *err)
{
	*out = NULL;
	return sfe_beneath_exists(dir, SFE_TOPOLOGY_FOLDER)
		       ? read_files(dir, sfe_topology_files, out, err)
		       : read_named(dir, out, err);
}

/* On which junction the cloud hung: where its uplink's packets came from. */
static const char *cloud_place(
	const struct sfe_scenario *s, const struct sfe_link_row *rows, unsigned n)
{
	if (s->cloud.at)
		return s->cloud.at;
	for (unsigned i = 0; i < n; i++)
		if (!strcmp(rows[i].link, SFE_CLOUD_UPLINK))
			return rows[i].from;
	return NULL;
}

static int check_size(
	const struct sfe_scenario *s, const struct sfe_topology *t, struct sfe_error *err)
{
	if (sfe_topology_vertices(t) > SFE_LIMIT_NETWORK_VERTICES ||
		t->n_edges > SFE_LIMIT_NETWORK_EDGES)
		return sfe_fail(err, -EFBIG, SFE_TOPOLOGY_FOLDER, NULL,
			"has %u nodes, links and junctions and %u edges; no run has more than %u "
			"and %u",
			sfe_topology_vertices(t), t->n_edges, SFE_LIMIT_NETWORK_VERTICES,
			SFE_LIMIT_NETWORK_EDGES);
	if ((uint64_t)s->links.n * t->n_links > SFE_LIMIT_NETWORK_RULES)
		return sfe_fail(err, -EFBIG, "scenario.yaml", NULL,
			"has %u rules for %u links, more than are worked out", s->links.n,
			t->n_links);
	return 0;
}

int sfe_results_read_network(int dir, const char *const *sets, uint32_t n_sets,
	struct sfe_experiment **out, struct sfe_link_row **rows, unsigned *n, struct sfe_error *err)
{
	struct sfe_scenario *s = NULL;
	struct sfe_topology *t = NULL;
	const char *at = NULL;
	void *all = NULL;
	int r = read_scenario(dir, sets, n_sets, &s, err);

	r = r ? r : sfe_results_read_topology(dir, &t, err);
	r = r ? r : check_size(s, t, err);
	r = r ? r : sfe_results_read_table(dir, &sfe_links_csv, &all, n, err);
	if (!r && sfe_cloud_needed(s) && !(at = cloud_place(s, all, *n)))
		r = sfe_fail(err, -EINVAL, sfe_links_csv.file, "give the folder of a finished run",
			"has no row of " SFE_CLOUD_UPLINK ", which says where the cloud was");
	if (!r) {
		r = sfe_experiment_network(s, t, at, out, err);
	} else {
		sfe_topology_free(t);
		sfe_scenario_free(s);
	}
	if (r)
		free(all);
	else
		*rows = all;
	return r;
}

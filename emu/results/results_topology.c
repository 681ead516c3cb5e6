/* SPDX-License-Identifier: MIT */
#include "emu/results/results_topology.h"

#include <errno.h>
#include <stdlib.h>

#include "emu/model/base/encoding.h"
#include "emu/results/read_limits.h"
#include "emu/results/results_file.h"
#include "emu/security/beneath.h"
#include "emu/security/folder.h"

const char *const sfe_topology_files[SFE_TOPOLOGY_FILES] = {
	SFE_TOPOLOGY_FOLDER "/nodes", SFE_TOPOLOGY_FOLDER "/links", SFE_TOPOLOGY_FOLDER "/edges"};

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
		if (!(r = sfe_folder_load(
			      dir, name[i], SFE_LIMIT_TOPOLOGY_BYTES, &text[i], &len[i], err)))
			r = sfe_encoding_check(text[i], len[i], name[i], err);
	if (!r)
		r = sfe_topology_parse(text[0], len[0], name[0], text[1], len[1], name[1], text[2],
			len[2], name[2], out, err);
	for (unsigned i = 0; i < SFE_TOPOLOGY_FILES; i++)
		free(text[i]);
	return r;
}

int sfe_results_read_scenario(int dir, const char *const *sets, uint32_t n_sets,
	struct sfe_scenario **out, struct sfe_error *err)
{
	char *text;
	size_t len;
	int r = sfe_folder_load(dir, "scenario.yaml", SFE_LIMIT_SCENARIO_BYTES, &text, &len, err);

	r = r ? r : sfe_scenario_parse_named(text, len, "scenario.yaml", sets, n_sets, out, err);
	free(text);
	return r;
}

/* For a folder without its topology: reads the files that its scenario names. */
static int read_named(int dir, struct sfe_topology **out, struct sfe_error *err)
{
	struct sfe_scenario *s = NULL;
	int r = sfe_results_read_scenario(dir, NULL, 0, &s, err);

	if (r)
		return r;
	const char *const name[] = {s->topology.nodes, s->topology.links, s->topology.edges};
	if (!name[0])
		r = sfe_fail(err, -ENOENT, SFE_TOPOLOGY_FOLDER,
			"repeat the run, which saves its topology",
			"is not in the folder; a generated topology is not rebuilt");
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

/* SPDX-License-Identifier: MIT */
/* The topology of a scenario: from files, generated, or composed; and its workload. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "emu/model/base/input.h"
#include "emu/model/generate/compose.h"
#include "emu/model/scenario/scenario_functions.h"
#include "emu/model/scenario/scenario_topology.h"
#include "sfemu/generate.h"

/* From the files, of which what was read is kept. */
static int read_files(
	const struct sfe_scenario *s, struct sfe_topology **out, struct sfe_error *err)
{
	const char *file[] = {s->topology.nodes, s->topology.links, s->topology.edges};
	const struct sfe_input *in[3];
	struct sfe_error cause = {0};

	for (int i = 0; i < 3; i++)
		if (!(in[i] = sfe_inputs_get(s->inputs, file[i], &cause))) {
			if (err)
				*err = cause;
			return cause.code;
		}
	return sfe_topology_parse(in[0]->text, in[0]->len, file[0], in[1]->text, in[1]->len,
		file[1], in[2]->text, in[2]->len, file[2], out, err);
}

static int read_tasks(const struct sfe_scenario *s, const struct sfe_workload_params *params,
	struct sfe_workload **out, struct sfe_error *err)
{
	struct sfe_error cause = {0};
	const struct sfe_input *in = sfe_inputs_get(s->inputs, s->workload.tasks, &cause);

	*out = NULL;
	if (!in && err)
		*err = cause;
	return in ? sfe_workload_parse(in->text, in->len, s->workload.tasks, params, out, err)
		  : cause.code;
}

static int no_tasks(struct sfe_workload **out, struct sfe_error *err)
{
	*out = calloc(1, sizeof(**out));
	return *out ? 0 : sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
}

int sfe_scenario_workload(
	const struct sfe_scenario *s, struct sfe_workload **out, struct sfe_error *err)
{
	return sfe_scenario_workload_with(s, &s->workload.params, out, err);
}

int sfe_scenario_workload_with(const struct sfe_scenario *s,
	const struct sfe_workload_params *params, struct sfe_workload **out, struct sfe_error *err)
{
	int rc = s->workload.tasks ? read_tasks(s, params, out, err) : no_tasks(out, err);

	rc = rc ? rc : sfe_workload_add_workflows(*out, &s->workflows, s->seed, err);
	rc = rc ? rc : sfe_scenario_apply_functions(s, *out, err);
	if (rc) {
		sfe_workload_free(*out);
		*out = NULL;
	}
	return rc;
}

static int make(const struct sfe_scenario *s, struct sfe_topology **out, struct sfe_error *err)
{
	const struct sfe_generator g = {
		.scenario = s->topology.generate,
		.seed = s->seed,
		.premises = s->topology.premises,
		.cells = s->topology.cells,
		.density = s->topology.density,
		.racks = s->topology.racks,
		.servers = s->topology.servers,
		.regions = s->topology.regions,
		.latency = s->topology.latency,
	};

	if (s->topology.compose)
		return sfe_compose(
			s->topology.compose, s->topology.compose_file, s->seed, out, err);
	if (s->topology.generate)
		return sfe_topology_generate(&g, out, err);
	return read_files(s, out, err);
}

/* Paths, placement and closed form must use the rates that the links get. */
void sfe_scenario_set_rates(const struct sfe_scenario *s, struct sfe_topology *t)
{
	for (uint32_t l = 0; l < t->n_links; l++) {
		uint64_t rate_bps = s->link[t->links[l].kind].rate_bps;

		if (!rate_bps)
			continue;
		t->links[l].capacity_mbps = (double)rate_bps / 1e6;
		t->links[l].capacity_bps = (float)rate_bps;
	}
}

int sfe_scenario_topology(
	const struct sfe_scenario *s, struct sfe_topology **out, struct sfe_error *err)
{
	int rc = make(s, out, err);

	if (!rc)
		sfe_scenario_set_rates(s, *out);
	return rc;
}

void sfe_section_compose_clear(struct sfe_scenario *s)
{
	sfe_tree_free(s->topology.compose);
	free(s->topology.compose_file);
	s->topology.compose = NULL;
	s->topology.compose_file = NULL;
}

/* Keeps the tree: what it builds depends on the seed. */
int sfe_section_compose_read(const struct sfe_tree *tree, const char *file, const char *folder,
	struct sfe_scenario *s, struct sfe_error *err)
{
	(void)folder;
	sfe_section_compose_clear(s);
	if (tree->kind != SFE_TREE_MAPPING)
		return sfe_tree_fail(tree, file, "write compose: {cells: [...]}", err,
			"topology.compose: is not a group of keys");
	s->topology.compose = sfe_tree_copy(tree);
	s->topology.compose_file = strdup(file);
	if (s->topology.compose && s->topology.compose_file)
		return 0;
	return sfe_fail(err, -ENOMEM, file, NULL, "out of memory");
}

bool sfe_section_compose_is_set(const struct sfe_scenario *s)
{
	return s->topology.compose;
}

void sfe_section_compose_print(const struct sfe_scenario *s, FILE *out)
{
	sfe_tree_print(s->topology.compose, out);
}

/* SPDX-License-Identifier: MIT */
#include "emu/results/results_network.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "emu/experiment/cloud.h"
#include "emu/experiment/experiment_new.h"
#include "emu/results/read_limits.h"
#include "emu/results/results_read.h"
#include "emu/results/results_topology.h"

/* The junction of the cloud: the source of its uplink's packets. */
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
			"has %u rules for %u links, more than are supported", s->links.n,
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
	int r = sfe_results_read_scenario(dir, sets, n_sets, &s, err);

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

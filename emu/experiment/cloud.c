/* SPDX-License-Identifier: MIT */
#include "emu/experiment/cloud.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "emu/model/workload/shared_states.h"

#define UP SFE_CLOUD_UPLINK
#define DOWN "down_" SFE_CLOUD_NODE
#define PROBE_BYTES 1000 /* as for the closed form's central node */

struct text {
	char *bytes;
	size_t size;
	FILE *file;
};

bool sfe_cloud_needed(const struct sfe_scenario *s)
{
	for (uint32_t i = 0; i < s->n_strategies; i++)
		if (s->strategies[i]->store == SFE_STORE_CLOUD ||
			sfe_shared_needs_cloud(&s->workflows, s->strategies[i]))
			return true;
	return false;
}

bool sfe_cloud_has_link(const struct sfe_scenario *s, const char *link)
{
	return sfe_cloud_needed(s) && (!strcmp(link, UP) || !strcmp(link, DOWN));
}

/* The first in name order among equals. */
static uint32_t central_junction(const struct sfe_topology *t, struct sfe_routing *r)
{
	uint32_t first = t->n_nodes + t->n_links, best = SFE_NONE;
	double least = INFINITY;

	for (uint32_t j = 0; j < t->n_junctions; j++) {
		double worst = 0;
		for (uint32_t n = 0; n < t->n_nodes && worst <= least; n++) {
			worst = fmax(worst, sfe_routing_time(r, first + j, n, PROBE_BYTES));
			worst = fmax(worst, sfe_routing_time(r, n, first + j, PROBE_BYTES));
		}
		if (worst > least ||
			(worst == least && best != SFE_NONE &&
				strcmp(t->junctions[j].name, t->junctions[best].name) > 0))
			continue;
		least = worst;
		best = j;
	}
	return isfinite(least) ? best : SFE_NONE;
}

static int find_place(
	const struct sfe_topology *t, const char *at, uint32_t *junction, struct sfe_error *err)
{
	for (*junction = 0; *junction < t->n_junctions; ++*junction)
		if (!strcmp(t->junctions[*junction].name, at))
			return 0;
	return sfe_fail(err, -EINVAL, "cloud.at", "`sfemu topology dot` has their names",
		"there is no junction '%s'", at);
}

static void append(struct text *texts, const struct sfe_scenario *s, const struct sfe_topology *t,
	uint32_t junction)
{
	const char *at = t->junctions[junction].name;
	double mbps = (double)s->cloud.link.rate_bps / 1e6;

	/* one of Ether's servers; it only stores */
	fprintf(texts[0].file, "%" PRIu32 ";" SFE_CLOUD_NODE ";188000000000;88000;x86;vm;server\n",
		t->n_nodes);
	fprintf(texts[1].file, "%" PRIu32 ";%.9g;" UP ";uplink\n", t->n_links, mbps);
	fprintf(texts[1].file, "%" PRIu32 ";%.9g;" DOWN ";downlink\n", t->n_links + 1, mbps);
	fprintf(texts[2].file,
		"%s " UP "\n" UP " " SFE_CLOUD_NODE "\n" SFE_CLOUD_NODE " " DOWN "\n" DOWN " %s\n",
		at, at);
}

static int add(const struct sfe_scenario *s, const struct sfe_topology *t, uint32_t junction,
	struct sfe_topology **out, struct sfe_error *err)
{
	struct text texts[3] = {0};
	bool bad = false;
	int rc;

	if (!s->cloud.link.rate_bps)
		return sfe_fail(err, -EINVAL, "cloud.rate", "write one, such as 5Mbit",
			"the topology has no rate for it");
	for (int i = 0; i < 3; i++) {
		texts[i].file = open_memstream(&texts[i].bytes, &texts[i].size);
		bad |= !texts[i].file;
	}
	if (!bad) {
		bad = sfe_topology_write(t, texts[0].file, texts[1].file, texts[2].file);
		append(texts, s, t, junction);
	}
	for (int i = 0; i < 3; i++)
		bad |= texts[i].file && fclose(texts[i].file);
	rc = bad ? sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory")
		 : sfe_topology_parse(texts[0].bytes, texts[0].size, "nodes with the cloud",
			   texts[1].bytes, texts[1].size, "links with the cloud", texts[2].bytes,
			   texts[2].size, "edges with the cloud", out, err);
	for (int i = 0; i < 3; i++)
		free(texts[i].bytes);
	return rc;
}

int sfe_cloud_add_at(const struct sfe_scenario *s, const struct sfe_topology *t, const char *at,
	struct sfe_topology **out, struct sfe_error *err)
{
	uint32_t junction;
	int rc = find_place(t, at, &junction, err);

	return rc ? rc : add(s, t, junction, out, err);
}

int sfe_cloud_add(const struct sfe_scenario *s, const struct sfe_topology *t, struct sfe_routing *r,
	struct sfe_topology **out, struct sfe_error *err)
{
	if (s->cloud.at)
		return sfe_cloud_add_at(s, t, s->cloud.at, out, err);
	uint32_t junction = central_junction(t, r);
	return junction != SFE_NONE ? add(s, t, junction, out, err)
				    : sfe_fail(err, -EINVAL, "cloud", "name one with cloud.at",
					      "there is no junction that reaches every node");
}

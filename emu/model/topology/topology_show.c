/* SPDX-License-Identifier: MIT */
/* A topology in a screenful, for people. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "sfemu/routing.h"
#include "sfemu/topology.h"

#define MAX_ROWS 64             /* kinds of nodes or links that are listed separately */
#define MAX_DIAMETER_NODES 3000 /* beyond it all pairs take too long */

static void show_nodes(const struct sfe_topology *t, FILE *out)
{
	uint32_t first[MAX_ROWS], count[MAX_ROWS], rows = 0, other = 0;

	for (uint32_t i = 0; i < t->n_nodes; i++) {
		const struct sfe_node *n = &t->nodes[i];
		uint32_t k = 0;

		for (; k < rows; k++) {
			const struct sfe_node *m = &t->nodes[first[k]];
			if (!strcmp(n->model, m->model) && n->cpu_millis == m->cpu_millis &&
				n->memory_bytes == m->memory_bytes)
				break;
		}
		if (k == MAX_ROWS) {
			other++;
			continue;
		}
		if (k == rows) {
			first[rows] = i;
			count[rows++] = 0;
		}
		count[k]++;
	}
	fprintf(out, "%u nodes\n", t->n_nodes);
	for (uint32_t k = 0; k < rows; k++) {
		const struct sfe_node *n = &t->nodes[first[k]];
		fprintf(out, "  %6u  %-18s %8.3g Gop/s %8.1f GB  %s%s\n", count[k], n->model,
			(double)n->speed_ops / 1e9, (double)n->memory_bytes / 1e9,
			n->affinity == SFE_GPU ? "GPU" : "CPU", n->client ? ", client" : "");
	}
	if (other)
		fprintf(out, "  %6u  of further kinds\n", other);
}

static void show_links(const struct sfe_topology *t, FILE *out)
{
	char text[SFE_DELAY_TEXT];
	uint32_t first[MAX_ROWS], count[MAX_ROWS], rows = 0, other = 0;

	for (uint32_t i = 0; i < t->n_links; i++) {
		const struct sfe_link *l = &t->links[i];
		uint32_t k = 0;

		while (k < rows &&
			(t->links[first[k]].kind != l->kind ||
				t->links[first[k]].capacity_bps != l->capacity_bps ||
				!sfe_delay_equal(&t->links[first[k]].latency, &l->latency)))
			k++;
		if (k == MAX_ROWS) {
			other++;
			continue;
		}
		if (k == rows) {
			first[rows] = i;
			count[rows++] = 0;
		}
		count[k]++;
	}
	fprintf(out, "%u links\n", t->n_links);
	for (uint32_t k = 0; k < rows; k++) {
		const struct sfe_link *l = &t->links[first[k]];

		fprintf(out, "  %6u  %-18s %8g Mb/s", count[k], sfe_link_kind_name(l->kind),
			l->capacity_mbps);
		if (l->latency.law != SFE_DELAY_NONE)
			fprintf(out, "  %s", sfe_delay_format(&l->latency, text));
		fputc('\n', out);
	}
	if (other)
		fprintf(out, "  %6u  of further kinds\n", other);
}

struct far {
	uint32_t links, hops; /* links and hops of the longest shortest path */
	uint32_t links_from, links_to;
};

static void walk(const struct sfe_topology *t, struct sfe_routing *r, uint32_t from, uint32_t to,
	struct far *far)
{
	uint32_t links = 0, hops = 0;

	for (uint32_t v = from; v != to; v = sfe_routing_next(r, v, to)) {
		if (v == SFE_NONE)
			return; /* no path between these two */
		links += sfe_vertex_kind(t, v) == SFE_VERTEX_LINK;
		hops += sfe_vertex_kind(t, v) == SFE_VERTEX_JUNCTION;
	}
	if (links > far->links) {
		far->links = links;
		far->links_from = from;
		far->links_to = to;
	}
	if (hops > far->hops)
		far->hops = hops;
}

static int show_diameter(const struct sfe_topology *t, FILE *out)
{
	struct sfe_routing *r;
	struct far far = {0};

	if (t->n_nodes < 2)
		return 0;
	if (t->n_nodes > MAX_DIAMETER_NODES) {
		fprintf(out, "diameter not computed: more than %d nodes\n", MAX_DIAMETER_NODES);
		return 0;
	}
	int rc = sfe_routing_new(t, SFE_PHYSICAL, &r, NULL);
	if (rc)
		return rc;
	for (uint32_t to = 0; to < t->n_nodes; to++)
		for (uint32_t from = 0; from < t->n_nodes; from++)
			walk(t, r, from, to, &far);
	sfe_routing_free(r);
	/* The last junction's hop to the node counts too. */
	fprintf(out, "diameter %u links (%s to %s), %u hops from node to node\n", far.links,
		t->nodes[far.links_from].name, t->nodes[far.links_to].name, far.hops + 1);
	return 0;
}

int sfe_topology_show(const struct sfe_topology *t, FILE *out)
{
	show_nodes(t, out);
	show_links(t, out);
	fprintf(out, "%u junctions\n%u edges\n", t->n_junctions, t->n_edges);
	if (t->n_edge_latencies)
		fprintf(out, "  %6u  with a latency of their own\n", t->n_edge_latencies);
	int rc = show_diameter(t, out);
	if (rc)
		return rc;
	return fflush(out) || ferror(out) ? -EIO : 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * A topology for Graphviz. A way that goes in both directions is one line without arrows; what goes
 * in one direction only (uplinks, downlinks) has its arrow.
 */
#include <errno.h>
#include <stdlib.h>

#include "sfemu/topology.h"

/* The reader lets no quote and no backslash into a name; an iiot has none either. */
static void write_node(const struct sfe_node *n, FILE *out)
{
	fprintf(out, "  \"%s\" [shape=%s, label=\"%s\\n%g Gop/s%s\"];\n", n->name,
		n->client ? "house" : "box3d", n->name, (double)n->speed_ops / 1e9,
		n->affinity == SFE_GPU ? " GPU" : "");
}

static void write_rate(double mbps, FILE *out)
{
	if (mbps >= 1000)
		fprintf(out, "%g Gb/s", mbps / 1000);
	else
		fprintf(out, "%g Mb/s", mbps);
}

static void write_link(const struct sfe_link *l, FILE *out)
{
	static const char *const shapes[SFE_LINK_KINDS] = {
		[SFE_LINK_NODE] = "plaintext",
		[SFE_LINK_SHARED] = "hexagon",
		[SFE_LINK_UPLINK] = "invtrapezium",
		[SFE_LINK_DOWNLINK] = "trapezium",
	};

	fprintf(out, "  \"%s\" [shape=%s, label=\"", l->name, shapes[l->kind]);
	if (l->kind != SFE_LINK_NODE)
		fprintf(out, "%s\\n", l->name);
	write_rate(l->capacity_mbps, out);
	fputs("\"];\n", out);
}

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static int write_edges(const struct sfe_topology *t, FILE *out)
{
	uint64_t *all = calloc((size_t)t->n_edges + 1, sizeof(*all));

	if (!all)
		return -ENOMEM;
	for (uint32_t e = 0; e < t->n_edges; e++)
		all[e] = (uint64_t)t->file_from[e] << 32 | t->file_to[e];
	qsort(all, t->n_edges, sizeof(*all), by_value);
	for (uint32_t e = 0; e < t->n_edges; e++) {
		uint32_t from = t->file_from[e], to = t->file_to[e];
		uint64_t back = (uint64_t)to << 32 | from;
		bool both = bsearch(&back, all, t->n_edges, sizeof(*all), by_value);

		if (both && from > to)
			continue; /* drawn with its other half */
		fprintf(out, "  \"%s\" -> \"%s\"%s;\n", sfe_vertex_name(t, from),
			sfe_vertex_name(t, to), both ? " [dir=none]" : "");
	}
	free(all);
	return 0;
}

int sfe_topology_dot(const struct sfe_topology *t, FILE *out)
{
	fputs("digraph topology {\n  graph [overlap=false, splines=true];\n"
	      "  node [fontsize=10];\n",
		out);
	for (uint32_t i = 0; i < t->n_nodes; i++)
		write_node(&t->nodes[i], out);
	for (uint32_t i = 0; i < t->n_links; i++)
		write_link(&t->links[i], out);
	for (uint32_t i = 0; i < t->n_junctions; i++)
		fprintf(out, "  \"%s\" [shape=ellipse];\n", t->junctions[i].name);
	int rc = write_edges(t, out);
	if (rc)
		return rc;
	fputs("}\n", out);
	return fflush(out) || ferror(out) ? -EIO : 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * Writes a topology for Graphviz. A connection in both directions is one line without arrows;
 * one-way connections (uplinks, downlinks) have an arrow.
 */
#include <errno.h>
#include <stdlib.h>

#include "sfemu/topology.h"

/* Names need no quoting, see name_check.h. */
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

/* Prints the mean of a law, and marks it as a law. */
static void write_latency(const struct sfe_delay *latency, FILE *out)
{
	fprintf(out, "%s%.3g ms", sfe_delay_varies(latency) ? "~" : "",
		sfe_delay_mean(latency) / 1e6);
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
	if (l->latency.law != SFE_DELAY_NONE) {
		fputs("\\n", out);
		write_latency(&l->latency, out);
	}
	fputs("\"];\n", out);
}

struct path {
	uint64_t ends; /* source and target */
	const struct sfe_delay *latency;
};

static int by_ends(const void *a, const void *b)
{
	const struct path *x = a, *y = b;

	return x->ends < y->ends ? -1 : x->ends > y->ends;
}

static void write_edge(const struct sfe_topology *t, uint32_t e, bool both, FILE *out)
{
	const struct sfe_delay *latency = sfe_edge_latency(t, e);
	const char *comma = both && latency ? ", " : "";

	fprintf(out, "  \"%s\" -> \"%s\"", sfe_vertex_name(t, t->file_from[e]),
		sfe_vertex_name(t, t->file_to[e]));
	if (both || latency)
		fprintf(out, " [%s%s", both ? "dir=none" : "", comma);
	if (latency) {
		fputs("label=\"", out);
		write_latency(latency, out);
		fputc('"', out);
	}
	fputs(both || latency ? "];\n" : ";\n", out);
}

/* Equal edges in both directions become one line. */
static int write_edges(const struct sfe_topology *t, FILE *out)
{
	struct path *all = calloc((size_t)t->n_edges + 1, sizeof(*all));

	if (!all)
		return -ENOMEM;
	for (uint32_t e = 0; e < t->n_edges; e++)
		all[e] = (struct path){
			(uint64_t)t->file_from[e] << 32 | t->file_to[e], sfe_edge_latency(t, e)};
	qsort(all, t->n_edges, sizeof(*all), by_ends);
	for (uint32_t e = 0; e < t->n_edges; e++) {
		uint32_t from = t->file_from[e], to = t->file_to[e];
		const struct sfe_delay *latency = sfe_edge_latency(t, e);
		struct path back = {(uint64_t)to << 32 | from, NULL};
		const struct path *found = bsearch(&back, all, t->n_edges, sizeof(*all), by_ends);
		bool both = found && (latency == found->latency ||
					     (latency && found->latency &&
						     sfe_delay_equal(latency, found->latency)));

		if (!both || from < to) /* else drawn with its opposite */
			write_edge(t, e, both, out);
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

/* SPDX-License-Identifier: MIT */
/* Writes Ether's three files; they read back as the same topology. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "sfemu/topology.h"

/* The shortest decimal that reads back as the same double. */
static void write_number(double v, FILE *f)
{
	char buf[32];

	for (int digits = 6; digits <= 17; digits++) {
		snprintf(buf, sizeof(buf), "%.*g", digits, v);
		if (strtod(buf, NULL) == v)
			break;
	}
	fputs(buf, f);
}

static void write_latency(const struct sfe_delay *latency, FILE *f)
{
	char text[SFE_DELAY_TEXT];

	if (latency && latency->law != SFE_DELAY_NONE)
		fprintf(f, ";%s", sfe_latency_format(latency, text));
}

static bool same_latency(const struct sfe_delay *a, const struct sfe_delay *b)
{
	return a == b || (a && b && sfe_delay_equal(a, b));
}

/* A row continues while source and latency are the same. */
static void write_edges(const struct sfe_topology *t, FILE *f)
{
	const struct sfe_delay *before = NULL;

	for (uint32_t e = 0; e < t->n_edges; e++) {
		const struct sfe_delay *latency = sfe_edge_latency(t, e);
		bool begins = !e || t->file_from[e] != t->file_from[e - 1] ||
			      !same_latency(latency, before);

		if (begins && e) {
			write_latency(before, f);
			fputc('\n', f);
		}
		if (begins)
			fputs(sfe_vertex_name(t, t->file_from[e]), f);
		fprintf(f, " %s", sfe_vertex_name(t, t->file_to[e]));
		before = latency;
	}
	write_latency(before, f);
	if (t->n_edges)
		fputc('\n', f);
}

int sfe_topology_write(const struct sfe_topology *t, FILE *nodes, FILE *links, FILE *edges)
{
	for (uint32_t i = 0; i < t->n_nodes; i++) {
		const struct sfe_node *n = &t->nodes[i];

		fprintf(nodes, "%u;%s;%" PRIu64 ";%" PRIu64 ";%s;%s;%s\n", i, n->name,
			n->memory_bytes, n->cpu_millis, n->arch, n->type, n->model);
	}
	for (uint32_t i = 0; i < t->n_links; i++) {
		const struct sfe_link *l = &t->links[i];

		fprintf(links, "%u;", i);
		write_number(l->capacity_mbps, links);
		fprintf(links, ";%s;%s", l->name, sfe_link_kind_name(l->kind));
		write_latency(&l->latency, links);
		fputc('\n', links);
	}
	write_edges(t, edges);
	return fflush(nodes) || fflush(links) || fflush(edges) || ferror(nodes) || ferror(links) ||
			       ferror(edges)
		       ? -EIO
		       : 0;
}

/* SPDX-License-Identifier: MIT */
/* Ether's three-file format: what is written is read back as the same topology. */
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

static void write_edges(const struct sfe_topology *t, FILE *f)
{
	for (uint32_t e = 0; e < t->n_edges; e++) {
		bool begins = !e || t->file_from[e] != t->file_from[e - 1];

		if (begins)
			fprintf(f, "%s%s", e ? "\n" : "", sfe_vertex_name(t, t->file_from[e]));
		fprintf(f, " %s", sfe_vertex_name(t, t->file_to[e]));
	}
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
		fprintf(links, ";%s;%s\n", l->name, sfe_link_kind_name(l->kind));
	}
	write_edges(t, edges);
	return fflush(nodes) || fflush(links) || fflush(edges) || ferror(nodes) || ferror(links) ||
			       ferror(edges)
		       ? -EIO
		       : 0;
}

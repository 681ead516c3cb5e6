/* SPDX-License-Identifier: MIT */
/*
 * A topology: a directed graph of nodes, links and junctions, as Ether writes it in three files
 * (nodes, links, edges). Pure data.
 *
 * Every vertex has an id: nodes in file order, then links in file order, then junctions in order of
 * first appearance in the edges file.
 */
#ifndef SFEMU_TOPOLOGY_H
#define SFEMU_TOPOLOGY_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "sfemu/delay.h"
#include "sfemu/error.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SFE_NONE UINT32_MAX /* no vertex, no node, no job */

/* Limits of every reader of topologies; beyond them a file is refused. */
#define SFE_MAX_VERTICES 1000000u
#define SFE_MAX_EDGES 10000000u
#define SFE_MAX_NAME 64u /* bytes of a name, without the final 0 */

enum sfe_affinity { SFE_CPU, SFE_GPU };
enum sfe_link_kind { SFE_LINK_NODE, SFE_LINK_SHARED, SFE_LINK_UPLINK, SFE_LINK_DOWNLINK };
#define SFE_LINK_KINDS 4
enum sfe_vertex_kind { SFE_VERTEX_NODE, SFE_VERTEX_LINK, SFE_VERTEX_JUNCTION };

struct sfe_node {
	char *name;
	uint64_t memory_bytes;
	uint64_t cpu_millis;
	char *arch, *type, *model;
	enum sfe_affinity affinity; /* from the model */
	bool client;                /* may start jobs; from the model */
	float speed_ops;            /* operations/s: (float)(cpu_millis * 1e6) */
};

struct sfe_link {
	char *name;
	enum sfe_link_kind kind;
	double capacity_mbps; /* as written */
	float capacity_bps;   /* (float)(1e6 * (double)(float)text) */
	/* One way; none where the row has no latency, constant where it says 0. Never from
	 * samples. */
	struct sfe_delay latency;
};

/* An edge with a latency: a cable between junctions or shared links that has no link of its own. */
struct sfe_edge_latency {
	uint32_t edge; /* index into file_from and file_to */
	struct sfe_delay latency;
};

struct sfe_junction {
	char *name;
};

struct sfe_name_index;

struct sfe_topology {
	uint32_t n_nodes, n_links, n_junctions;
	struct sfe_node *nodes;
	struct sfe_link *links;
	struct sfe_junction *junctions;
	/* Successors of vertex v: edge_to[edge_begin[v] .. edge_begin[v + 1]), in file order. */
	uint32_t n_edges;
	uint32_t *edge_begin;
	uint32_t *edge_to;
	/* The same edges as (source, target) pairs in file order, for writers. */
	uint32_t *file_from, *file_to;
	/* Edges with a latency, ascending; most topologies have none. */
	uint32_t n_edge_latencies;
	struct sfe_edge_latency *edge_latencies;
	struct sfe_name_index *names; /* internal: vertices by name */
};

static inline uint32_t sfe_topology_vertices(const struct sfe_topology *t)
{
	return t->n_nodes + t->n_links + t->n_junctions;
}
enum sfe_vertex_kind sfe_vertex_kind(const struct sfe_topology *t, uint32_t vertex);
const char *sfe_vertex_name(const struct sfe_topology *t, uint32_t vertex);
/* The vertex of that name; SFE_NONE: none. */
uint32_t sfe_vertex_find(const struct sfe_topology *t, const char *name);
const char *sfe_link_kind_name(
	enum sfe_link_kind kind); /* "node", "shared", "uplink", "downlink" */

/* The latency of an edge by its index into file_from; NULL: none. */
const struct sfe_delay *sfe_edge_latency(const struct sfe_topology *t, uint32_t edge);
/* The same by the edge's ends; NULL: no edge from one to the other has a latency. */
const struct sfe_delay *sfe_latency_between(
	const struct sfe_topology *t, uint32_t from, uint32_t to);
/* Reads and prints a latency as in the files: numbers are ms, alone or in a law; brackets and
 * commas count as blanks; otherwise laws are those of delay.h. */
int sfe_latency_parse(const char *text, struct sfe_delay *out, struct sfe_error *err);
const char *sfe_latency_format(const struct sfe_delay *latency, char buf[SFE_DELAY_TEXT]);

/* Reads the three files. The caller frees *out with sfe_topology_free. */
int sfe_topology_read(const char *nodes, const char *links, const char *edges,
	struct sfe_topology **out, struct sfe_error *err);
/* The same from memory, for tests and fuzzers; the names are the places in errors. */
int sfe_topology_parse(const char *nodes, size_t nodes_len, const char *nodes_name,
	const char *links, size_t links_len, const char *links_name, const char *edges,
	size_t edges_len, const char *edges_name, struct sfe_topology **out, struct sfe_error *err);
void sfe_topology_free(struct sfe_topology *t);

/*
 * Ether's industrial IoT scenario with 1 to 10000 premises, and its urban sensing scenario with 1
 * to 1000 cells. generate.h describes them and has their other parameters.
 */
int sfe_topology_iiot(uint32_t premises, struct sfe_topology **out, struct sfe_error *err);
int sfe_topology_urban(
	uint32_t cells, uint32_t seed, struct sfe_topology **out, struct sfe_error *err);

/* Writers: the three files, a summary for people, and Graphviz. */
int sfe_topology_write(const struct sfe_topology *t, FILE *nodes, FILE *links, FILE *edges);
int sfe_topology_show(const struct sfe_topology *t, FILE *out);
int sfe_topology_dot(const struct sfe_topology *t, FILE *out);

#ifdef __cplusplus
}
#endif

#endif

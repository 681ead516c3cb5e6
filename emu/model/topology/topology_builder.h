/* SPDX-License-Identifier: MIT */
/*
 * The core of all topology builders: the parser of Ether's files, the generators and programs add
 * to it. It enforces the limits and knows the place of every name.
 */
#ifndef SFE_TOPOLOGY_TOPOLOGY_BUILDER_H
#define SFE_TOPOLOGY_TOPOLOGY_BUILDER_H

#include "emu/model/base/text.h"
#include "emu/model/topology/topology_check.h"
#include "sfemu/topology_builder.h"

#define SFE_MAX_MEMORY (1ull << 60)     /* bytes of a node */
#define SFE_MAX_CPU_MILLIS (1ull << 50) /* of a node */

#define SFE_BLOCK_NAMES "use one of rpi3, rpi4, rockpi, coral, nano, tx2, nx, nuc, vm, server"

/* A vertex before its id is known: its kind, and its number within the kind. */
typedef uint32_t sfe_ref;
#define SFE_REF_SHIFT 30
_Static_assert(SFE_MAX_VERTICES < 1u << SFE_REF_SHIFT, "a reference holds every number");

struct sfe_topology_builder {
	struct sfe_topology *t; /* edges hold references until the end */
	uint32_t max_vertices;  /* SFE_MAX_VERTICES, or less */
	/* For errors: the place being read. line 0: none, a program calls. */
	const char *file;
	unsigned line;
	const char *files[3];   /* by kind of vertex: the file of these vertices */
	unsigned *line_of[3];   /* by kind and number: line of the first appearance */
	unsigned *line_of_edge; /* in file order */
	uint32_t cap_line[3], cap[3], cap_from, cap_to, cap_latency, cap_line_edge;
	struct sfe_error error; /* the first error */
	int rc;
};

struct sfe_node_row {
	struct sfe_span name, arch, type;
	uint64_t memory_bytes, cpu_millis;
	const struct sfe_node_block *block; /* of its model */
};

/* These return b->rc: 0, or the first error. */
int sfe_builder_add_node(struct sfe_topology_builder *b, const struct sfe_node_row *row);
/* mbps_single: the same number rounded once from its text. latency: NULL for none. */
int sfe_builder_add_link(struct sfe_topology_builder *b, struct sfe_span name,
	enum sfe_link_kind kind, double mbps, float mbps_single, const struct sfe_delay *latency);
/* The vertex of that name; a name that is neither node nor link is a junction, new or known. */
int sfe_builder_ref(struct sfe_topology_builder *b, struct sfe_span name, sfe_ref *ref);
int sfe_builder_add_edge(
	struct sfe_topology_builder *b, sfe_ref from, sfe_ref to, const struct sfe_delay *latency);

static inline enum sfe_vertex_kind sfe_ref_kind(sfe_ref ref)
{
	return (enum sfe_vertex_kind)(ref >> SFE_REF_SHIFT);
}
static inline uint32_t sfe_ref_number(sfe_ref ref)
{
	return ref & ((1u << SFE_REF_SHIFT) - 1);
}
bool sfe_builder_is_shared(const struct sfe_topology_builder *b, sfe_ref ref);

/* Fails at the place being read, unless there was an error before. Returns b->rc. */
int sfe_builder_fail(struct sfe_topology_builder *b, int code, const char *todo, const char *fmt,
	...) __attribute__((format(printf, 4, 5)));

#endif

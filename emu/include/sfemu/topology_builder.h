/* SPDX-License-Identifier: MIT */
/*
 * Builds a topology from calls: nodes, links and junctions by name, then their connections.
 * 	struct sfe_topology_builder *b = sfe_build_new();
 * 	sfe_build_node(b, "camera", "rpi3");
 * 	sfe_build_node(b, "box", "server");
 * 	sfe_build_attach(b, "camera", 1000, "switch");
 * 	sfe_build_attach(b, "box", 1000, "switch");
 * 	int rc = sfe_build_finish(b, &topology, &err);
 *
 * Every call returns 0 or a negative errno, but callers need not check it: the builder keeps the
 * first error, later calls do nothing, and sfe_build_finish reports the error. The result passes
 * the checks of topology files and has the ids that files would give: nodes in call order, then
 * links, then junctions by first appearance. A name that is neither a node nor a link is a
 * junction. Names have letters, digits and _ . - (docs/scenario.md has the rule); others are
 * refused with -EINVAL.
 */
#ifndef SFEMU_TOPOLOGY_BUILDER_H
#define SFEMU_TOPOLOGY_BUILDER_H

#include "sfemu/topology.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sfe_topology_builder;

/* NULL: out of memory. The other calls accept NULL; sfe_build_finish reports it. */
struct sfe_topology_builder *sfe_build_new(void);
/* Frees the builder without a result; sfe_build_finish frees it too. */
void sfe_build_free(struct sfe_topology_builder *b);

/* One of Ether's nodes. what: a name (rpi3, server) or a model (rpi3b+). */
int sfe_build_node(struct sfe_topology_builder *b, const char *name, const char *what);
/* The same with its own speed, in thousandths of a CPU of 1e9 operations/s, and memory. */
int sfe_build_custom_node(struct sfe_topology_builder *b, const char *name, const char *what,
	uint64_t cpu_millis, uint64_t memory_bytes);
int sfe_build_link(
	struct sfe_topology_builder *b, const char *name, enum sfe_link_kind kind, double mbps);
/* Sets the one-way latency of an added link; not from samples. */
int sfe_build_link_latency(
	struct sfe_topology_builder *b, const char *link, const struct sfe_delay *latency);
/* Needed only to fix the order of junctions: connecting a junction adds it. */
int sfe_build_junction(struct sfe_topology_builder *b, const char *name);

/* One way. */
int sfe_build_edge(struct sfe_topology_builder *b, const char *from, const char *to);
/* Both directions. */
int sfe_build_connect(struct sfe_topology_builder *b, const char *from, const char *to);
/* One way between junctions or shared links, with a latency of its own. */
int sfe_build_edge_latency(struct sfe_topology_builder *b, const char *from, const char *to,
	const struct sfe_delay *latency);
/* Connects a node with a junction or shared link through an access link of its own, "link_NODE". */
int sfe_build_attach(struct sfe_topology_builder *b, const char *node, double mbps, const char *to);
/* Connects a site with the rest of the network through the links "up_NAME" and "down_NAME". */
int sfe_build_updown(struct sfe_topology_builder *b, const char *name, const char *site,
	double up_mbps, double down_mbps, const char *beyond);

/* Checks the topology and returns it in *out, the caller's. Frees b in every case. */
int sfe_build_finish(
	struct sfe_topology_builder *b, struct sfe_topology **out, struct sfe_error *err);

/* Properties of Ether's nodes. */
struct sfe_node_block {
	const char *name;  /* Ether's name: "rpi3" */
	const char *model; /* model in its files: "rpi3b+" */
	const char *arch, *type;
	uint64_t cpu_millis, memory_bytes;
	enum sfe_affinity affinity;
	bool client;
};
/* The i-th; NULL past the last. */
const struct sfe_node_block *sfe_node_block(uint32_t i);
/* By name or model; NULL: unknown. */
const struct sfe_node_block *sfe_node_block_find(const char *what);

#ifdef __cplusplus
}
#endif

#endif

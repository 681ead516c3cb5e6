/* SPDX-License-Identifier: MIT */
/*
 * A topology from calls, as a program makes one: nodes, links and junctions by name, then who is
 * connected with whom.
 *
 *	struct sfe_topology_builder *b = sfe_build_new();
 *	sfe_build_node(b, "camera", "rpi3");
 *	sfe_build_node(b, "box", "server");
 *	sfe_build_attach(b, "camera", 1000, "switch");
 *	sfe_build_attach(b, "box", 1000, "switch");
 *	int rc = sfe_build_finish(b, &topology, &err);
 *
 * Every call returns 0 or a negative errno, but none needs to be looked at: the first error is
 *kept, calls after it do nothing, and sfe_build_finish tells it. What is built passes the checks
 *that files pass and has the ids that files would give: nodes in the order of the calls, then
 *links, then junctions by their first appearance. A name that is neither a node nor a link is a
 *junction. Names are letters, digits and _ . - (docs/scenario.md has the rule); others are
 *refused with -EINVAL.
 */
#ifndef SFEMU_TOPOLOGY_BUILDER_H
#define SFEMU_TOPOLOGY_BUILDER_H

#include "sfemu/topology.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sfe_topology_builder;

/* NULL when out of memory, which all other calls take and sfe_build_finish reports. */
struct sfe_topology_builder *sfe_build_new(void);
/* Gives up what was built; sfe_build_finish does this too. */
void sfe_build_free(struct sfe_topology_builder *b);

/* A node as Ether has them. what: one of its names (rpi3, server) or of its models (rpi3b+). */
int sfe_build_node(struct sfe_topology_builder *b, const char *name, const char *what);
/* The same with another speed, in thousandths of a CPU of 1e9 operations/s, and memory. */
int sfe_build_own_node(struct sfe_topology_builder *b, const char *name, const char *what,
	uint64_t cpu_millis, uint64_t memory_bytes);
int sfe_build_link(
	struct sfe_topology_builder *b, const char *name, enum sfe_link_kind kind, double mbps);
/* Gives a link that was added a latency, one way; not one from samples. */
int sfe_build_link_latency(
	struct sfe_topology_builder *b, const char *link, const struct sfe_delay *latency);
/* Only where the order of junctions matters: connecting one adds it. */
int sfe_build_junction(struct sfe_topology_builder *b, const char *name);

/* One way. */
int sfe_build_edge(struct sfe_topology_builder *b, const char *from, const char *to);
/* Both paths. */
int sfe_build_connect(struct sfe_topology_builder *b, const char *from, const char *to);
/* One way between junctions or shared links, with a latency of its own. */
int sfe_build_slow_edge(struct sfe_topology_builder *b, const char *from, const char *to,
	const struct sfe_delay *latency);
/* Connects a node through an access link of its own, "link_NODE", with a junction or shared link.
 */
int sfe_build_attach(struct sfe_topology_builder *b, const char *node, double mbps, const char *to);
/* Connects a site with what is beyond it through the links "up_NAME" and "down_NAME". */
int sfe_build_updown(struct sfe_topology_builder *b, const char *name, const char *site,
	double up_mbps, double down_mbps, const char *beyond);

/* Checks and gives out the topology, which is the caller's; b is freed, whatever this returns. */
int sfe_build_finish(
	struct sfe_topology_builder *b, struct sfe_topology **out, struct sfe_error *err);

/* What Ether's nodes are. */
struct sfe_node_block {
	const char *name;  /* as Ether calls them: "rpi3" */
	const char *model; /* as its files say it: "rpi3b+" */
	const char *arch, *type;
	uint64_t cpu_millis, memory_bytes;
	enum sfe_affinity affinity;
	bool client;
};
/* One after the other; NULL after the last. */
const struct sfe_node_block *sfe_node_block(uint32_t i);
/* By its name or its model, NULL if there is none. */
const struct sfe_node_block *sfe_node_block_find(const char *what);

#ifdef __cplusplus
}
#endif

#endif

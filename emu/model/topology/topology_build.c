/* SPDX-License-Identifier: MIT */
/* The calls by which programs build a topology. */
#include <errno.h>
#include <string.h>

#include "emu/model/topology/topology_builder.h"

static struct sfe_span span(const char *text)
{
	return (struct sfe_span){text ? text : "", text ? strlen(text) : 0};
}

static int add_node(struct sfe_topology_builder *b, const char *name, const char *what,
	uint64_t cpu_millis, uint64_t memory_bytes, bool own)
{
	if (!b || b->rc)
		return b ? b->rc : -ENOMEM;
	const struct sfe_node_block *block = what ? sfe_node_block_find(what) : NULL;
	if (!block)
		return sfe_builder_fail(b, -EINVAL, SFE_BLOCK_NAMES,
			"the node %s is an unknown '%s'", SFE_SHOW(span(name)),
			SFE_SHOW(span(what)));
	return sfe_builder_add_node(
		b, &(struct sfe_node_row){
			   .name = span(name),
			   .arch = span(block->arch),
			   .type = span(block->type),
			   .memory_bytes = own ? memory_bytes : block->memory_bytes,
			   .cpu_millis = own ? cpu_millis : block->cpu_millis,
			   .block = block,
		   });
}

int sfe_build_node(struct sfe_topology_builder *b, const char *name, const char *what)
{
	return add_node(b, name, what, 0, 0, false);
}

int sfe_build_custom_node(struct sfe_topology_builder *b, const char *name, const char *what,
	uint64_t cpu_millis, uint64_t memory_bytes)
{
	return add_node(b, name, what, cpu_millis, memory_bytes, true);
}

int sfe_build_link(
	struct sfe_topology_builder *b, const char *name, enum sfe_link_kind kind, double mbps)
{
	if (!b)
		return -ENOMEM;
	if ((unsigned)kind >= SFE_LINK_KINDS)
		return sfe_builder_fail(b, -EINVAL, "use one of enum sfe_link_kind",
			"the link %s has an unknown kind", SFE_SHOW(span(name)));
	return sfe_builder_add_link(b, span(name), kind, mbps, (float)mbps, NULL);
}

static int check_latency(struct sfe_topology_builder *b, const struct sfe_delay *latency)
{
	if (latency->law == SFE_DELAY_TABLE_OF_SAMPLES)
		return sfe_builder_fail(b, -EINVAL, "use one of the other laws",
			"a latency from samples cannot be written to a topology's files");
	return b->rc;
}

int sfe_build_link_latency(
	struct sfe_topology_builder *b, const char *link, const struct sfe_delay *latency)
{
	if (!b || b->rc || check_latency(b, latency))
		return b ? b->rc : -ENOMEM;
	for (uint32_t l = b->t->n_links; l-- > 0;)
		if (link && !strcmp(b->t->links[l].name, link)) {
			b->t->links[l].latency = *latency;
			return 0;
		}
	return sfe_builder_fail(
		b, -EINVAL, "add the link first", "there is no link %s", SFE_SHOW(span(link)));
}

int sfe_build_junction(struct sfe_topology_builder *b, const char *name)
{
	sfe_ref ref;

	return b ? sfe_builder_ref(b, span(name), &ref) : -ENOMEM;
}

static int add_edge(struct sfe_topology_builder *b, const char *from, const char *to,
	const struct sfe_delay *latency)
{
	sfe_ref source, target;

	if (!b)
		return -ENOMEM;
	if (sfe_builder_ref(b, span(from), &source) || sfe_builder_ref(b, span(to), &target))
		return b->rc;
	return sfe_builder_add_edge(b, source, target, latency);
}

int sfe_build_edge(struct sfe_topology_builder *b, const char *from, const char *to)
{
	return add_edge(b, from, to, NULL);
}

int sfe_build_edge_latency(struct sfe_topology_builder *b, const char *from, const char *to,
	const struct sfe_delay *latency)
{
	if (!b || check_latency(b, latency))
		return b ? b->rc : -ENOMEM;
	return add_edge(b, from, to, latency->law == SFE_DELAY_NONE ? NULL : latency);
}

int sfe_build_connect(struct sfe_topology_builder *b, const char *from, const char *to)
{
	int rc = sfe_build_edge(b, from, to);

	return rc ? rc : sfe_build_edge(b, to, from);
}

int sfe_build_attach(struct sfe_topology_builder *b, const char *node, double mbps, const char *to)
{
	char link[SFE_MAX_NAME + 16];

	/* A name that is too long fails the name check. */
	snprintf(link, sizeof(link), "link_%s", node ? node : "");
	int rc = sfe_build_link(b, link, SFE_LINK_NODE, mbps);
	if (!rc)
		rc = sfe_build_connect(b, node, link);
	return rc ? rc : sfe_build_connect(b, link, to);
}

int sfe_build_updown(struct sfe_topology_builder *b, const char *name, const char *site,
	double up_mbps, double down_mbps, const char *beyond)
{
	char up[SFE_MAX_NAME + 16], down[SFE_MAX_NAME + 16];

	snprintf(up, sizeof(up), "up_%s", name ? name : "");
	snprintf(down, sizeof(down), "down_%s", name ? name : "");
	if (!b || sfe_build_link(b, up, SFE_LINK_UPLINK, up_mbps) ||
		sfe_build_link(b, down, SFE_LINK_DOWNLINK, down_mbps) ||
		sfe_build_edge(b, site, up) || sfe_build_edge(b, down, site) ||
		sfe_build_edge(b, beyond, down))
		return b ? b->rc : -ENOMEM;
	return sfe_build_edge(b, up, beyond);
}

/* SPDX-License-Identifier: MIT */
#include "emu/net/plan_cables.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The two hosts that a link joins: it carries packets from one to the other. SFE_NONE: not known
 * yet. */
struct link_ends {
	uint32_t from, to;
};

static bool is_host(const struct sfe_topology *t, uint32_t vertex)
{
	return sfe_vertex_kind(t, vertex) != SFE_VERTEX_LINK ||
	       t->links[vertex - t->n_nodes].kind == SFE_LINK_SHARED;
}

static enum sfe_host_kind kind_of(const struct sfe_topology *t, uint32_t vertex)
{
	switch (sfe_vertex_kind(t, vertex)) {
	case SFE_VERTEX_NODE:
		return SFE_HOST_NODE;
	case SFE_VERTEX_LINK:
		return SFE_HOST_MEDIUM;
	default:
		return SFE_HOST_JUNCTION;
	}
}

/* Room for one more of n, by doubling at each power of two, so that no capacity is stored. NULL: no
 * memory. */
static void *room_for_one(void *array, uint32_t n, size_t element)
{
	if (n & (n - 1))
		return array;
	return reallocarray(array, n ? 2 * (size_t)n : 1, element);
}

static int add_host(struct sfe_plan *p, const char *name, char *own_name, enum sfe_host_kind kind,
	uint32_t vertex)
{
	struct sfe_host *hosts = room_for_one(p->hosts, p->n_hosts, sizeof(*hosts));

	if (!hosts)
		return -ENOMEM;
	p->hosts = hosts;
	hosts[p->n_hosts] = (struct sfe_host){
		.name = name,
		.own_name = own_name,
		.kind = kind,
		.vertex = vertex,
		.parent = SFE_NONE,
	};
	if (vertex != SFE_NONE)
		p->host_of_vertex[vertex] = p->n_hosts;
	p->n_hosts++;
	return 0;
}

static int add_hosts(struct sfe_plan *p, struct sfe_error *err)
{
	const struct sfe_topology *t = p->topology;
	uint32_t n = sfe_topology_vertices(t);

	p->host_of_vertex = malloc((n + 1) * sizeof(*p->host_of_vertex));
	if (!p->host_of_vertex)
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	for (uint32_t v = 0; v < n; v++)
		p->host_of_vertex[v] = SFE_NONE;
	for (uint32_t v = 0; v < n; v++)
		if (is_host(t, v) && add_host(p, sfe_vertex_name(t, v), NULL, kind_of(t, v), v))
			return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	return 0;
}

/* The index of the cable between two hosts, which is made if there is none; SFE_NONE: no memory. */
static uint32_t cable_between(struct sfe_plan *p, uint32_t a, uint32_t b, uint32_t *side_of_a)
{
	/* The one with fewer ports knows it as well. */
	bool from_b = p->hosts[b].n_ports < p->hosts[a].n_ports;
	const struct sfe_host *h = &p->hosts[from_b ? b : a];

	for (uint32_t i = 0; i < h->n_ports; i++) {
		const struct sfe_cable *c = &p->cables[h->ports[i].cable];
		if (c->end[1 - h->ports[i].side].host == (from_b ? a : b)) {
			*side_of_a = from_b ? 1 - h->ports[i].side : h->ports[i].side;
			return h->ports[i].cable;
		}
	}

	struct sfe_cable *cables = room_for_one(p->cables, p->n_cables, sizeof(*cables));
	if (!cables)
		return SFE_NONE;
	p->cables = cables;
	cables[p->n_cables] = (struct sfe_cable){
		.end = {{.host = a, .link = SFE_NONE, .edge = SFE_NONE},
			{.host = b, .link = SFE_NONE, .edge = SFE_NONE}},
	};
	for (uint32_t side = 0; side < 2; side++) {
		struct sfe_host *host = &p->hosts[side ? b : a];
		struct sfe_port *ports = room_for_one(host->ports, host->n_ports, sizeof(*ports));
		if (!ports)
			return SFE_NONE;
		host->ports = ports;
		cables[p->n_cables].end[side].port = host->n_ports;
		ports[host->n_ports++] = (struct sfe_port){.cable = p->n_cables, .side = side};
	}
	*side_of_a = 0;
	return p->n_cables++;
}

/* Records that `link` carries packets from host a to host b. SFE_NONE: a bare cable, for that edge.
 */
static int connect_hosts(struct sfe_plan *p, uint32_t a, uint32_t b, uint32_t link, uint32_t edge,
	struct sfe_error *err)
{
	uint32_t side;
	uint32_t c = cable_between(p, a, b, &side);

	if (c == SFE_NONE)
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	struct sfe_cable_end *end = &p->cables[c].end[side];
	if (link == SFE_NONE && end->link == SFE_NONE) {
		end->edge = edge;
		return 0;
	}
	if (link == SFE_NONE)
		return sfe_fail(err, -EINVAL, p->topology->links[end->link].name,
			"put a junction between, or remove the edge",
			"an edge goes from %s to %s beside the link", p->hosts[a].name,
			p->hosts[b].name);
	if (end->link != SFE_NONE && end->link != link)
		return sfe_fail(err, -EINVAL, p->topology->links[link].name,
			"put a junction between, so that each link has its own ends",
			"link goes from %s to %s beside link %s", p->hosts[a].name,
			p->hosts[b].name, p->topology->links[end->link].name);
	end->link = link;
	return 0;
}

/* The host at the other end of an edge of a link: the host of the vertex, or, where two links meet,
 * a junction that is added between them. */
static int host_beside(struct sfe_plan *p, uint32_t vertex, uint32_t link_vertex, uint32_t *host,
	struct sfe_error *err)
{
	const struct sfe_topology *t = p->topology;

	*host = p->host_of_vertex[vertex];
	if (*host != SFE_NONE)
		return 0;

	uint32_t low = vertex < link_vertex ? vertex : link_vertex;
	uint32_t high = vertex < link_vertex ? link_vertex : vertex;
	char *name = NULL;
	if (asprintf(&name, "%s~%s", sfe_vertex_name(t, low), sfe_vertex_name(t, high)) < 0)
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	*host = sfe_plan_host(p, name);
	if (*host != SFE_NONE) {
		free(name);
		return 0;
	}
	*host = p->n_hosts;
	if (add_host(p, name, name, SFE_HOST_JUNCTION, SFE_NONE)) {
		free(name);
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	}
	return 0;
}

static int set_end(struct sfe_plan *p, uint32_t *end, uint32_t host, uint32_t link,
	const char *what, struct sfe_error *err)
{
	if (*end != SFE_NONE && *end != host)
		return sfe_fail(err, -EINVAL, p->topology->links[link].name,
			"a link between more than two must have type shared",
			"%s link has more than one %s: %s and %s",
			sfe_link_kind_name(p->topology->links[link].kind), what,
			p->hosts[*end].name, p->hosts[host].name);
	*end = host;
	return 0;
}

/* A `node` link carries packets in both directions: its two neighbours are its ends, whatever the
 * direction of the edge. */
static int set_bidirectional_end(struct sfe_plan *p, struct link_ends *ends, uint32_t host,
	uint32_t link, struct sfe_error *err)
{
	if (ends->from == host || ends->to == host)
		return 0;
	if (ends->from == SFE_NONE) {
		ends->from = host;
		return 0;
	}
	return set_end(p, &ends->to, host, link, "far end", err);
}

static int note_edge(struct sfe_plan *p, struct link_ends *ends, uint32_t from, uint32_t to,
	struct sfe_error *err)
{
	const struct sfe_topology *t = p->topology;
	uint32_t host;
	int r;

	if (!is_host(t, from)) {
		uint32_t link = from - t->n_nodes;
		if ((r = host_beside(p, to, from, &host, err)))
			return r;
		if (t->links[link].kind == SFE_LINK_NODE)
			r = set_bidirectional_end(p, &ends[link], host, link, err);
		else
			r = set_end(p, &ends[link].to, host, link, "end", err);
		if (r)
			return r;
	}
	if (!is_host(t, to)) {
		uint32_t link = to - t->n_nodes;
		if ((r = host_beside(p, from, to, &host, err)))
			return r;
		if (t->links[link].kind == SFE_LINK_NODE)
			return set_bidirectional_end(p, &ends[link], host, link, err);
		return set_end(p, &ends[link].from, host, link, "start", err);
	}
	return 0;
}

static int connect_links(struct sfe_plan *p, const struct link_ends *ends, struct sfe_error *err)
{
	const struct sfe_topology *t = p->topology;

	for (uint32_t l = 0; l < t->n_links; l++) {
		if (t->links[l].kind == SFE_LINK_SHARED)
			continue;
		uint32_t from = ends[l].from, to = ends[l].to;
		if (from == SFE_NONE || to == SFE_NONE || from == to)
			return sfe_fail(err, -EINVAL, t->links[l].name,
				"add the missing edge, or remove the link from the links file",
				"a link without an end: it %s",
				from == SFE_NONE ? "begins nowhere"
				: to == SFE_NONE ? "leads nowhere"
						 : "leads back to where it begins");
		int r = connect_hosts(p, from, to, l, SFE_NONE, err);
		if (!r && t->links[l].kind == SFE_LINK_NODE)
			r = connect_hosts(p, to, from, l, SFE_NONE, err);
		if (r)
			return r;
	}
	return 0;
}

static int add_cables(struct sfe_plan *p, struct sfe_error *err)
{
	const struct sfe_topology *t = p->topology;
	struct link_ends *ends = malloc((t->n_links + 1) * sizeof(*ends));
	int r = 0;

	if (!ends)
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	for (uint32_t l = 0; l < t->n_links; l++)
		ends[l] = (struct link_ends){SFE_NONE, SFE_NONE};
	for (uint32_t e = 0; e < t->n_edges && !r; e++)
		r = note_edge(p, ends, t->file_from[e], t->file_to[e], err);
	if (!r)
		r = connect_links(p, ends, err);
	for (uint32_t e = 0; e < t->n_edges && !r; e++)
		if (is_host(t, t->file_from[e]) && is_host(t, t->file_to[e]))
			r = connect_hosts(p, p->host_of_vertex[t->file_from[e]],
				p->host_of_vertex[t->file_to[e]], SFE_NONE, e, err);
	free(ends);
	return r;
}

/* A bare cable carries packets both ways, so there must be an edge for each. */
static int check_edges(
	const struct sfe_plan *p, const struct sfe_cable_end *end, struct sfe_error *err)
{
	for (int side = 0; side < 2; side++)
		if (end[side].edge == SFE_NONE)
			return sfe_fail(err, -EINVAL, p->hosts[end[side].host].name,
				"add an edge with its latency, or make it a link",
				"an edge comes from %s, and none goes back",
				p->hosts[end[1 - side].host].name);
	return 0;
}

/* A cable with one direction would lose every answer: an uplink needs a downlink. */
static int check_both_directions(const struct sfe_plan *p, struct sfe_error *err)
{
	for (uint32_t c = 0; c < p->n_cables; c++) {
		const struct sfe_cable_end *end = p->cables[c].end;
		if (end[0].link == SFE_NONE && end[1].link == SFE_NONE && check_edges(p, end, err))
			return -EINVAL;
		for (int side = 0; side < 2; side++)
			if (end[side].link != SFE_NONE && end[1 - side].link == SFE_NONE)
				return sfe_fail(err, -EINVAL,
					p->topology->links[end[side].link].name,
					"give it a counterpart (an uplink needs a downlink)",
					"link has no path back from %s to %s",
					p->hosts[end[1 - side].host].name,
					p->hosts[end[side].host].name);
	}
	return 0;
}

int sfe_plan_cables(const struct sfe_topology *t, struct sfe_plan **out, struct sfe_error *err)
{
	struct sfe_plan *p = calloc(1, sizeof(*p));
	int r;

	if (!p)
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	if (sfe_topology_vertices(t) > SFE_MAX_PLANNED_VERTICES) {
		free(p);
		return sfe_fail(err, -ERANGE, "topology", "use a smaller topology",
			"%u nodes, links and junctions are more than the %u that an emulated "
			"network may have",
			sfe_topology_vertices(t), SFE_MAX_PLANNED_VERTICES);
	}
	p->topology = t;
	if ((r = add_hosts(p, err)) || (r = add_cables(p, err)) ||
		(r = check_both_directions(p, err))) {
		sfe_plan_free(p);
		return r;
	}
	*out = p;
	return 0;
}

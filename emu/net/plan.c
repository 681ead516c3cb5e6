/* SPDX-License-Identifier: MIT */
#include "emu/net/plan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "emu/net/plan_internal.h"

/* How many hosts a cable link touches in each direction, and which. */
struct link_ends {
	uint32_t from, to; /* directed: a host before it and one after it; SFE_NONE: none yet */
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

static int add_host(struct sfe_plan *p, const char *name, char *own_name, enum sfe_host_kind kind,
	uint32_t vertex)
{
	struct sfe_host *hosts = reallocarray(p->hosts, p->n_hosts + 1, sizeof(*hosts));

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

/* The cable between two hosts, made if there is none. Returns its index or SFE_NONE. */
static uint32_t cable_between(struct sfe_plan *p, uint32_t a, uint32_t b, uint32_t *side_of_a)
{
	const struct sfe_host *h = &p->hosts[a];

	for (uint32_t i = 0; i < h->n_ports; i++) {
		const struct sfe_cable *c = &p->cables[h->ports[i].cable];
		if (c->end[1 - h->ports[i].side].host == b) {
			*side_of_a = h->ports[i].side;
			return h->ports[i].cable;
		}
	}

	struct sfe_cable *cables = reallocarray(p->cables, p->n_cables + 1, sizeof(*cables));
	if (!cables)
		return SFE_NONE;
	p->cables = cables;
	cables[p->n_cables] = (struct sfe_cable){
		.end = {{.host = a, .link = SFE_NONE, .edge = SFE_NONE},
			{.host = b, .link = SFE_NONE, .edge = SFE_NONE}},
	};
	for (uint32_t side = 0; side < 2; side++) {
		struct sfe_host *host = &p->hosts[side ? b : a];
		struct sfe_port *ports =
			reallocarray(host->ports, host->n_ports + 1, sizeof(*ports));
		if (!ports)
			return SFE_NONE;
		host->ports = ports;
		ports[host->n_ports++] = (struct sfe_port){.cable = p->n_cables, .side = side};
	}
	*side_of_a = 0;
	return p->n_cables++;
}

/* Says that `link` carries what goes from host a to host b (SFE_NONE: a bare cable, of that edge).
 */
static int connect_hosts(struct sfe_plan *p, uint32_t a, uint32_t b, uint32_t link, uint32_t edge,
	struct sfe_error *err)
{
	uint32_t side;
	uint32_t c = cable_between(p, a, b, &side);

	if (c == SFE_NONE)
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	struct sfe_cable_end *end = &p->cables[c].end[side];
	if (link == SFE_NONE) {
		end->edge = edge;
		return 0;
	}
	if (end->link != SFE_NONE && end->link != link)
		return sfe_fail(err, -EINVAL, p->topology->links[link].name,
			"put a junction between, so that each link has its own ends",
			"link goes from %s to %s beside link %s", p->hosts[a].name,
			p->hosts[b].name, p->topology->links[end->link].name);
	end->link = link;
	return 0;
}

/* Where an edge leads that leaves or enters a cable link: a host, or a junction made for two links
 * that meet. */
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
			"a link that more than two share is of type shared",
			"%s link has more than one %s: %s and %s",
			sfe_link_kind_name(p->topology->links[link].kind), what,
			p->hosts[*end].name, p->hosts[host].name);
	*end = host;
	return 0;
}

/* A `node` link's edges go both ways: its two neighbours are its ends, whatever the edge's
 * direction. */
static int set_two_way_end(struct sfe_plan *p, struct link_ends *ends, uint32_t host, uint32_t link,
	struct sfe_error *err)
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
			r = set_two_way_end(p, &ends[link], host, link, err);
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
			return set_two_way_end(p, &ends[link], host, link, err);
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

/* A one-way cable would lose every answer: an uplink needs its downlink. */
static int check_both_ways(const struct sfe_plan *p, struct sfe_error *err)
{
	for (uint32_t c = 0; c < p->n_cables; c++) {
		const struct sfe_cable_end *end = p->cables[c].end;
		for (int side = 0; side < 2; side++)
			if (end[side].link != SFE_NONE && end[1 - side].link == SFE_NONE)
				return sfe_fail(err, -EINVAL,
					p->topology->links[end[side].link].name,
					"give it a counterpart (an uplink needs a downlink)",
					"link has no way back from %s to %s",
					p->hosts[end[1 - side].host].name,
					p->hosts[end[side].host].name);
	}
	return 0;
}

static bool usable_ifname(
	const struct sfe_plan *p, const struct sfe_host *host, uint32_t port, const char *name)
{
	if (!strcmp(name, "lo") || !strncmp(name, "ifb", 3))
		return false;
	/* The last bytes of a name are none themselves: nothing may take them for an option. */
	if (strchr("-.~", name[0]))
		return false;
	for (uint32_t i = 0; i < port; i++)
		if (!strcmp(p->cables[host->ports[i].cable].end[host->ports[i].side].ifname, name))
			return false;
	return true;
}

/*
 * An interface is called like the host on its other end, so that `tcpdump -i rpi3_0` on a switch
 * says what it shows; of a name that is too long for an interface, the last 15 bytes. A node's own
 * are eth0, eth1, …
 */
static void name_port(struct sfe_plan *p, const struct sfe_host *host, uint32_t port)
{
	struct sfe_cable_end *end = &p->cables[host->ports[port].cable].end[host->ports[port].side];
	const char *peer = p->hosts[sfe_plan_peer(p, host, port)->host].name;
	size_t length = strlen(peer), room = sizeof(end->ifname) - 1;

	if (length > room)
		peer += length - room;
	if (host->kind == SFE_HOST_NODE)
		snprintf(end->ifname, sizeof(end->ifname), "eth%u", port);
	else if (usable_ifname(p, host, port, peer))
		snprintf(end->ifname, sizeof(end->ifname), "%s", peer);
	else
		snprintf(end->ifname, sizeof(end->ifname), "port%u", port);
}

static void name_ends(struct sfe_plan *p)
{
	for (uint32_t h = 0; h < p->n_hosts; h++) {
		const struct sfe_host *host = &p->hosts[h];
		for (uint32_t i = 0; i < host->n_ports; i++) {
			uint32_t cable = host->ports[i].cable, side = host->ports[i].side;
			/* Locally administered, unique in the emulation, the same in every run. */
			const uint8_t mac[6] = {0x02, (uint8_t)side, (uint8_t)(cable >> 24),
				(uint8_t)(cable >> 16), (uint8_t)(cable >> 8), (uint8_t)cable};
			memcpy(p->cables[cable].end[side].mac, mac, sizeof(mac));
			name_port(p, host, i);
		}
	}
}

int sfe_plan_new(const struct sfe_topology *t, struct sfe_plan **out, struct sfe_error *err)
{
	struct sfe_plan *p = calloc(1, sizeof(*p));
	int r;

	if (!p)
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	p->topology = t;
	if ((r = add_hosts(p, err)) || (r = add_cables(p, err)) || (r = check_both_ways(p, err)) ||
		(r = sfe_plan_address(p, err)) || (r = sfe_plan_route(p, err))) {
		sfe_plan_free(p);
		return r;
	}
	name_ends(p);
	*out = p;
	return 0;
}

void sfe_plan_free(struct sfe_plan *p)
{
	if (!p)
		return;
	for (uint32_t h = 0; h < p->n_hosts; h++) {
		free(p->hosts[h].own_name);
		free(p->hosts[h].ports);
		free(p->hosts[h].routes);
	}
	free(p->hosts);
	free(p->cables);
	free(p->host_of_vertex);
	free(p);
}

uint32_t sfe_plan_host(const struct sfe_plan *p, const char *name)
{
	for (uint32_t h = 0; h < p->n_hosts; h++)
		if (!strcmp(p->hosts[h].name, name))
			return h;
	return SFE_NONE;
}

const struct sfe_cable_end *sfe_plan_peer(
	const struct sfe_plan *p, const struct sfe_host *h, uint32_t i)
{
	return &p->cables[h->ports[i].cable].end[1 - h->ports[i].side];
}

uint64_t sfe_plan_routes(const struct sfe_plan *p)
{
	uint64_t n = 0;

	for (uint32_t h = 0; h < p->n_hosts; h++)
		n += p->hosts[h].n_routes;
	return n;
}

enum sfe_link_direction sfe_plan_direction(
	const struct sfe_plan *p, uint32_t link, uint32_t from, uint32_t to)
{
	enum sfe_link_kind kind = p->topology->links[link].kind;
	bool from_node = p->hosts[from].kind == SFE_HOST_NODE;
	bool to_node = p->hosts[to].kind == SFE_HOST_NODE;

	if (kind == SFE_LINK_UPLINK || kind == SFE_LINK_DOWNLINK)
		return kind == SFE_LINK_UPLINK ? SFE_UP : SFE_DOWN;
	if (from_node != to_node)
		return from_node ? SFE_UP : SFE_DOWN;
	return from < to ? SFE_UP : SFE_DOWN;
}

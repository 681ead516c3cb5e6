/* SPDX-License-Identifier: MIT */
#include "emu/net/plan_route.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#define MAX_HOSTS_WITH_CYCLES 4096u /* its paths are worked out in cubic time */

static int add_route(struct sfe_host *h, uint32_t prefix, uint8_t length, uint32_t port)
{
	/* The array doubles at each power of two, so that no capacity is stored. */
	if (!(h->n_routes & (h->n_routes - 1))) {
		struct sfe_route *routes =
			reallocarray(h->routes, h->n_routes ? h->n_routes * 2 : 1, sizeof(*routes));
		if (!routes)
			return -ENOMEM;
		h->routes = routes;
	}
	h->routes[h->n_routes++] = (struct sfe_route){prefix, length, port};
	return 0;
}

static uint32_t block_start(const struct sfe_host *h)
{
	return h->block ? h->address & (uint32_t)(~0ull << (32 - h->block)) : 0;
}

static int route_tree(struct sfe_plan *p)
{
	for (uint32_t h = 0; h < p->n_hosts; h++) {
		struct sfe_host *host = &p->hosts[h];
		for (uint32_t i = 0; i < host->n_ports; i++) {
			const struct sfe_host *peer = &p->hosts[sfe_plan_peer(p, host, i)->host];
			int r = peer->parent == h
					? add_route(host, block_start(peer), peer->block, i)
					: add_route(host, 0, 0, i);
			if (r)
				return r;
		}
	}
	return 0;
}

/* The model's weight of a link: 2 / capacity. A bare cable has a tiny weight, so that of two equal
 * paths the one with fewer hops is taken. */
static double weight(const struct sfe_plan *p, const struct sfe_cable_end *from)
{
	const struct sfe_topology *t = p->topology;
	const struct sfe_host *h = &p->hosts[from->host];
	double w = from->link == SFE_NONE ? 1e-15 : 2.0 / t->links[from->link].capacity_bps;

	if (h->kind == SFE_HOST_MEDIUM)
		w += 2.0 / t->links[h->vertex - t->n_nodes].capacity_bps;
	return w;
}

/*
 * Dijkstra's algorithm from `to`, against the direction of the cables. port[h] is the port by which
 * h sends packets for `to`. A topology with cycles has a few hundred hosts, for which the quadratic
 * form is fast enough.
 */
static void paths_to(
	const struct sfe_plan *p, uint32_t to, double *distance, bool *done, uint32_t *port)
{
	for (uint32_t h = 0; h < p->n_hosts; h++) {
		distance[h] = INFINITY;
		done[h] = false;
		port[h] = SFE_NONE;
	}
	distance[to] = 0;
	for (;;) {
		uint32_t at = SFE_NONE;
		for (uint32_t h = 0; h < p->n_hosts; h++)
			if (!done[h] && distance[h] < INFINITY &&
				(at == SFE_NONE || distance[h] < distance[at]))
				at = h;
		if (at == SFE_NONE)
			return;
		done[at] = true;
		const struct sfe_host *host = &p->hosts[at];
		/* A node does not forward packets of others. */
		if (host->kind == SFE_HOST_NODE && at != to)
			continue;
		for (uint32_t i = 0; i < host->n_ports; i++) {
			const struct sfe_cable_end *peer = sfe_plan_peer(p, host, i);
			double d = distance[at] + weight(p, peer);
			if (d < distance[peer->host]) {
				distance[peer->host] = d;
				for (uint32_t j = 0; j < p->hosts[peer->host].n_ports; j++)
					if (p->hosts[peer->host].ports[j].cable ==
						host->ports[i].cable)
						port[peer->host] = j;
			}
		}
	}
}

struct routing_table {
	uint32_t *port; /* port[to * n + at] */
	uint32_t **children;
	uint32_t *n_children;
};

/* Adds the routes of host h for a subtree: one if its port is not the inherited one, and then those
 * of the subtrees in it. */
static int add_subtree(struct sfe_plan *p, const struct routing_table *table, uint32_t h,
	uint32_t subtree, uint32_t inherited)
{
	uint32_t port = subtree == h ? inherited : table->port[(size_t)subtree * p->n_hosts + h];

	if (port != inherited) {
		const struct sfe_host *s = &p->hosts[subtree];
		bool root = s->parent == SFE_NONE;
		int r = add_route(
			&p->hosts[h], root ? 0 : block_start(s), root ? 0 : s->block, port);
		if (r)
			return r;
	}
	for (uint32_t i = 0; i < table->n_children[subtree]; i++) {
		int r = add_subtree(p, table, h, table->children[subtree][i], port);
		if (r)
			return r;
	}
	return 0;
}

static int route_graph(struct sfe_plan *p)
{
	uint32_t n = p->n_hosts, root = 0;
	double *distance = calloc(n, sizeof(*distance));
	bool *done = calloc(n, sizeof(*done));
	struct routing_table table = {
		.port = calloc((size_t)n * n, sizeof(*table.port)),
		.children = calloc(n, sizeof(*table.children)),
		.n_children = calloc(n, sizeof(*table.n_children)),
	};
	int r = -ENOMEM;

	if (!distance || !done || !table.port || !table.children || !table.n_children)
		goto out;
	for (uint32_t to = 0; to < n; to++)
		paths_to(p, to, distance, done, table.port + (size_t)to * n);
	for (uint32_t h = 0; h < n; h++) {
		uint32_t parent = p->hosts[h].parent;
		if (parent == SFE_NONE) {
			root = h;
			continue;
		}
		if (!table.children[parent] &&
			!(table.children[parent] =
					calloc(p->hosts[parent].n_ports, sizeof(uint32_t))))
			goto out;
		table.children[parent][table.n_children[parent]++] = h;
	}
	r = 0;
	for (uint32_t h = 0; h < n && !r; h++)
		r = add_subtree(p, &table, h, root, SFE_NONE);
out:
	for (uint32_t h = 0; table.children && h < n; h++)
		free(table.children[h]);
	free(table.children);
	free(table.n_children);
	free(table.port);
	free(distance);
	free(done);
	return r;
}

int sfe_plan_route(struct sfe_plan *p, struct sfe_error *err)
{
	/* The hosts are connected, so n - 1 cables make a tree. */
	bool tree = p->n_cables == p->n_hosts - 1;

	if (!tree && p->n_hosts > MAX_HOSTS_WITH_CYCLES)
		return sfe_fail(err, -ERANGE, "topology",
			"use a smaller one, or one without cycles",
			"a network with cycles may have %u hosts, and this one has %u",
			MAX_HOSTS_WITH_CYCLES, p->n_hosts);
	int r = tree ? route_tree(p) : route_graph(p);

	return r ? sfe_fail(err, r, NULL, NULL, "out of memory") : 0;
}

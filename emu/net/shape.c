/* SPDX-License-Identifier: MIT */
/* Which interface shapes a direction of a link, and how a running network is changed. */
#include "emu/net/shape.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emu/net/turns.h"
#include "sfemu/random.h"

static const struct sfe_cable_end *own_end(const struct sfe_plan *p, uint32_t host, uint32_t port)
{
	const struct sfe_port *at = &p->hosts[host].ports[port];

	return &p->cables[at->cable].end[at->side];
}

/* The link of a medium's host. */
static uint32_t medium_link(const struct sfe_plan *p, uint32_t host)
{
	return p->hosts[host].vertex - p->topology->n_nodes;
}

static const struct sfe_link_spec *spec_of(
	const struct sfe_net *net, uint32_t link, enum sfe_link_direction direction)
{
	return &net->link[SFE_DIRECTIONS * link + direction];
}

/* The same name gets the same random numbers in each run of a seed. */
static uint64_t seed_of(const struct sfe_net *net, const char *name)
{
	struct sfe_stream stream = sfe_stream_named(net->params->seed, name);
	uint64_t seed;

	do {
		seed = sfe_stream_u64(&stream);
	} while (!seed); /* with 0 the kernel would draw a seed itself */
	return seed;
}

struct sfe_link_spec sfe_net_spec(
	const struct sfe_net *net, uint32_t link, enum sfe_link_direction direction)
{
	struct sfe_link_spec spec = *spec_of(net, link, direction);
	uint32_t changes = net->changes[SFE_DIRECTIONS * link + direction];
	char name[2 * SFE_MAX_NAME];

	/* Each change begins another stream, not the same one again. */
	snprintf(name, sizeof(name), "netem %s %s %u", net->plan->topology->links[link].name,
		direction == SFE_UP ? "up" : "down", changes);
	spec.prng_seed = seed_of(net, name);
	return spec;
}

uint32_t sfe_net_mtu(const struct sfe_net *net, uint32_t host, uint32_t port)
{
	const struct sfe_plan *p = net->plan;
	const struct sfe_cable *c = &p->cables[p->hosts[host].ports[port].cable];
	uint32_t mtu = UINT32_MAX;

	for (int side = 0; side < 2; side++) {
		uint32_t from = c->end[side].host, to = c->end[1 - side].host, own;
		if (c->end[side].link != SFE_NONE) {
			own = spec_of(net, c->end[side].link,
				sfe_plan_direction(p, c->end[side].link, from, to))
				      ->mtu;
			mtu = own && own < mtu ? own : mtu;
		}
		if (p->hosts[from].kind == SFE_HOST_MEDIUM) {
			own = spec_of(net, medium_link(p, from), SFE_UP)->mtu;
			mtu = own && own < mtu ? own : mtu;
		}
	}
	return mtu == UINT32_MAX ? net->params->mtu : mtu;
}

static bool full_duplex(const struct sfe_net *net, uint32_t host)
{
	return net->plan->hosts[host].kind == SFE_HOST_MEDIUM &&
	       spec_of(net, medium_link(net->plan, host), SFE_UP)->full_duplex;
}

bool sfe_net_is_station(const struct sfe_plan *p, uint32_t host, uint32_t port)
{
	const struct sfe_host *h = &p->hosts[host];

	if (p->hosts[sfe_plan_peer(p, h, port)->host].kind == SFE_HOST_NODE)
		return true;
	for (uint32_t i = 0; i < h->n_ports; i++)
		if (p->hosts[sfe_plan_peer(p, h, i)->host].kind == SFE_HOST_NODE)
			return false;
	return true;
}

static bool managed(const struct sfe_net *net, uint32_t host)
{
	return net->plan->hosts[host].kind == SFE_HOST_MEDIUM &&
	       sfe_shaper_manages(spec_of(net, medium_link(net->plan, host), SFE_UP));
}

/* Whether packets that leave by a port come out of an IFB device of its medium. */
static bool follows_ifb(const struct sfe_net *net, uint32_t host, uint32_t port)
{
	return managed(net, host) ||
	       (full_duplex(net, host) && sfe_net_is_station(net->plan, host, port));
}

/*
 * A packet that was redirected to an IFB device at the egress of a port does not meet the port's
 * policer when it comes back: the kernel skips the filters once, to avoid a loop. netem's limit
 * then keeps the queue, in packets.
 */
static void without_policer(struct sfe_link_spec *spec, uint32_t mtu)
{
	if (!spec->rate_bps || (spec->queue_packets && !spec->queue_bytes))
		return;
	spec->queue_packets =
		(uint32_t)ceil(sfe_link_queue_bytes(spec) / (mtu + SFE_FRAME_OVERHEAD));
	spec->queue_bytes = spec->queue_ns = 0;
}

/* Fills *out for a port; false: the port shapes nothing. */
static bool shaped_port(
	const struct sfe_net *net, uint32_t host, uint32_t port, struct sfe_shaped *out)
{
	const struct sfe_plan *p = net->plan;
	const struct sfe_cable_end *end = own_end(p, host, port);
	const struct sfe_delay *latency;
	char name[3 * SFE_MAX_NAME];
	uint32_t peer = sfe_plan_peer(p, &p->hosts[host], port)->host;

	*out = (struct sfe_shaped){.ifindex = SFE_FIRST_PORT_INDEX + (int)port,
		.mtu = sfe_net_mtu(net, host, port),
		.link = end->link};
	if (end->link != SFE_NONE) {
		out->direction = sfe_plan_direction(p, end->link, host, peer);
		out->spec = sfe_net_spec(net, end->link, out->direction);
		out->where = p->topology->links[end->link].name;
		if (follows_ifb(net, host, port))
			without_policer(&out->spec, out->mtu);
		return true;
	}
	latency = end->edge == SFE_NONE ? NULL : sfe_edge_latency(p->topology, end->edge);
	if (!latency)
		return false;
	snprintf(name, sizeof(name), "netem from %s to %s", p->hosts[host].name,
		p->hosts[peer].name);
	out->spec = (struct sfe_link_spec){.delay = *latency, .prng_seed = seed_of(net, name)};
	out->where = p->hosts[host].name;
	return true;
}

/* The MTU of a medium, which its IFB devices have as well. */
static uint32_t medium_mtu(const struct sfe_net *net, uint32_t host)
{
	uint32_t own = spec_of(net, medium_link(net->plan, host), SFE_UP)->mtu;

	return own ? own : net->params->mtu;
}

uint32_t sfe_net_shaped(const struct sfe_net *net, uint32_t host, struct sfe_shaped *shaped)
{
	const struct sfe_plan *p = net->plan;
	uint32_t n = 0;

	for (uint32_t i = 0; i < p->hosts[host].n_ports; i++)
		n += shaped_port(net, host, i, &shaped[n]);
	if (p->hosts[host].kind != SFE_HOST_MEDIUM)
		return n;
	uint32_t link = medium_link(p, host);
	for (int d = 0; d <= full_duplex(net, host); d++)
		shaped[n++] = (struct sfe_shaped){.ifindex = SFE_IFB_INDEX + d,
			.spec = sfe_net_spec(net, link, (enum sfe_link_direction)d),
			.mtu = medium_mtu(net, host),
			.where = p->topology->links[link].name,
			.stations = sfe_net_stations(net, host),
			.link = link,
			.direction = (enum sfe_link_direction)d};
	return n;
}

static int shape_medium(
	struct sfe_net *net, uint32_t h, const struct sfe_shaped *ifb, struct sfe_error *err)
{
	bool full = full_duplex(net, h), queued = managed(net, h);
	bool down = ifb->direction == SFE_DOWN;
	int r;

	/* A medium that shapes nothing needs no IFB device. */
	if (!sfe_shaper_shapes(&ifb->spec))
		return 0;
	r = sfe_shaper_medium(&net->nl[h], ifb, err);
	for (uint32_t i = 0; i < net->plan->hosts[h].n_ports && !r; i++) {
		int port = SFE_FIRST_PORT_INDEX + (int)i;
		if (full && !sfe_net_is_station(net->plan, h, i))
			continue;
		if (queued)
			r = sfe_ifb_redirect(&net->nl[h], port, false,
				sfe_ifb_of_queue(ifb->ifindex), ifb->where, err);
		r = r ? r
		      : sfe_ifb_redirect(
				&net->nl[h], port, down || queued, ifb->ifindex, ifb->where, err);
	}
	return r;
}

int sfe_net_shape(struct sfe_net *net, uint32_t h, struct sfe_error *err)
{
	uint32_t ports = net->plan->hosts[h].n_ports;
	struct sfe_shaped *shaped = calloc(ports + SFE_DIRECTIONS, sizeof(*shaped));
	int r = 0;

	if (!shaped)
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	uint32_t n = sfe_net_shaped(net, h, shaped);
	/* Media first: if a port has a redirection and a policer, the redirection comes first. */
	for (uint32_t i = 0; i < n && !r; i++)
		if (shaped[i].ifindex < SFE_FIRST_PORT_INDEX)
			r = shape_medium(net, h, &shaped[i], err);
	for (uint32_t i = 0; i < n && !r; i++)
		if (shaped[i].ifindex >= SFE_FIRST_PORT_INDEX)
			r = sfe_shaper_set(&net->nl[h], &shaped[i], err);
	/* The names in queued messages are the plan's; the array itself may be freed. */
	free(shaped);
	return r;
}

/* The host that shapes a direction of a link, SFE_NONE if there is none. */
static uint32_t host_of(const struct sfe_net *net, uint32_t link, enum sfe_link_direction direction)
{
	const struct sfe_plan *p = net->plan;
	uint32_t medium = p->host_of_vertex[p->topology->n_nodes + link];

	if (medium != SFE_NONE)
		return direction == SFE_UP || full_duplex(net, medium) ? medium : SFE_NONE;
	for (uint32_t c = 0; c < p->n_cables; c++)
		for (int side = 0; side < 2; side++)
			if (p->cables[c].end[side].link == link &&
				sfe_plan_direction(p, link, p->cables[c].end[side].host,
					p->cables[c].end[1 - side].host) == direction)
				return p->cables[c].end[side].host;
	return SFE_NONE;
}

/* Sets interfaces of a host to their current specifications and reads them back: those of one
 * direction of a link, whose specification was *before, or all (link SFE_NONE, before NULL). */
static int change_in(struct sfe_net *net, uint32_t h, uint32_t link,
	enum sfe_link_direction direction, const struct sfe_link_spec *before,
	struct sfe_error *err)
{
	struct sfe_shaped *shaped =
		calloc(net->plan->hosts[h].n_ports + SFE_DIRECTIONS, sizeof(*shaped));
	int r = 0;

	if (!shaped)
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	uint32_t n = sfe_net_shaped(net, h, shaped);
	for (uint32_t i = 0; i < n && !r; i++)
		if ((link == SFE_NONE && sfe_shaper_shapes(&shaped[i].spec)) ||
			(shaped[i].link == link && shaped[i].direction == direction))
			r = sfe_shaper_change(&net->nl[h], before, &shaped[i], err);
	r = r ? r : sfe_nl_flush(&net->nl[h], err);
	r = r ? r : sfe_shaper_read_back(&net->nl[h], shaped, n, err);
	free(shaped);
	return r;
}

static bool behind_ifb(const struct sfe_net *net, uint32_t host, uint32_t link)
{
	for (uint32_t i = 0; i < net->plan->hosts[host].n_ports; i++)
		if (own_end(net->plan, host, i)->link == link && follows_ifb(net, host, i))
			return true;
	return false;
}

/* A link that once had a packet list goes on with an empty one, so that its count of losses stays.
 */
static void keep_counting(const struct sfe_link_spec *before, struct sfe_link_spec *now)
{
	static const struct sfe_packet_list none = {0};

	if (before->loss.packets && !now->loss.packets)
		now->loss.packets = &none;
}

int sfe_net_can_change(const struct sfe_net *net, uint32_t link, enum sfe_link_direction direction,
	const struct sfe_link_spec *spec, struct sfe_error *err)
{
	const struct sfe_link_spec before = *spec_of(net, link, direction);
	const char *name = net->plan->topology->links[link].name;

	if (host_of(net, link, direction) == SFE_NONE)
		return sfe_fail(err, -EINVAL, name, "leave the direction out, or give the other",
			"has no direction %s", direction == SFE_UP ? "up" : "down");
	if (spec->mtu != before.mtu || spec->full_duplex != before.full_duplex ||
		spec->medium != before.medium || spec->discipline != before.discipline)
		return sfe_fail(err, -EINVAL, name, "set it in the scenario",
			"MTU, medium, duplex and discipline do not change in a running network");
	if (sfe_shaper_manages(&before) && !spec->rate_bps)
		return sfe_fail(err, -EINVAL, name, "give it one",
			"a link whose queue is managed needs a rate");
	if (!sfe_shaper_shapes(&before) || !sfe_shaper_shapes(spec))
		return sfe_fail(err, -EINVAL, name, "give it a rate or a delay from the start",
			"a link that shapes nothing cannot change");
	if (spec->loss.packets && behind_ifb(net, host_of(net, link, direction), link))
		return sfe_fail(err, -EINVAL, name, "give the list to the medium",
			"packets that leave a medium of full duplex or with a managed queue are "
			"not "
			"counted at its ports");
	return 0;
}

int sfe_net_change(struct sfe_net *net, uint32_t link, enum sfe_link_direction direction,
	const struct sfe_link_spec *spec, struct sfe_error *err)
{
	struct sfe_link_spec *own = &net->link[SFE_DIRECTIONS * link + direction], before = *own;
	int r = sfe_net_can_change(net, link, direction, spec, err);

	if (r)
		return r;
	*own = *spec;
	net->reorders |= spec->reorder_gap != 0;
	keep_counting(&before, own);
	net->changes[SFE_DIRECTIONS * link + direction]++;
	r = change_in(net, host_of(net, link, direction), link, direction, &before, err);
	if (r)
		*own = before;
	return r;
}

void sfe_net_note_reordering(struct sfe_net *net)
{
	net->reorders = false;
	for (size_t i = 0; i < SFE_DIRECTIONS * (size_t)net->plan->topology->n_links; i++)
		net->reorders |= net->link[i].reorder_gap != 0;
}

int sfe_net_restart(struct sfe_net *net, struct sfe_error *err)
{
	size_t n = SFE_DIRECTIONS * (size_t)net->plan->topology->n_links;
	int r = 0;

	for (size_t i = 0; i < n; i++) {
		struct sfe_link_spec before = net->link[i];
		net->link[i] = net->params->link[i];
		keep_counting(&before, &net->link[i]);
	}
	memset(net->changes, 0, n * sizeof(*net->changes));
	sfe_net_note_reordering(net);
	for (uint32_t h = 0; h < net->plan->n_hosts && !r; h++)
		r = change_in(net, h, SFE_NONE, SFE_UP, NULL, err);
	return r ? r : sfe_net_heal(net, err);
}

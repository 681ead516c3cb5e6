/* SPDX-License-Identifier: MIT */
#include "emu/verify/verify_path.h"

#include <math.h>

#include "sfemu/dcf.h"

double sfe_verify_path_max_delay(const struct sfe_verify_path *p)
{
	struct sfe_delay_netem delay;
	double sum = 0;

	for (int i = 0; i < p->n; i++) {
		sfe_delay_netem_range(&p->spec[i].delay, &delay, NULL);
		sum += (double)delay.max_ns + (double)p->spec[i].slots.max_ns;
	}
	return sum;
}

double sfe_verify_path_frame_ns(const struct sfe_verify_path *p, uint32_t bytes)
{
	double sum = 0;

	for (int i = 0; i < p->n; i++)
		sum += sfe_link_frame_ns(&p->spec[i], bytes);
	return sum;
}

double sfe_verify_path_service_ns(const struct sfe_link_spec *spec, uint32_t mtu, uint32_t bytes)
{
	if (!sfe_shaper_contends(spec))
		return sfe_link_frame_ns(spec, bytes);
	return 8e9 * bytes /
	       sfe_dcf_saturation_bps(spec, sfe_shaper_managed_packets(spec, mtu), 1, bytes);
}

double sfe_verify_path_contention_ns(const struct sfe_verify_path *p, uint32_t bytes)
{
	double longest = 0;

	for (int i = 0; i < p->n; i++)
		if (sfe_shaper_contends(&p->spec[i]))
			longest = fmax(longest, sfe_dcf_success_ns(&p->spec[i], 1, bytes) +
							(double)sfe_dcf.cw_min * sfe_dcf.slot);
	return longest;
}

const struct sfe_link_spec *sfe_verify_path_bottleneck(const struct sfe_verify_path *p)
{
	const uint32_t mtu = 1500;
	int slowest = 0;

	for (int i = 1; i < p->n; i++)
		if (sfe_verify_path_service_ns(&p->spec[i], mtu, mtu) >
			sfe_verify_path_service_ns(&p->spec[slowest], mtu, mtu))
			slowest = i;
	return &p->spec[slowest];
}

const struct sfe_delay *sfe_verify_path_law(
	const struct sfe_verify_path *p, double *constant_ns, int *varying)
{
	const struct sfe_delay *law = NULL;

	*constant_ns = 0;
	*varying = 0;
	for (int i = 0; i < p->n; i++) {
		if (sfe_shaper_contends(&p->spec[i]))
			*constant_ns += sfe_dcf_alone_ns(&p->spec[i]);
		if (sfe_delay_varies(&p->spec[i].delay)) {
			law = &p->spec[i].delay;
			(*varying)++;
		} else {
			*constant_ns += sfe_delay_mean(&p->spec[i].delay);
		}
	}
	return *varying == 1 ? law : NULL;
}

double sfe_verify_path_undelayed(const struct sfe_verify_path *p, double *variance)
{
	const struct sfe_link_spec *s = &p->spec[0];
	const struct sfe_loss same = {
		.model = SFE_LOSS_RANDOM, .p = {s->reorder.probability, s->reorder.correlation}};
	double probability = s->reorder.probability;
	/* Packets from one without delay to the next: gap - 1 that are always delayed, then a
	 * geometrically distributed number. */
	double mean = s->reorder_gap - 1 + 1 / probability;
	double spread = (1 - probability) / (probability * probability);

	*variance = 0;
	if (!s->reorder_gap || probability <= 0)
		return 0;
	*variance = spread / (mean * mean * mean) * sfe_loss_burstiness(&same);
	return 1 / mean;
}

double sfe_verify_path_rounding_ns(const struct sfe_verify_path *p, uint32_t bytes)
{
	double sum = 0;

	for (int i = 0; i < p->n; i++)
		if (p->spec[i].rate_bps)
			sum += sfe_link_frame_ns(&p->spec[i], bytes) *
			       (double)(p->spec[i].rate_bps % 8) /
			       (double)(p->spec[i].rate_bps / 8 * 8);
	return sum;
}

double sfe_verify_path_listed(const struct sfe_verify_path *p)
{
	double packets = 0;

	for (int i = 0; i < p->n; i++)
		if (p->spec[i].loss.packets)
			packets += (double)p->spec[i].loss.packets->packets;
	return packets;
}

double sfe_verify_path_correlation(const struct sfe_verify_path *p)
{
	double most = 0;

	for (int i = 0; i < p->n; i++)
		most = fmax(most, p->spec[i].delay_correlation);
	return most;
}

bool sfe_verify_path_disturbed(const struct sfe_verify_path *p)
{
	for (int i = 0; i < p->n; i++)
		if (sfe_loss_mean(&p->spec[i].loss) > 0 || p->spec[i].loss.packets ||
			p->spec[i].corrupt.probability > 0 || p->spec[i].duplicate.probability > 0)
			return true;
	return false;
}

bool sfe_verify_path_corrupts(const struct sfe_verify_path *p)
{
	for (int i = 0; i < p->n; i++)
		if (p->spec[i].corrupt.probability > 0)
			return true;
	return false;
}

bool sfe_verify_path_reorders(const struct sfe_verify_path *p)
{
	for (int i = 0; i < p->n; i++)
		if (p->spec[i].reorder_gap)
			return true;
	return false;
}

bool sfe_verify_path_slotted(const struct sfe_verify_path *p)
{
	for (int i = 0; i < p->n; i++)
		if (p->spec[i].slots.max_ns)
			return true;
	return false;
}

/* ---- finding hosts and links */

static uint32_t cable_port(const struct sfe_plan *p, uint32_t host, uint32_t cable)
{
	uint32_t i = 0;

	while (p->hosts[host].ports[i].cable != cable)
		i++;
	return i;
}

static bool is_medium(const struct sfe_plan *p, uint32_t host)
{
	return p->hosts[host].kind == SFE_HOST_MEDIUM;
}

static bool is_managed(const struct sfe_net *net, uint32_t host)
{
	const struct sfe_plan *p = net->plan;

	return is_medium(p, host) &&
	       sfe_shaper_manages(
		       &net->link[SFE_DIRECTIONS * (p->hosts[host].vertex - p->topology->n_nodes)]);
}

static void set_ends(
	const struct sfe_plan *p, uint32_t cable, int side, struct sfe_verify_path *out)
{
	const struct sfe_cable_end *end = p->cables[cable].end;

	out->from = end[side].host;
	out->port = cable_port(p, out->from, cable);
	out->to = end[1 - side].host;
	out->to_port = cable_port(p, out->to, cable);
}

/* Another port of a medium that packets have a route to. One without a link of its own is
 * preferred. SFE_NONE if there is none. */
static uint32_t other_port(const struct sfe_plan *p, uint32_t medium, uint32_t port, bool out)
{
	const struct sfe_host *h = &p->hosts[medium];
	uint32_t found = SFE_NONE;

	for (uint32_t i = 0; i < h->n_ports; i++) {
		const struct sfe_cable_end *end = p->cables[h->ports[i].cable].end;
		uint32_t side = h->ports[i].side, far = end[1 - side].host;
		if (i == port || (p->hosts[far].parent != medium && h->parent != far))
			continue;
		if (end[out ? side : 1 - side].link == SFE_NONE)
			return i;
		found = found == SFE_NONE ? i : found;
	}
	return found;
}

/* Puts one more link on the path, after those that it has or before them. */
static void add_link(struct sfe_verify_path *out, struct sfe_link_spec spec, bool in_front)
{
	for (int i = out->n; i > 0 && in_front; i--)
		out->order[i] = out->order[i - 1];
	out->order[in_front ? 0 : out->n] = out->n;
	out->spec[out->n++] = spec;
}

/* Makes a link the measured one; the order of the links stays. */
static void put_first(struct sfe_verify_path *out, int link)
{
	struct sfe_link_spec measured = out->spec[link];

	out->spec[link] = out->spec[0];
	out->spec[0] = measured;
	for (int i = 0; i < out->n; i++)
		out->order[i] = out->order[i] == 0      ? link
				: out->order[i] == link ? 0
							: out->order[i];
}

/* The path from the neighbour at one port (SFE_NONE: any) through the medium to the neighbour at
 * another. The measured link comes first. */
static bool through(const struct sfe_net *net, uint32_t medium, uint32_t in, uint32_t out_port,
	uint32_t link, struct sfe_verify_path *out)
{
	const struct sfe_plan *p = net->plan;
	const struct sfe_host *h = &p->hosts[medium];

	in = in == SFE_NONE ? other_port(p, medium, out_port, false) : in;
	out_port =
		out_port == SFE_NONE && in != SFE_NONE ? other_port(p, medium, in, true) : out_port;
	if (in == SFE_NONE || out_port == SFE_NONE)
		return false;
	const struct sfe_port *a = &h->ports[in], *b = &h->ports[out_port];
	struct sfe_verify_path last;
	set_ends(p, a->cable, 1 - (int)a->side, out);
	set_ends(p, b->cable, (int)b->side, &last);
	out->to = last.to;
	out->to_port = last.to_port;
	const struct sfe_cable_end *leaves[] = {
		&p->cables[a->cable].end[1 - a->side], &p->cables[b->cable].end[b->side]};
	const uint32_t next[] = {medium, last.to};
	out->n = 0;
	add_link(out, sfe_net_spec(net, h->vertex - p->topology->n_nodes, SFE_UP), false);
	for (int i = 0; i < 2; i++) {
		if (leaves[i]->link == SFE_NONE)
			continue;
		struct sfe_link_spec spec = sfe_net_spec(net, leaves[i]->link,
			sfe_plan_direction(p, leaves[i]->link, leaves[i]->host, next[i]));
		add_link(out, spec, i == 0);
		if (leaves[i]->link == link)
			put_first(out, out->n - 1);
	}
	return true;
}

/* Adds the medium at an end of a cable: packets into the medium's host pass it, and with full
 * duplex also those from it to a station. */
static void add_media(
	const struct sfe_net *net, uint32_t from, uint32_t to, struct sfe_verify_path *out)
{
	const struct sfe_plan *p = net->plan;
	uint32_t medium = is_medium(p, to) ? to : from;

	if (!is_medium(p, medium))
		return;
	uint32_t link = p->hosts[medium].vertex - p->topology->n_nodes;
	bool full = net->link[SFE_DIRECTIONS * link].full_duplex;
	bool station = p->hosts[medium == to ? from : to].kind == SFE_HOST_NODE;
	if (medium == to && (!full || station))
		add_link(out, sfe_net_spec(net, link, SFE_UP), false);
	else if (medium == from && full && station)
		add_link(out, sfe_net_spec(net, link, SFE_DOWN), true);
}

static bool of_cable(const struct sfe_net *net, uint32_t link, enum sfe_link_direction direction,
	struct sfe_verify_path *out)
{
	const struct sfe_plan *p = net->plan;

	for (uint32_t c = 0; c < p->n_cables; c++)
		for (int side = 0; side < 2; side++) {
			const struct sfe_cable_end *end = &p->cables[c].end[side];
			const struct sfe_cable_end *far = &p->cables[c].end[1 - side];
			if (end->link != link ||
				sfe_plan_direction(p, link, end->host, far->host) != direction)
				continue;
			if (is_managed(net, far->host))
				return through(net, far->host, cable_port(p, far->host, c),
					SFE_NONE, link, out);
			if (is_managed(net, end->host))
				return through(net, end->host, SFE_NONE,
					cable_port(p, end->host, c), link, out);
			*out = (struct sfe_verify_path){
				.spec[0] = sfe_net_spec(net, link, direction), .n = 1};
			set_ends(p, c, side, out);
			add_media(net, end->host, far->host, out);
			return true;
		}
	return false;
}

/* The path from a neighbour into the medium, or from the medium to a neighbour. A neighbour without
 * a link of its own is preferred. */
static bool of_medium(const struct sfe_net *net, uint32_t link, uint32_t medium,
	enum sfe_link_direction direction, struct sfe_verify_path *out)
{
	const struct sfe_plan *p = net->plan;
	const struct sfe_host *h = &p->hosts[medium];
	bool full = net->link[SFE_DIRECTIONS * link].full_duplex, found = false;

	if (!full && direction == SFE_DOWN)
		return false;
	if (is_managed(net, medium))
		return through(
			net, medium, other_port(p, medium, SFE_NONE, false), SFE_NONE, link, out);
	for (uint32_t i = 0; i < h->n_ports && !(found && out->n == 1); i++) {
		const struct sfe_cable_end *far = sfe_plan_peer(p, h, i);
		const struct sfe_cable_end *own =
			&p->cables[h->ports[i].cable].end[h->ports[i].side];
		if (full && !sfe_net_is_station(p, medium, i))
			continue;
		bool down = direction == SFE_DOWN;
		const struct sfe_cable_end *leaves = down ? own : far;
		*out = (struct sfe_verify_path){
			.spec[0] = sfe_net_spec(net, link, direction), .n = 1};
		set_ends(p, h->ports[i].cable,
			(int)(down ? h->ports[i].side : 1 - h->ports[i].side), out);
		if (leaves->link != SFE_NONE)
			add_link(out,
				sfe_net_spec(net, leaves->link,
					sfe_plan_direction(p, leaves->link, leaves->host,
						down ? far->host : own->host)),
				!down);
		found = true;
	}
	return found;
}

/* The time of an acknowledgement on the path back, without queueing. */
static double reverse(const struct sfe_net *net, const struct sfe_verify_path *path)
{
	const struct sfe_plan *p = net->plan;
	const struct sfe_cable_end *far = sfe_plan_peer(p, &p->hosts[path->from], path->port);
	struct sfe_verify_path back = {.n = 0};

	if (far->link != SFE_NONE)
		back.spec[back.n++] = sfe_net_spec(
			net, far->link, sfe_plan_direction(p, far->link, far->host, path->from));
	add_media(net, far->host, path->from, &back);
	return sfe_verify_path_max_delay(&back) + sfe_verify_path_frame_ns(&back, 66);
}

static void complete(const struct sfe_net *net, struct sfe_verify_path *out)
{
	out->own_bottleneck = sfe_verify_path_bottleneck(out) == &out->spec[0];
	uint32_t mtu = sfe_net_mtu(net, out->from, out->port);
	uint32_t last = sfe_net_mtu(net, out->to, out->to_port);
	out->mtu = mtu < last ? mtu : last;
	out->reverse_ns = reverse(net, out);
}

bool sfe_verify_path_find(const struct sfe_net *net, uint32_t link,
	enum sfe_link_direction direction, struct sfe_verify_path *out)
{
	const struct sfe_plan *p = net->plan;
	uint32_t medium = p->host_of_vertex[p->topology->n_nodes + link];
	bool found = medium == SFE_NONE ? of_cable(net, link, direction, out)
					: of_medium(net, link, medium, direction, out);

	if (!found)
		return false;
	complete(net, out);
	return true;
}

bool sfe_verify_path_stations(
	const struct sfe_net *net, uint32_t link, struct sfe_verify_path out[2])
{
	const struct sfe_plan *p = net->plan;
	uint32_t medium = p->host_of_vertex[p->topology->n_nodes + link];

	if (medium == SFE_NONE || !is_medium(p, medium) ||
		net->link[SFE_DIRECTIONS * link].full_duplex)
		return false;
	uint32_t one = other_port(p, medium, SFE_NONE, false);
	uint32_t other = one == SFE_NONE ? SFE_NONE : other_port(p, medium, one, true);
	if (other == SFE_NONE || !through(net, medium, one, other, link, &out[0]) ||
		!through(net, medium, other, one, link, &out[1]))
		return false;
	complete(net, &out[0]);
	complete(net, &out[1]);
	return true;
}

uint32_t sfe_verify_path_ring(
	const struct sfe_net *net, uint32_t link, struct sfe_verify_path *out, uint32_t most)
{
	const struct sfe_plan *p = net->plan;
	uint32_t medium = p->host_of_vertex[p->topology->n_nodes + link];
	uint32_t first = SFE_NONE, before = SFE_NONE, n = 0;

	if (medium == SFE_NONE || !is_managed(net, medium))
		return 0;
	const struct sfe_host *h = &p->hosts[medium];
	for (uint32_t i = 0; i < h->n_ports && n + 1 < most; i++) {
		uint32_t far = sfe_plan_peer(p, h, i)->host;
		if (p->hosts[far].parent != medium && h->parent != far)
			continue;
		if (before != SFE_NONE && through(net, medium, before, i, link, &out[n]))
			complete(net, &out[n++]);
		first = first == SFE_NONE ? i : first;
		before = i;
	}
	if (first != before && through(net, medium, before, first, link, &out[n]))
		complete(net, &out[n++]);
	return n;
}

/* SPDX-License-Identifier: MIT */
/* Reads the interfaces of a network back: compares them with the plan, and reads their counters. */
#include <errno.h>
#include <linux/if.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "emu/net/net.h"
#include "emu/net/port_sums.h"

/* How long all interfaces together may take until they are active: 5 s, and 20 ms for each cable,
 * as the kernel activates at least 100 devices a second. */
#define SETTLE_STEP_NS 5000000
#define SETTLE_STEPS 1000u
#define SETTLE_STEPS_A_CABLE 4u

struct interface {
	bool found;
	uint64_t rx_bytes, rx_packets, tx_bytes, tx_packets;
};

struct reading {
	struct sfe_net *net;
	uint32_t host;
	struct interface *ports; /* n_ports of them */
	struct interface ifb[SFE_DIRECTIONS];
	struct sfe_port_sum *sums; /* of the counted port: its ports, then its IFB devices */
	struct sfe_error *err;
};

static int check_port(
	const struct reading *r, uint32_t port, const struct ifinfomsg *ifi, struct nlattr **attrs)
{
	const struct sfe_host *host = &r->net->plan->hosts[r->host];
	const struct sfe_cable_end *end =
		&r->net->plan->cables[host->ports[port].cable].end[host->ports[port].side];
	uint32_t mtu = sfe_net_mtu(r->net, r->host, port);
	const char *where = host->name;

	if (!(ifi->ifi_flags & IFF_UP))
		return sfe_fail(
			r->err, -EPROTO, where, NULL, "interface %s is not up", end->ifname);
	/* Not IFF_RUNNING, which is also set while the kernel does not know the state yet. */
	if (!attrs[IFLA_OPERSTATE] || nla_get_u8(attrs[IFLA_OPERSTATE]) != IF_OPER_UP)
		return sfe_fail(
			r->err, -EAGAIN, where, NULL, "interface %s is not running", end->ifname);
	if (!attrs[IFLA_IFNAME] || strcmp(nla_get_string(attrs[IFLA_IFNAME]), end->ifname))
		return sfe_fail(
			r->err, -EPROTO, where, NULL, "interface %s has another name", end->ifname);
	if (!attrs[IFLA_MTU] || nla_get_u32(attrs[IFLA_MTU]) != mtu)
		return sfe_fail(
			r->err, -EPROTO, where, NULL, "interface %s has another MTU", end->ifname);
	if (!attrs[IFLA_GSO_MAX_SEGS] || nla_get_u32(attrs[IFLA_GSO_MAX_SEGS]) != 1)
		return sfe_fail(r->err, -EPROTO, where, NULL,
			"interface %s may still carry packets larger than a frame", end->ifname);
	return 0;
}

static int read_interface(struct nlmsghdr *h, void *arg)
{
	struct reading *r = arg;
	const struct sfe_host *host = &r->net->plan->hosts[r->host];
	const struct ifinfomsg *ifi = nlmsg_data(h);
	struct nlattr *attrs[IFLA_MAX + 1];
	struct rtnl_link_stats64 stats;
	struct interface *to = NULL;

	if (h->nlmsg_type != RTM_NEWLINK)
		return 0;
	if (nlmsg_parse(h, sizeof(*ifi), attrs, IFLA_MAX, NULL) || !attrs[IFLA_STATS64] ||
		(size_t)nla_len(attrs[IFLA_STATS64]) <
			offsetof(struct rtnl_link_stats64, rx_errors))
		return sfe_fail(r->err, -EPROTO, host->name, NULL, "cannot read an interface back");
	uint32_t port = (uint32_t)ifi->ifi_index - SFE_FIRST_PORT_INDEX;
	if (port < host->n_ports) {
		int bad = check_port(r, port, ifi, attrs);
		if (bad)
			return bad;
		to = &r->ports[port];
	} else if (ifi->ifi_index >= SFE_IFB_INDEX &&
		   ifi->ifi_index < SFE_IFB_INDEX + SFE_DIRECTIONS) {
		to = &r->ifb[ifi->ifi_index - SFE_IFB_INDEX];
	} else {
		return 0;
	}
	memset(&stats, 0, sizeof(stats));
	size_t size = (size_t)nla_len(attrs[IFLA_STATS64]);
	memcpy(&stats, nla_data(attrs[IFLA_STATS64]), size < sizeof(stats) ? size : sizeof(stats));
	*to = (struct interface){
		true, stats.rx_bytes, stats.rx_packets, stats.tx_bytes, stats.tx_packets};
	return 0;
}

static int read_host(struct sfe_net *net, uint32_t h, struct reading *r, struct sfe_error *err)
{
	struct ifinfomsg ifi = {.ifi_family = AF_UNSPEC};

	memset(r->ports, 0, net->plan->hosts[h].n_ports * sizeof(*r->ports));
	memset(r->ifb, 0, sizeof(r->ifb));
	r->net = net;
	r->host = h;
	r->err = err;
	int bad = sfe_nl_dump(
		&net->nl[h], sfe_nl_msg(RTM_GETLINK, 0, &ifi, sizeof(ifi)), read_interface, r, err);
	for (uint32_t i = 0; i < net->plan->hosts[h].n_ports && !bad; i++)
		if (!r->ports[i].found)
			bad = sfe_fail(err, -EPROTO, net->plan->hosts[h].name, NULL,
				"one of its interfaces is gone");
	return bad;
}

/* The row of a link's direction. Rows are sorted by link. */
static struct sfe_link_count *row_of(
	struct sfe_link_count *rows, uint32_t n, uint32_t link, enum sfe_link_direction direction)
{
	uint32_t lo = 0, hi = n;

	while (lo < hi) {
		uint32_t mid = (lo + hi) / 2;
		if (rows[mid].link < link)
			lo = mid + 1;
		else
			hi = mid;
	}
	while (lo < n && rows[lo].link == link && rows[lo].direction != direction)
		lo++;
	return &rows[lo];
}

static int by_link(const void *a, const void *b)
{
	const struct sfe_link_count *x = a, *y = b;

	if (x->link != y->link)
		return x->link < y->link ? -1 : 1;
	return (int)x->direction - (int)y->direction;
}

static uint32_t make_rows(const struct sfe_net *net, struct sfe_link_count *rows)
{
	const struct sfe_plan *p = net->plan;
	uint32_t n = 0;

	for (uint32_t c = 0; c < p->n_cables; c++)
		for (int side = 0; side < 2; side++) {
			uint32_t from = p->cables[c].end[side].host;
			uint32_t to = p->cables[c].end[1 - side].host;
			if (p->cables[c].end[side].link != SFE_NONE)
				rows[n++] = (struct sfe_link_count){
					.link = p->cables[c].end[side].link,
					.direction = sfe_plan_direction(
						p, p->cables[c].end[side].link, from, to),
					.from = from,
					.to = to,
				};
		}
	for (uint32_t h = 0; h < p->n_hosts; h++) {
		if (p->hosts[h].kind != SFE_HOST_MEDIUM)
			continue;
		uint32_t link = p->hosts[h].vertex - p->topology->n_nodes;
		bool full = net->link[SFE_DIRECTIONS * link].full_duplex;
		for (int d = 0; d <= full; d++)
			rows[n++] = (struct sfe_link_count){
				.link = link,
				.direction = (enum sfe_link_direction)d,
				.from = h,
				.to = SFE_NONE,
			};
	}
	qsort(rows, n, sizeof(*rows), by_link);
	return n;
}

/* The counters of a medium are those of its IFB devices. A medium that shapes nothing has none;
 * then they are the sum of what arrived at its ports. */
static void count_medium(const struct sfe_plan *p, const struct sfe_host *host,
	const struct reading *r, struct sfe_link_count *rows, uint32_t n)
{
	uint32_t link = host->vertex - p->topology->n_nodes;
	uint64_t through = 0, through_packets = 0;
	struct sfe_port_sum of_ports = {0};

	for (uint32_t i = 0; i < host->n_ports; i++) {
		through += r->ports[i].rx_bytes;
		through_packets += r->ports[i].rx_packets;
		of_ports.bytes += r->sums[i].bytes;
		of_ports.packets += r->sums[i].packets;
	}
	for (int d = 0; d < SFE_DIRECTIONS; d++) {
		struct sfe_link_count *row = row_of(rows, n, link, (enum sfe_link_direction)d);
		const struct interface *ifb = &r->ifb[d];
		if (row == rows + n || row->link != link)
			continue;
		const struct sfe_port_sum *sum =
			ifb->found ? &r->sums[host->n_ports + (uint32_t)d] : &of_ports;
		if (ifb->found || d == SFE_UP) {
			row->port_bytes = sum->bytes;
			row->port_packets = sum->packets;
		}
		row->wire_bytes = ifb->found ? ifb->tx_bytes : d == SFE_UP ? through : 0;
		row->packets = ifb->found ? ifb->tx_packets : d == SFE_UP ? through_packets : 0;
	}
}

static int count_host(struct sfe_net *net, uint32_t h, struct reading *r, struct sfe_shaped *shaped,
	struct sfe_link_count *rows, uint32_t n, struct sfe_error *err)
{
	const struct sfe_plan *p = net->plan;
	const struct sfe_host *host = &p->hosts[h];
	uint32_t n_shaped = sfe_net_shaped(net, h, shaped);
	int bad = read_host(net, h, r, err);

	if (!bad && n_shaped)
		bad = sfe_shaper_read_back(&net->nl[h], shaped, n_shaped, err);
	if (!bad && net->port)
		bad = sfe_net_port_read(net, h, r->sums, err);
	if (bad)
		return bad;
	for (uint32_t i = 0; i < host->n_ports; i++) {
		const struct sfe_cable_end *peer = sfe_plan_peer(p, host, i);
		if (peer->link == SFE_NONE)
			continue;
		struct sfe_link_count *row = row_of(
			rows, n, peer->link, sfe_plan_direction(p, peer->link, peer->host, h));
		row->wire_bytes = r->ports[i].rx_bytes;
		row->packets = r->ports[i].rx_packets;
		row->port_bytes = r->sums[i].bytes;
		row->port_packets = r->sums[i].packets;
	}
	for (uint32_t i = 0; i < n_shaped; i++) {
		if (shaped[i].link == SFE_NONE)
			continue;
		struct sfe_link_count *row = row_of(rows, n, shaped[i].link, shaped[i].direction);
		row->drops = shaped[i].drops;
		row->losses = shaped[i].losses;
		row->backlog_bytes = shaped[i].backlog_bytes;
		row->backlog_packets = shaped[i].backlog_packets;
	}
	if (host->kind == SFE_HOST_MEDIUM)
		count_medium(p, host, r, rows, n);
	return 0;
}

/* As count_host, which looks again until the kernel has activated the host's interfaces. Kernels
 * before 6.8 do so in the background (offloads.h). */
static int settle_host(struct sfe_net *net, uint32_t h, struct reading *r,
	struct sfe_shaped *shaped, struct sfe_link_count *rows, uint32_t n, unsigned *steps,
	struct sfe_error *err)
{
	const struct timespec pause = {.tv_nsec = SETTLE_STEP_NS};
	int bad = count_host(net, h, r, shaped, rows, n, err);

	for (; bad == -EAGAIN && *steps; (*steps)--) {
		nanosleep(&pause, NULL);
		bad = count_host(net, h, r, shaped, rows, n, err);
	}
	return bad;
}

/* Each host once; steps: how often it may wait for one that is not active yet. */
static int count_all(struct sfe_net *net, unsigned steps, struct sfe_link_count **out,
	uint32_t *n_out, struct sfe_error *err)
{
	const struct sfe_plan *p = net->plan;
	uint32_t ports = 1;
	int bad = 0;

	for (uint32_t h = 0; h < p->n_hosts; h++)
		if (p->hosts[h].n_ports > ports)
			ports = p->hosts[h].n_ports;
	struct sfe_link_count *rows = calloc(2 * ((size_t)p->n_cables + p->n_hosts), sizeof(*rows));
	struct reading r = {.ports = calloc(ports, sizeof(*r.ports)),
		.sums = calloc(ports + SFE_DIRECTIONS, sizeof(*r.sums))};
	struct sfe_shaped *shaped = calloc(ports + SFE_DIRECTIONS, sizeof(*shaped));

	if (!rows || !r.ports || !r.sums || !shaped)
		bad = sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	uint32_t n = bad ? 0 : make_rows(net, rows);
	for (uint32_t h = 0; h < p->n_hosts && !bad; h++)
		bad = settle_host(net, h, &r, shaped, rows, n, &steps, err);
	free(r.ports);
	free(r.sums);
	free(shaped);
	if (bad) {
		free(rows);
		return bad;
	}
	*out = rows;
	*n_out = n;
	return 0;
}

int sfe_net_count(
	struct sfe_net *net, struct sfe_link_count **out, uint32_t *n_out, struct sfe_error *err)
{
	return count_all(net, 0, out, n_out, err);
}

int sfe_net_read_back(struct sfe_net *net, struct sfe_error *err)
{
	struct sfe_link_count *rows = NULL;
	unsigned steps = SETTLE_STEPS + SETTLE_STEPS_A_CABLE * net->plan->n_cables;
	uint32_t n;
	int bad = count_all(net, steps, &rows, &n, err);

	free(rows);
	return bad;
}

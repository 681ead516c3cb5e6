/* SPDX-License-Identifier: MIT */
/* Builds the network of a plan: namespaces, then cables, then addresses, neighbours and routes,
 * then the links' shaping. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if.h>
#include <linux/if_arp.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "emu/net/netns.h"
#include "emu/net/offloads.h"
#include "emu/net/order.h"
#include "emu/net/shape.h"
#include "emu/net/turns.h"

#define LO_INDEX 1
#define PAUSE_NS 5000000

static int port_index(uint32_t port)
{
	return SFE_FIRST_PORT_INDEX + (int)port;
}

static int make_namespaces(struct sfe_net *net, struct sfe_error *err)
{
	const struct sfe_plan *p = net->plan;
	struct sfe_netns_defaults defaults = {0};

	for (uint32_t h = 0; h < p->n_hosts; h++) {
		const char *name = p->hosts[h].name;
		int fd = sfe_netns_new(name, err);
		if (fd < 0)
			return fd;
		net->ns[h] = fd;
		int r = sfe_netns_configure(p->hosts[h].kind != SFE_HOST_NODE, net->params,
			net->params->own_kernel ? &defaults : NULL, name, err);
		if (!r)
			r = sfe_nl_open(&net->nl[h], err);
		if (r)
			return r;
	}
	return sfe_net_leave(net, err);
}

static int put_end(struct nl_msg *msg, const struct sfe_cable_end *end, uint32_t mtu)
{
	if (nla_put_string(msg, IFLA_IFNAME, end->ifname) ||
		nla_put(msg, IFLA_ADDRESS, sizeof(end->mac), end->mac) ||
		nla_put_u32(msg, IFLA_MTU, mtu) || nla_put_u32(msg, IFLA_NUM_TX_QUEUES, 1) ||
		nla_put_u32(msg, IFLA_NUM_RX_QUEUES, 1) ||
		/* TCP builds packets of several segments whatever the device's features are, unless
		   this limits it. */
		nla_put_u32(msg, IFLA_GSO_MAX_SEGS, 1))
		return -ENOMEM;
	return 0;
}

/* The message that makes both ends of a cable, the far one directly in its own namespace. */
static struct nl_msg *cable_message(const struct sfe_net *net, uint32_t c)
{
	const struct sfe_cable_end *a = &net->plan->cables[c].end[0],
				   *b = &net->plan->cables[c].end[1];
	struct ifinfomsg near = {
		.ifi_index = port_index(a->port),
		.ifi_flags = IFF_UP,
		.ifi_change = IFF_UP,
	};
	struct ifinfomsg far = {.ifi_index = port_index(b->port)};
	struct nl_msg *msg =
		sfe_nl_msg(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &near, sizeof(near));
	struct nlattr *info, *data, *peer;
	uint32_t mtu = sfe_net_mtu(net, a->host, a->port);

	if (!msg)
		return NULL;
	if (put_end(msg, a, mtu) || !(info = nla_nest_start(msg, IFLA_LINKINFO)) ||
		nla_put_string(msg, IFLA_INFO_KIND, "veth") ||
		!(data = nla_nest_start(msg, IFLA_INFO_DATA)) ||
		!(peer = nla_nest_start(msg, VETH_INFO_PEER)) ||
		nlmsg_append(msg, &far, sizeof(far), NLA_ALIGNTO) || put_end(msg, b, mtu) ||
		nla_put_u32(msg, IFLA_NET_NS_FD, (uint32_t)net->ns[b->host])) {
		nlmsg_free(msg);
		return NULL;
	}
	nla_nest_end(msg, peer);
	nla_nest_end(msg, data);
	nla_nest_end(msg, info);
	return msg;
}

static int link_up(struct sfe_net *net, uint32_t host, int ifindex, struct sfe_error *err)
{
	struct ifinfomsg up = {.ifi_index = ifindex, .ifi_flags = IFF_UP, .ifi_change = IFF_UP};

	return sfe_nl_queue(&net->nl[host], sfe_nl_msg(RTM_NEWLINK, 0, &up, sizeof(up)),
		net->plan->hosts[host].name, "bring an interface up", err);
}

static int make_cable(struct sfe_net *net, uint32_t c, struct sfe_error *err)
{
	const struct sfe_cable_end *end = net->plan->cables[c].end;

	return sfe_nl_queue(&net->nl[end[0].host], cable_message(net, c),
		net->plan->hosts[end[1].host].name, "make a veth pair to it", err);
}

static int activate(struct sfe_net *net, const struct sfe_cable_end *end, struct sfe_error *err)
{
	return sfe_link_activate(
		sfe_nl_fd(&net->nl[end->host]), end->ifname, net->plan->hosts[end->host].name, err);
}

/*
 * Brings the far end up, which cannot be before its pair is complete, and activates both. What is
 * not active would be activated in the background, some devices at a time; and while devices wait
 * for that, the kernel looks at all of them whenever another one changes.
 */
static int complete_cable(struct sfe_net *net, uint32_t c, struct sfe_error *err)
{
	const struct sfe_cable_end *end = net->plan->cables[c].end;
	int r = link_up(net, end[1].host, port_index(end[1].port), err);

	r = r ? r : sfe_nl_flush(&net->nl[end[1].host], err);
	r = r ? r : activate(net, &end[0], err);
	return r ? r : activate(net, &end[1], err);
}

static int make_cables(struct sfe_net *net, struct sfe_error *err)
{
	const struct sfe_plan *p = net->plan;
	int r = 0;

	for (uint32_t h = 0; h < p->n_hosts && !r; h++) {
		const struct sfe_host *host = &p->hosts[h];
		for (uint32_t i = 0; i < host->n_ports && !r; i++)
			if (!host->ports[i].side)
				r = make_cable(net, host->ports[i].cable, err);
		r = r ? r : sfe_nl_flush(&net->nl[h], err);
		for (uint32_t i = 0; i < host->n_ports && !r; i++)
			if (!host->ports[i].side)
				r = complete_cable(net, host->ports[i].cable, err);
	}
	return r;
}

static int ready_ports(
	struct sfe_net *net, uint32_t h, struct sfe_offloads *o, struct sfe_error *err)
{
	const struct sfe_host *host = &net->plan->hosts[h];
	int fd = sfe_nl_fd(&net->nl[h]);
	int r = 0;

	for (uint32_t i = 0; i < host->n_ports && !r; i++) {
		const struct sfe_cable_end *end =
			&net->plan->cables[host->ports[i].cable].end[host->ports[i].side];
		/* All devices have the kernel's names of features: they are read once. */
		if (!o->request)
			r = sfe_offloads_find(fd, end->ifname, o, err);
		if (!r)
			r = sfe_offloads_off(fd, end->ifname, o, host->name, err);
	}
	return r;
}

static int add_address(struct sfe_net *net, uint32_t h, struct sfe_error *err)
{
	const struct sfe_host *host = &net->plan->hosts[h];
	/* The address of a node is on its first interface, where users look for it; that of a
	 * router is on lo. */
	struct ifaddrmsg ifa = {
		.ifa_family = AF_INET,
		.ifa_prefixlen = 32,
		.ifa_scope = RT_SCOPE_UNIVERSE,
		.ifa_index = host->kind == SFE_HOST_NODE && host->n_ports ? (unsigned)port_index(0)
									  : LO_INDEX,
	};
	uint32_t address = htonl(host->address);
	struct nl_msg *msg = sfe_nl_msg(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, &ifa, sizeof(ifa));

	if (msg &&
		(nla_put_u32(msg, IFA_LOCAL, address) || nla_put_u32(msg, IFA_ADDRESS, address))) {
		nlmsg_free(msg);
		msg = NULL;
	}
	return sfe_nl_queue(&net->nl[h], msg, host->name, "add its address", err);
}

/* Each port has one neighbour, which the plan knows: no ARP is sent and no neighbour table
 * overflows. */
static int add_neighbour(struct sfe_net *net, uint32_t h, uint32_t port, struct sfe_error *err)
{
	const struct sfe_host *host = &net->plan->hosts[h];
	const struct sfe_cable_end *peer = sfe_plan_peer(net->plan, host, port);
	struct ndmsg nd = {
		.ndm_family = AF_INET,
		.ndm_ifindex = port_index(port),
		.ndm_state = NUD_PERMANENT,
	};
	struct nl_msg *msg =
		sfe_nl_msg(RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE, &nd, sizeof(nd));

	if (msg && (nla_put_u32(msg, NDA_DST, htonl(net->plan->hosts[peer->host].address)) ||
			   nla_put(msg, NDA_LLADDR, sizeof(peer->mac), peer->mac))) {
		nlmsg_free(msg);
		msg = NULL;
	}
	return sfe_nl_queue(&net->nl[h], msg, host->name, "add a neighbour", err);
}

/*
 * Initial window and congestion control of a node's TCP. They are set by route and not by sysctl:
 * in a namespace the sysctl accepts only what the host has in tcp_allowed_congestion_control, and
 * sfemu never changes a setting of the host.
 */
static int put_tcp_metrics(struct nl_msg *msg, const struct sfe_net_params *params)
{
	struct nlattr *metrics = nla_nest_start(msg, RTA_METRICS);

	if (!metrics || nla_put_u32(msg, RTAX_INITCWND, params->initial_window) ||
		nla_put_string(msg, RTAX_CC_ALGO, params->congestion))
		return -ENOMEM;
	nla_nest_end(msg, metrics);
	return 0;
}

static int add_route(
	struct sfe_net *net, uint32_t h, const struct sfe_route *route, struct sfe_error *err)
{
	const struct sfe_host *host = &net->plan->hosts[h];
	const struct sfe_cable_end *peer = sfe_plan_peer(net->plan, host, route->port);
	struct rtmsg rt = {
		.rtm_family = AF_INET,
		.rtm_dst_len = route->length,
		.rtm_table = RT_TABLE_MAIN,
		.rtm_protocol = RTPROT_STATIC,
		.rtm_scope = RT_SCOPE_UNIVERSE,
		.rtm_type = RTN_UNICAST,
		/* The neighbour's address is a /32, which is in no subnet of this port. */
		.rtm_flags = RTNH_F_ONLINK,
	};
	struct nl_msg *msg = sfe_nl_msg(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, &rt, sizeof(rt));

	if (msg && ((route->length && nla_put_u32(msg, RTA_DST, htonl(route->prefix))) ||
			   nla_put_u32(
				   msg, RTA_GATEWAY, htonl(net->plan->hosts[peer->host].address)) ||
			   nla_put_u32(msg, RTA_OIF, (uint32_t)port_index(route->port)) ||
			   nla_put_u32(msg, RTA_PREFSRC, htonl(host->address)) ||
			   (host->kind == SFE_HOST_NODE && put_tcp_metrics(msg, net->params)))) {
		nlmsg_free(msg);
		msg = NULL;
	}
	return sfe_nl_queue(&net->nl[h], msg, host->name,
		"add a route (is tcp.congestion one of net.ipv4.tcp_available_congestion_control?)",
		err);
}

static int make_layer3(struct sfe_net *net, uint32_t h, struct sfe_error *err)
{
	const struct sfe_host *host = &net->plan->hosts[h];
	int r = link_up(net, h, LO_INDEX, err);

	if (!r)
		r = add_address(net, h, err);
	for (uint32_t i = 0; i < host->n_ports && !r; i++)
		r = add_neighbour(net, h, i, err);
	for (uint32_t i = 0; i < host->n_routes && !r; i++)
		r = add_route(net, h, &host->routes[i], err);
	return r;
}

static int bring_up(struct sfe_net *net, struct sfe_error *err)
{
	const struct sfe_plan *p = net->plan;
	const struct timespec pause = {.tv_nsec = PAUSE_NS};
	struct sfe_offloads offloads = {0};
	int r = make_namespaces(net, err);

	if (!r)
		r = make_cables(net, err);
	for (uint32_t h = 0; h < p->n_hosts && !r; h++) {
		r = make_layer3(net, h, err);
		if (!r)
			r = sfe_net_shape(net, h, err);
		if (!r)
			r = sfe_nl_flush(&net->nl[h], err);
		if (!r)
			r = ready_ports(net, h, &offloads, err);
	}
	sfe_offloads_free(&offloads);
	r = r ? r : sfe_net_keep_order(net, err);
	if (r)
		return r;
	/* The kernel's own work on devices that came up ends here, and not beside the workers. */
	nanosleep(&pause, NULL);
	return sfe_net_read_back(net, err);
}

int sfe_net_build(const struct sfe_plan *plan, const struct sfe_net_params *params,
	struct sfe_net **out, struct sfe_error *err)
{
	struct sfe_net *net = calloc(1, sizeof(*net));
	size_t n_links = SFE_DIRECTIONS * (size_t)plan->topology->n_links, n_specs = n_links + 1;

	if (net) {
		*net = (struct sfe_net){.plan = plan, .params = params, .home = -1};
		net->ns = malloc(plan->n_hosts * sizeof(*net->ns));
		net->nl = calloc(plan->n_hosts, sizeof(*net->nl));
		net->link = malloc(n_specs * sizeof(*net->link));
		net->changes = calloc(n_specs, sizeof(*net->changes));
	}
	if (net && net->link)
		memcpy(net->link, params->link, n_links * sizeof(*net->link));
	if (!net || !net->ns || !net->nl || !net->link || !net->changes ||
		sfe_net_turns_find(net)) {
		if (net) {
			sfe_net_turns_free(net);
			free(net->ns);
			free(net->nl);
			free(net->link);
			free(net->changes);
		}
		free(net);
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	}
	sfe_net_note_reordering(net);
	for (uint32_t h = 0; h < plan->n_hosts; h++)
		net->ns[h] = -1;
	int r = net->home = sfe_netns_current(err);
	if (r >= 0)
		r = bring_up(net, err);
	if (r) {
		if (net->home >= 0)
			sfe_net_leave(net, NULL);
		sfe_net_close(net);
		return r;
	}
	*out = net;
	return 0;
}

void sfe_net_close(struct sfe_net *net)
{
	if (!net)
		return;
	for (uint32_t h = 0; h < net->plan->n_hosts; h++) {
		if (net->nl[h].open)
			sfe_nl_close(&net->nl[h]);
		if (net->ns[h] >= 0)
			close(net->ns[h]);
	}
	if (net->home >= 0)
		close(net->home);
	sfe_net_turns_free(net);
	free(net->ns);
	free(net->nl);
	free(net->link);
	free(net->changes);
	free(net);
}

int sfe_net_enter(const struct sfe_net *net, uint32_t host, struct sfe_error *err)
{
	return sfe_netns_enter(net->ns[host], net->plan->hosts[host].name, err);
}

int sfe_net_leave(const struct sfe_net *net, struct sfe_error *err)
{
	return sfe_netns_enter(net->home, "the namespace outside", err);
}

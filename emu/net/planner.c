/* SPDX-License-Identifier: MIT */
#include "emu/net/planner.h"

#include <stdio.h>
#include <string.h>

#include "emu/net/plan_address.h"
#include "emu/net/plan_cables.h"
#include "emu/net/plan_route.h"

static bool usable_ifname(
	const struct sfe_plan *p, const struct sfe_host *host, uint32_t port, const char *name)
{
	if (!strcmp(name, "lo") || !strncmp(name, "ifb", 3))
		return false;
	/* The last bytes of a name are not a checked name, and no command may take the interface's
	 * name for an option. */
	if (strchr("-.~", name[0]))
		return false;
	for (uint32_t i = 0; i < port; i++)
		if (!strcmp(p->cables[host->ports[i].cable].end[host->ports[i].side].ifname, name))
			return false;
	return true;
}

/*
 * An interface has the name of the host at its other end, so that `tcpdump -i rpi3_0` on a switch
 * says what it shows. Of a name that is too long for an interface, the last 15 bytes are used. The
 * interfaces of a node are eth0, eth1, …
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
			/* Locally administered, unique in the network, the same in each run. */
			const uint8_t mac[6] = {0x02, (uint8_t)side, (uint8_t)(cable >> 24),
				(uint8_t)(cable >> 16), (uint8_t)(cable >> 8), (uint8_t)cable};
			memcpy(p->cables[cable].end[side].mac, mac, sizeof(mac));
			name_port(p, host, i);
		}
	}
}

int sfe_plan_new(const struct sfe_topology *t, struct sfe_plan **out, struct sfe_error *err)
{
	struct sfe_plan *p;
	int r = sfe_plan_cables(t, &p, err);

	if (r)
		return r;
	if ((r = sfe_plan_address(p, err)) || (r = sfe_plan_route(p, err))) {
		sfe_plan_free(p);
		return r;
	}
	name_ends(p);
	*out = p;
	return 0;
}

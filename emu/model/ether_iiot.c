/* SPDX-License-Identifier: MIT */
/*
 * Ether's industrial IoT scenario.
 *
 * Ether's example has two exchanges: three premises at internet_chix and one at internet_nyc. Here
 * the first three are always at internet_chix and all further ones at internet_nyc; up to three
 * premises there is no internet_nyc. A larger network is thus the smaller one with more sites.
 */
#include <errno.h>

#include "emu/model/ether.h"

#define MAX_PREMISES 10000u
#define PREMISES_AT_CHIX 3u
#define RACKS 3u
#define SERVERS (RACKS * SFE_ETHER_RACK)
#define RPIS 3u
#define SWITCHES (2u + RACKS) /* of one site: the site's, the compute box's, one a rack */

/* The factory floor: a compute box (NUC, Jetson) and a radio cell of Raspberry Pis. */
static void floor_edges(struct sfe_ether *f, unsigned p)
{
	unsigned site = p * SWITCHES, box = site + 1;

	sfe_ether_attach(f, "nuc", p, "switch_lan", box);
	fprintf(f->edges, "switch_lan_%u link_nuc_%u link_tx2_%u switch_lan_%u\n", box, p, p, site);
	sfe_ether_attach(f, "tx2", p, "switch_lan", box);
	fprintf(f->edges, "switch_lan_%u switch_lan_%u link_%u up_lan_%u down_cloudlet_%u\n", site,
		box, p, site, p);
	sfe_ether_attach(f, "rpi3", p * RPIS, "link", p);
	fprintf(f->edges, "link_%u", p);
	for (unsigned i = 0; i < RPIS; i++)
		fprintf(f->edges, " link_rpi3_%u", p * RPIS + i);
	fprintf(f->edges, " switch_lan_%u\n", site);
	for (unsigned i = 1; i < RPIS; i++)
		sfe_ether_attach(f, "rpi3", p * RPIS + i, "link", p);
}

static void exchange_edges(struct sfe_ether *f, unsigned p, unsigned premises)
{
	unsigned site = p * SWITCHES;
	bool chix = p < PREMISES_AT_CHIX, first = p == 0 || p == PREMISES_AT_CHIX;
	unsigned end = chix && premises > PREMISES_AT_CHIX ? PREMISES_AT_CHIX : premises;

	fprintf(f->edges, "up_lan_%u internet_%s\n", site, chix ? "chix" : "nyc");
	fprintf(f->edges, "down_lan_%u switch_lan_%u\n", site, site);
	if (!first) /* an exchange's row stands where Ether first meets it */
		return;
	fprintf(f->edges, "internet_%s", chix ? "chix" : "nyc");
	for (unsigned i = p; i < end; i++)
		fprintf(f->edges, " down_lan_%u", i * SWITCHES);
	if (premises > PREMISES_AT_CHIX)
		fprintf(f->edges, " internet_%s", chix ? "nyc" : "chix");
	fputc('\n', f->edges);
}

static void cloudlet_edges(struct sfe_ether *f, unsigned p)
{
	char site[32];

	snprintf(site, sizeof(site), "switch_lan_%u", p * SWITCHES);
	sfe_ether_cloudlet_edges(f, &(struct sfe_ether_cloudlet){.number = p,
					    .racks = RACKS,
					    .first_switch = p * SWITCHES + 2,
					    .first_server = p * SERVERS,
					    .uplink_to = site});
}

static void premises_rows(struct sfe_ether *f, unsigned p, unsigned premises)
{
	sfe_ether_nuc(f, p);
	sfe_ether_tx2(f, p);
	sfe_ether_rpi3(f, p * RPIS);
	sfe_ether_shared(f, p, 300);
	for (unsigned i = 1; i < RPIS; i++)
		sfe_ether_rpi3(f, p * RPIS + i);
	sfe_ether_updown(f, "lan", p * SWITCHES, 50, 500);
	for (unsigned i = 0; i < SERVERS; i++)
		sfe_ether_server(f, p * SERVERS + i);
	sfe_ether_updown(f, "cloudlet", p, 10000, 10000);
	floor_edges(f, p);
	exchange_edges(f, p, premises);
	cloudlet_edges(f, p);
}

int sfe_topology_iiot(uint32_t premises, struct sfe_topology **out, struct sfe_error *err)
{
	struct sfe_ether f;

	if (!premises || premises > MAX_PREMISES)
		return sfe_fail(err, -EINVAL, "iiot", "choose another number",
			"%u premises are not between 1 and %u", premises, MAX_PREMISES);
	int rc = sfe_ether_begin(&f, "iiot", err);
	for (unsigned p = 0; !rc && p < premises; p++)
		premises_rows(&f, p, premises);
	return sfe_ether_finish(&f, "iiot", rc, out, err);
}

/* SPDX-License-Identifier: MIT */
/*
 * Ether's industrial IoT scenario. The files are written in memory, in the order in which Ether
 * gives them out, and then read like any others: the generator needs no data structure of its own
 * and what it makes has passed the reader's checks.
 *
 * Ether's example has two exchanges: three premises at internet_chix and one at internet_nyc. Here
 * the first three are always at internet_chix and all further ones at internet_nyc; up to three
 * premises there is no internet_nyc. A larger network is thus the smaller one with more sites.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "sfemu/topology.h"

#define MAX_PREMISES 10000u
#define PREMISES_AT_CHIX 3u
#define RACKS 3u
#define SERVERS_PER_RACK 5u
#define SERVERS (RACKS * SERVERS_PER_RACK)
#define RPIS 3u
#define SWITCHES (2u + RACKS) /* of one site: the site's, the compute box's, one a rack */

struct files {
	FILE *nodes, *links, *edges;
	unsigned next_node, next_link;
};

static void node(struct files *f, const char *name, unsigned number, const char *rest)
{
	fprintf(f->nodes, "%u;%s_%u;%s\n", f->next_node++, name, number, rest);
	fprintf(f->links, "%u;1000;link_%s_%u;node\n", f->next_link++, name, number);
}

static void nuc(struct files *f, unsigned number)
{
	node(f, "nuc", number, "17179869184;4000;x86;sffc;nuci5");
}

static void tx2(struct files *f, unsigned number)
{
	node(f, "tx2", number, "8240386048;4000;aarch64;embai;nvidia_jetson_tx2");
}

static void rpi3(struct files *f, unsigned number)
{
	node(f, "rpi3", number, "1023012864;4000;arm32;sbc;rpi3b+");
}

static void server(struct files *f, unsigned number)
{
	node(f, "server", number, "188000000000;88000;x86;server;server");
}

static void updown(struct files *f, const char *name, unsigned number, unsigned up, unsigned down)
{
	fprintf(f->links, "%u;%u;up_%s_%u;uplink\n", f->next_link++, up, name, number);
	fprintf(f->links, "%u;%u;down_%s_%u;downlink\n", f->next_link++, down, name, number);
}

/* The two rows of an attached node: to its link and from there back to it and on. */
static void attach(struct files *f, const char *name, unsigned number, const char *to, unsigned at)
{
	fprintf(f->edges, "%s_%u link_%s_%u\n", name, number, name, number);
	fprintf(f->edges, "link_%s_%u %s_%u %s_%u\n", name, number, name, number, to, at);
}

/* The factory floor: a compute box (NUC, Jetson) and a radio cell of Raspberry Pis. */
static void floor_edges(struct files *f, unsigned p)
{
	unsigned site = p * SWITCHES, box = site + 1;

	attach(f, "nuc", p, "switch_lan", box);
	fprintf(f->edges, "switch_lan_%u link_nuc_%u link_tx2_%u switch_lan_%u\n", box, p, p, site);
	attach(f, "tx2", p, "switch_lan", box);
	fprintf(f->edges, "switch_lan_%u switch_lan_%u link_%u up_lan_%u down_cloudlet_%u\n", site,
		box, p, site, p);
	attach(f, "rpi3", p * RPIS, "link", p);
	fprintf(f->edges, "link_%u", p);
	for (unsigned i = 0; i < RPIS; i++)
		fprintf(f->edges, " link_rpi3_%u", p * RPIS + i);
	fprintf(f->edges, " switch_lan_%u\n", site);
	for (unsigned i = 1; i < RPIS; i++)
		attach(f, "rpi3", p * RPIS + i, "link", p);
}

static void exchange_edges(struct files *f, unsigned p, unsigned premises)
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

static void cloudlet_edges(struct files *f, unsigned p)
{
	for (unsigned r = 0; r < RACKS; r++) {
		unsigned rack = p * SWITCHES + 2 + r, first = p * SERVERS + r * SERVERS_PER_RACK;

		attach(f, "server", first, "switch_lan", rack);
		fprintf(f->edges, "switch_lan_%u", rack);
		for (unsigned i = 0; i < SERVERS_PER_RACK; i++)
			fprintf(f->edges, " link_server_%u", first + i);
		fprintf(f->edges, " switch_cloudlet_%u\n", p);
		for (unsigned i = 1; i < SERVERS_PER_RACK; i++) {
			attach(f, "server", first + i, "switch_lan", rack);
			if (r || i + 1 < SERVERS_PER_RACK)
				continue;
			fprintf(f->edges, "switch_cloudlet_%u", p);
			for (unsigned s = 0; s < RACKS; s++)
				fprintf(f->edges, " switch_lan_%u", p * SWITCHES + 2 + s);
			fprintf(f->edges, " up_cloudlet_%u\n", p);
		}
	}
	fprintf(f->edges, "up_cloudlet_%u switch_lan_%u\n", p, p * SWITCHES);
	fprintf(f->edges, "down_cloudlet_%u switch_cloudlet_%u\n", p, p);
}

static void premises_rows(struct files *f, unsigned p, unsigned premises)
{
	nuc(f, p);
	tx2(f, p);
	rpi3(f, p * RPIS);
	fprintf(f->links, "%u;300;link_%u;shared\n", f->next_link++, p);
	for (unsigned i = 1; i < RPIS; i++)
		rpi3(f, p * RPIS + i);
	updown(f, "lan", p * SWITCHES, 50, 500);
	for (unsigned i = 0; i < SERVERS; i++)
		server(f, p * SERVERS + i);
	updown(f, "cloudlet", p, 10000, 10000);
	floor_edges(f, p);
	exchange_edges(f, p, premises);
	cloudlet_edges(f, p);
}

int sfe_topology_iiot(uint32_t premises, struct sfe_topology **out, struct sfe_error *err)
{
	char *text[3] = {0};
	size_t len[3];

	if (!premises || premises > MAX_PREMISES)
		return sfe_fail(err, -EINVAL, "iiot", "choose another number",
			"%u premises are not between 1 and %u", premises, MAX_PREMISES);
	struct files f = {
		.nodes = open_memstream(&text[0], &len[0]),
		.links = open_memstream(&text[1], &len[1]),
		.edges = open_memstream(&text[2], &len[2]),
	};
	bool good = f.nodes && f.links && f.edges;
	for (unsigned p = 0; good && p < premises; p++)
		premises_rows(&f, p, premises);
	FILE *all[3] = {f.nodes, f.links, f.edges};
	for (int i = 0; i < 3; i++)
		if (all[i] && (ferror(all[i]) | fclose(all[i])))
			good = false;
	int rc = good ? sfe_topology_parse(text[0], len[0], "iiot.nodes", text[1], len[1],
				"iiot.links", text[2], len[2], "iiot.edges", out, err)
		      : sfe_fail(err, -ENOMEM, "iiot", NULL, "out of memory");
	for (int i = 0; i < 3; i++)
		free(text[i]);
	return rc;
}

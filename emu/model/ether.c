/* SPDX-License-Identifier: MIT */
#include "emu/model/ether.h"

#include <errno.h>
#include <stdlib.h>

int sfe_ether_begin(struct sfe_ether *f, const char *what, struct sfe_error *err)
{
	*f = (struct sfe_ether){0};
	f->nodes = open_memstream(&f->text[0], &f->len[0]);
	f->links = open_memstream(&f->text[1], &f->len[1]);
	f->edges = open_memstream(&f->text[2], &f->len[2]);
	if (f->nodes && f->links && f->edges)
		return 0;
	return sfe_fail(err, -ENOMEM, what, NULL, "out of memory");
}

int sfe_ether_finish(struct sfe_ether *f, const char *what, int rc, struct sfe_topology **out,
	struct sfe_error *err)
{
	static const char *const parts[3] = {"nodes", "links", "edges"};
	FILE *all[3] = {f->nodes, f->links, f->edges};
	char names[3][32];
	bool good = true;

	for (int i = 0; i < 3; i++) {
		snprintf(names[i], sizeof(names[i]), "%s.%s", what, parts[i]);
		if (all[i] && (ferror(all[i]) | fclose(all[i])))
			good = false;
	}
	if (!rc && !good)
		rc = sfe_fail(err, -ENOMEM, what, NULL, "out of memory");
	if (!rc)
		rc = sfe_topology_parse(f->text[0], f->len[0], names[0], f->text[1], f->len[1],
			names[1], f->text[2], f->len[2], names[2], out, err);
	for (int i = 0; i < 3; i++)
		free(f->text[i]);
	return rc;
}

static void node(struct sfe_ether *f, const char *name, unsigned number, const char *rest)
{
	fprintf(f->nodes, "%u;%s_%u;%s\n", f->next_node++, name, number, rest);
	fprintf(f->links, "%u;1000;link_%s_%u;node\n", f->next_link++, name, number);
}

void sfe_ether_nuc(struct sfe_ether *f, unsigned number)
{
	node(f, "nuc", number, "17179869184;4000;x86;sffc;nuci5");
}

void sfe_ether_tx2(struct sfe_ether *f, unsigned number)
{
	node(f, "tx2", number, "8240386048;4000;aarch64;embai;nvidia_jetson_tx2");
}

void sfe_ether_rpi3(struct sfe_ether *f, unsigned number)
{
	node(f, "rpi3", number, "1023012864;4000;arm32;sbc;rpi3b+");
}

void sfe_ether_server(struct sfe_ether *f, unsigned number)
{
	node(f, "server", number, "188000000000;88000;x86;server;server");
}

void sfe_ether_shared(struct sfe_ether *f, unsigned number, unsigned rate)
{
	fprintf(f->links, "%u;%u;link_%u;shared\n", f->next_link++, rate, number);
}

void sfe_ether_updown(
	struct sfe_ether *f, const char *name, unsigned number, unsigned up, unsigned down)
{
	fprintf(f->links, "%u;%u;up_%s_%u;uplink\n", f->next_link++, up, name, number);
	fprintf(f->links, "%u;%u;down_%s_%u;downlink\n", f->next_link++, down, name, number);
}

void sfe_ether_attach(
	struct sfe_ether *f, const char *name, unsigned number, const char *to, unsigned at)
{
	fprintf(f->edges, "%s_%u link_%s_%u\n", name, number, name, number);
	fprintf(f->edges, "link_%s_%u %s_%u %s_%u\n", name, number, name, number, to, at);
}

static void rack_edges(struct sfe_ether *f, const struct sfe_ether_cloudlet *c, unsigned r)
{
	unsigned rack = c->first_switch + r, first = c->first_server + r * SFE_ETHER_RACK;

	sfe_ether_attach(f, "server", first, "switch_lan", rack);
	fprintf(f->edges, "switch_lan_%u", rack);
	for (unsigned i = 0; i < SFE_ETHER_RACK; i++)
		fprintf(f->edges, " link_server_%u", first + i);
	fprintf(f->edges, " switch_cloudlet_%u\n", c->number);
	for (unsigned i = 1; i < SFE_ETHER_RACK; i++)
		sfe_ether_attach(f, "server", first + i, "switch_lan", rack);
}

void sfe_ether_cloudlet_edges(struct sfe_ether *f, const struct sfe_ether_cloudlet *c)
{
	for (unsigned r = 0; r < c->racks; r++) {
		rack_edges(f, c, r);
		if (r)
			continue;
		/* The cloudlet's row stands where Ether first meets its switch. */
		fprintf(f->edges, "switch_cloudlet_%u", c->number);
		for (unsigned s = 0; s < c->racks; s++)
			fprintf(f->edges, " switch_lan_%u", c->first_switch + s);
		fprintf(f->edges, " up_cloudlet_%u\n", c->number);
	}
	fprintf(f->edges, "up_cloudlet_%u %s\n", c->number, c->uplink_to);
	fprintf(f->edges, "down_cloudlet_%u switch_cloudlet_%u\n", c->number, c->number);
}

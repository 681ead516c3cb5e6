/* SPDX-License-Identifier: MIT */
/*
 * Ether's urban sensing scenario: cells, each a neighbourhood with sensor nodes on its lamp posts,
 * and one cloudlet for the city. Ether draws how many sensor nodes a cell has; so does this, from a
 * stream of the seed.
 */
#include <errno.h>
#include <math.h>

#include "emu/model/ether.h"
#include "sfemu/random.h"

#define MAX_CELLS 1000u
#define RPIS_PER_PAIR 2u
#define TX2S_PER_PAIR 2u
#define CLOUDLET_RACKS 2u
#define SERVERS (CLOUDLET_RACKS * SFE_ETHER_RACK)
#define TWO_PI 6.283185307179586

/*
 * The log-normal law of the sensor nodes of a cell. Mean and standard deviation of the logarithm
 * are those of the network of the published study, whose five cells have 6, 3, 4, 8 and 6: median
 * 5, two of three cells between 3.5 and 7.5. (Ether's default law, 2.02 + log-normal(0, 0.82), has
 * median 3 and would seldom give a network as large as that one.) The bounds cut off less than one
 * cell in a thousand.
 */
#define LOG_MEAN 1.63
#define LOG_DEVIATION 0.39
#define MIN_PAIRS 1u
#define MAX_PAIRS 20u

/* Numbers of the first of each kind in a cell; each cell's follow on the last one's. */
struct cell {
	unsigned number, pairs, rpi3, tx2, lan;
};

static void cell_nodes(struct sfe_ether *f, const struct cell *c)
{
	for (unsigned i = 0; i < c->pairs; i++) {
		for (unsigned j = 0; j < RPIS_PER_PAIR; j++)
			sfe_ether_rpi3(f, c->rpi3 + i * RPIS_PER_PAIR + j);
		if (!i) /* Ether meets the shared link when the first switch is done */
			sfe_ether_shared(f, c->number, 500);
	}
	sfe_ether_nuc(f, c->number);
	for (unsigned i = 0; i < c->pairs * TX2S_PER_PAIR; i++)
		sfe_ether_tx2(f, c->tx2 + i);
	sfe_ether_updown(f, "shared", c->number, 25, 125);
}

static void pair_edges(struct sfe_ether *f, const struct cell *c, unsigned i)
{
	unsigned first = c->rpi3 + i * RPIS_PER_PAIR, lan = c->lan + i;

	sfe_ether_attach(f, "rpi3", first, "switch_lan", lan);
	fprintf(f->edges, "switch_lan_%u", lan);
	for (unsigned j = 0; j < RPIS_PER_PAIR; j++)
		fprintf(f->edges, " link_rpi3_%u", first + j);
	fprintf(f->edges, " link_%u\n", c->number);
	for (unsigned j = 1; j < RPIS_PER_PAIR; j++)
		sfe_ether_attach(f, "rpi3", first + j, "switch_lan", lan);
}

/* The compute box: a NUC and two Jetsons for each sensor node. */
static void box_edges(struct sfe_ether *f, const struct cell *c)
{
	unsigned lan = c->lan + c->pairs, tx2s = c->pairs * TX2S_PER_PAIR;

	sfe_ether_attach(f, "nuc", c->number, "switch_lan", lan);
	fprintf(f->edges, "switch_lan_%u link_nuc_%u", lan, c->number);
	for (unsigned i = 0; i < tx2s; i++)
		fprintf(f->edges, " link_tx2_%u", c->tx2 + i);
	fprintf(f->edges, " link_%u\n", c->number);
	for (unsigned i = 0; i < tx2s; i++)
		sfe_ether_attach(f, "tx2", c->tx2 + i, "switch_lan", lan);
}

static void cell_edges(struct sfe_ether *f, const struct cell *c)
{
	for (unsigned i = 0; i < c->pairs; i++) {
		pair_edges(f, c, i);
		if (i)
			continue;
		fprintf(f->edges, "link_%u", c->number);
		for (unsigned s = 0; s <= c->pairs; s++)
			fprintf(f->edges, " switch_lan_%u", c->lan + s);
		fprintf(f->edges, " up_shared_%u\n", c->number);
	}
	box_edges(f, c);
	fprintf(f->edges, "up_shared_%u internet_chix\n", c->number);
	fprintf(f->edges, "down_shared_%u link_%u\n", c->number, c->number);
}

static void exchange_edges(struct sfe_ether *f, unsigned cells)
{
	fprintf(f->edges, "internet_chix");
	for (unsigned i = 0; i < cells; i++)
		fprintf(f->edges, " down_shared_%u", i);
	fprintf(f->edges, " down_cloudlet_0\n");
}

static void city_rows(struct sfe_ether *f, const uint32_t *pairs, uint32_t cells)
{
	struct cell c = {0};

	for (; c.number < cells; c.number++) {
		c.pairs = pairs[c.number];
		cell_nodes(f, &c);
		cell_edges(f, &c);
		if (!c.number) /* the exchange's row stands where Ether first meets it */
			exchange_edges(f, cells);
		c.rpi3 += c.pairs * RPIS_PER_PAIR;
		c.tx2 += c.pairs * TX2S_PER_PAIR;
		c.lan += c.pairs + 1;
	}
	for (unsigned i = 0; i < SERVERS; i++)
		sfe_ether_server(f, i);
	sfe_ether_updown(f, "cloudlet", 0, 1000, 1000);
	sfe_ether_cloudlet_edges(f, &(struct sfe_ether_cloudlet){.racks = CLOUDLET_RACKS,
					    .first_switch = c.lan,
					    .uplink_to = "internet_chix"});
}

int sfe_ether_urban_cells(
	const uint32_t *pairs, uint32_t cells, struct sfe_topology **out, struct sfe_error *err)
{
	struct sfe_ether f;
	int rc = sfe_ether_begin(&f, "urban", err);

	if (!rc)
		city_rows(&f, pairs, cells);
	return sfe_ether_finish(&f, "urban", rc, out, err);
}

/* Box and Muller's method; the second normal number of each two is left, so a cell is two draws. */
static uint32_t draw_pairs(struct sfe_stream *s)
{
	double radius = sqrt(-2 * log1p(-sfe_stream_real(s)));
	double normal = radius * cos(TWO_PI * sfe_stream_real(s));
	double pairs = round(exp(LOG_MEAN + LOG_DEVIATION * normal));

	return (uint32_t)fmin(fmax(pairs, MIN_PAIRS), MAX_PAIRS);
}

int sfe_topology_urban(
	uint32_t cells, uint32_t seed, struct sfe_topology **out, struct sfe_error *err)
{
	struct sfe_stream stream = sfe_stream_named(seed, "topology.urban");
	uint32_t pairs[MAX_CELLS];

	if (!cells || cells > MAX_CELLS)
		return sfe_fail(err, -EINVAL, "urban", "choose another number",
			"%u cells are not between 1 and %u", cells, MAX_CELLS);
	for (uint32_t i = 0; i < cells; i++)
		pairs[i] = draw_pairs(&stream);
	return sfe_ether_urban_cells(pairs, cells, out, err);
}

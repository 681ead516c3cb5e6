/* SPDX-License-Identifier: MIT */
/*
 * What the generators of Ether's scenarios share. The files are written in memory, in the order in
 * which Ether gives them out, and then read like any others: a generator needs no data structure of
 * its own and what it makes has passed the reader's checks.
 */
#ifndef SFE_MODEL_ETHER_H
#define SFE_MODEL_ETHER_H

#include <stddef.h>
#include <stdio.h>

#include "sfemu/topology.h"

struct sfe_ether {
	FILE *nodes, *links, *edges;
	unsigned next_node, next_link;
	char *text[3]; /* of nodes, links and edges */
	size_t len[3];
};

/* Opens the files. sfe_ether_finish must follow, whatever this returns. */
int sfe_ether_begin(struct sfe_ether *f, const char *what, struct sfe_error *err);
/* Reads what was written and frees the files. rc: what became of them so far; not 0: only frees. */
int sfe_ether_finish(struct sfe_ether *f, const char *what, int rc, struct sfe_topology **out,
	struct sfe_error *err);

/* A node's row and that of its access link. */
void sfe_ether_nuc(struct sfe_ether *f, unsigned number);
void sfe_ether_tx2(struct sfe_ether *f, unsigned number);
void sfe_ether_rpi3(struct sfe_ether *f, unsigned number);
void sfe_ether_server(struct sfe_ether *f, unsigned number);

/* Rows of the links "link_N", and "up_NAME_N" with "down_NAME_N"; Mb/s. */
void sfe_ether_shared(struct sfe_ether *f, unsigned number, unsigned rate);
void sfe_ether_updown(
	struct sfe_ether *f, const char *name, unsigned number, unsigned up, unsigned down);

/* The two rows of an attached node: to its link and from there back to it and on to "TO_AT". */
void sfe_ether_attach(
	struct sfe_ether *f, const char *name, unsigned number, const char *to, unsigned at);

/* A cloudlet has one switch, and one a rack, each with this many servers. */
#define SFE_ETHER_RACK 5u
struct sfe_ether_cloudlet {
	unsigned number, racks;
	unsigned first_switch; /* N of the first rack's "switch_lan_N" */
	unsigned first_server;
	const char *uplink_to; /* the junction behind its uplink */
};
void sfe_ether_cloudlet_edges(struct sfe_ether *f, const struct sfe_ether_cloudlet *c);

/* Ether's urban sensing scenario with pairs[i] sensor nodes (each two Raspberry Pis) in cell i. */
int sfe_ether_urban_cells(
	const uint32_t *pairs, uint32_t cells, struct sfe_topology **out, struct sfe_error *err);

#endif

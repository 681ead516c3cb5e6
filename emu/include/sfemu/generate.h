/* SPDX-License-Identifier: MIT */
/*
 * Generates Ether's scenarios (github.com/edgerun/ether, ether/scenarios). Each is a composition of
 * cells; a scenario file may hold it as topology.compose and extend it.
 */
#ifndef SFEMU_GENERATE_H
#define SFEMU_GENERATE_H

#include "sfemu/topology.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SFE_MAX_PREMISES 10000u
#define SFE_MAX_CELLS 1000u
#define SFE_MAX_RACKS 1000u
#define SFE_MAX_SERVERS 1000u /* a rack */

/* 0 and NULL select the defaults given here. Members of other scenarios are ignored. */
struct sfe_generator {
	/*
	 * "iiot" (industrialiot.py): `premises` sites, each an edge cell (NUC, Jetson TX2 and a
	 * radio cell of three Raspberry Pis) and a cloudlet, behind 500/50 Mb/s uplinks.
	 *
	 * "urban" (urbansensing.py): `cells` neighbourhoods and one cloudlet, all at internet_chix.
	 * A cell has sensor nodes of two Raspberry Pis each, and a compute box with one NUC and two
	 * Jetson TX2 per sensor node, on a shared link of 500 Mb/s with a mobile connection of
	 * 125/25 Mb/s. The number of sensor nodes of each cell is drawn from `density` with the
	 * seed: equal seeds give equal networks, and more cells extend the network.
	 *
	 * "cloud" (cloudregions.py): a cloudlet in each of the `regions`, joined with the latencies
	 * measured between them.
	 */
	const char *scenario;
	uint32_t seed;
	uint32_t premises;   /* 0: 4 */
	uint32_t cells;      /* 0: 5 */
	const char *density; /* NULL: lognormal 0.39 0 5.104, from 1 to 20 */
	uint32_t racks,
		servers; /* of a cloudlet; 0: 3 racks (iiot), 2 (urban) or 1 (cloud) of 5 servers */
	const char *regions; /* comma-separated names, "aws" or "gcp"; NULL: five of AWS */
	bool latency;        /* Ether's latencies on all links; false: none */
};

int sfe_topology_generate(
	const struct sfe_generator *g, struct sfe_topology **out, struct sfe_error *err);
/* The composition as YAML for topology.compose. The caller frees *text. */
int sfe_topology_composition(const struct sfe_generator *g, char **text, struct sfe_error *err);
/*
 * Builds a topology from a composition, YAML as under topology.compose of a scenario
 * (docs/scenario.md lists its keys). file: the place for errors. Equal seeds give equal topologies.
 */
int sfe_topology_compose(const char *yaml, const char *file, uint64_t seed,
	struct sfe_topology **out, struct sfe_error *err);

/* Print Ether's building blocks, and the regions that `regions` may name. */
void sfe_blocks_show(FILE *out);
void sfe_regions_show(FILE *out);

#ifdef __cplusplus
}
#endif

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Ether's scenarios (github.com/edgerun/ether, ether/scenarios), generated. Each is a composition
 * of cells; a scenario file may hold it as topology.compose and go on from there.
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

/* What is 0 or NULL is as it says; what does not belong to the scenario is not looked at. */
struct sfe_generator {
	/*
	 * "iiot" (industrialiot.py): `premises` sites, each an edge cell (NUC, Jetson TX2 and a
	 * radio cell of three Raspberry Pis) and a cloudlet, behind 500/50 Mb/s uplinks.
	 *
	 * "urban" (urbansensing.py): `cells` neighbourhoods and one cloudlet, all at internet_chix.
	 * A cell has sensor nodes of two Raspberry Pis, and a compute box of one NUC and two Jetson
	 * TX2 for each sensor node, on a shared link of 500 Mb/s with a mobile connection of 125/25
	 * Mb/s. How many sensor nodes each cell has is drawn by `density` with the seed: the same
	 * seed gives the same network, and more cells add to it.
	 *
	 * "cloud" (cloudregions.py): a cloudlet in each of the `regions`, joined with the latencies
	 * that were measured between them.
	 */
	const char *scenario;
	uint32_t seed;
	uint32_t premises;       /* 0: 4 */
	uint32_t cells;          /* 0: 5 */
	const char *density;     /* NULL: lognormal 0.39 0 5.104, from 1 to 20 */
	uint32_t racks, servers; /* of a cloudlet; 0: 3 racks (iiot), 2 (urban), 1 (cloud), of 5 */
	const char *regions;     /* names with commas, "aws" or "gcp"; NULL: five of AWS */
	bool latency;            /* Ether's latencies on all links, else none */
};

int sfe_topology_generate(
	const struct sfe_generator *g, struct sfe_topology **out, struct sfe_error *err);
/* The composition, as YAML that topology.compose takes. *text is the caller's (free). */
int sfe_topology_composition(const struct sfe_generator *g, char **text, struct sfe_error *err);
/*
 * The topology that a composition makes, YAML as below a scenario's topology.compose
 * (docs/scenario.md has the words). file: the place for errors. Equal seeds give equal
 * topologies.
 */
int sfe_topology_compose(const char *yaml, const char *file, uint64_t seed,
	struct sfe_topology **out, struct sfe_error *err);

/* For a person: Ether's building blocks, and the regions that `regions` may name. */
void sfe_blocks_show(FILE *out);
void sfe_regions_show(FILE *out);

#ifdef __cplusplus
}
#endif

#endif

/* SPDX-License-Identifier: MIT */
/* Lists the parts of a composition, for people. */
#include <stdio.h>

#include "emu/model/generate/cloud_regions.h"
#include "emu/model/generate/compose.h"
#include "emu/model/generate/ether_links.h"
#include "sfemu/generate.h"
#include "sfemu/topology_builder.h"

void sfe_blocks_show(FILE *out)
{
	const struct sfe_node_block *n;
	const struct sfe_ether_uplink *u;
	const char *law;
	struct sfe_delay d;

	fprintf(out, "%-8s %-18s %6s %9s  %s\n", "node", "model", "Gop/s", "GB", "");
	for (uint32_t i = 0; (n = sfe_node_block(i)); i++)
		fprintf(out, "%-8s %-18s %6g %9.3f  %s%s\n", n->name, n->model,
			(double)n->cpu_millis / 1e3, (double)n->memory_bytes / 1e9,
			n->affinity == SFE_GPU ? "GPU" : "CPU", n->client ? ", client" : "");
	fprintf(out, "\n%-8s %9s %9s  %s\n", "uplink", "up Mb/s", "down Mb/s", "latency");
	for (unsigned i = 0; (u = sfe_ether_uplink(i)); i++)
		fprintf(out, "%-8s %9g %9g  %s\n", u->name, u->up_mbps, u->down_mbps, u->latency);
	fprintf(out, "\n%-8s %9s %9s  %s\n", "latency", "median ms", "p99 ms",
		"log-normal: shape, location, scale");
	for (unsigned i = 0; (law = sfe_ether_latency_name(i)); i++) {
		sfe_ether_latency(law, &d);
		fprintf(out, "%-8s %9.3g %9.3g  %g %g ms %g ms\n", law,
			sfe_delay_quantile(&d, 0.5) / 1e6, sfe_delay_quantile(&d, 0.99) / 1e6,
			d.shape, (double)d.a_ns / 1e6, (double)d.b_ns / 1e6);
	}
}

void sfe_regions_show(FILE *out)
{
	const struct sfe_region *r;

	for (unsigned i = 0; (r = sfe_region(i)); i++)
		fprintf(out, "%s  %-24s %s\n", r->provider, r->name, r->place);
}

/* SPDX-License-Identifier: MIT */
/*
 * An experiment as a program: two sites with cameras behind shared radio cells, a server between
 * them. Prints what the closed form says, then runs it and prints what was measured.
 *
 *	build/two_sites [KEY=VALUE…]     # keys of docs/scenario.md: link.shared.rate=50Mbit
 */
#include <errno.h>
#include <stdlib.h>

#include "sfemu/estimate.h"
#include "sfemu/run.h"
#include "sfemu/topology_builder.h"

/*
 * Each job: detect (task 1), then track (task 3), which waits for task 1 and needs a state, task 2.
 * Columns: arrival in s, job, task with what it waits for, duration, CPU, memory (MB), instances.
 */
static const char tasks[] =
	"0,j_1,M1,3000,100,0.3,1\n0,j_1,M2,1,100,0.9,1\n0,j_1,R3_1_2,8000,100,0.1,1\n"
	"1,j_2,M1,3000,100,0.3,1\n1,j_2,M2,1,100,0.5,1\n1,j_2,R3_1_2,8000,100,0.1,1\n"
	"1,j_3,M1,3000,100,0.3,1\n1,j_3,M2,1,100,0.7,1\n1,j_3,R3_1_2,8000,100,0.1,1\n";

static void expect(int code, const struct sfe_error *err)
{
	char text[1100];

	if (code) {
		fprintf(stderr, "two_sites: %s\n", sfe_error_text(err, text, sizeof(text)));
		exit(code == -EINVAL ? 2 : 1);
	}
}

static void build_site(struct sfe_topology_builder *b, const char *site)
{
	char cell[32], hub[32], node[32];

	snprintf(cell, sizeof(cell), "cell_%s", site);
	snprintf(hub, sizeof(hub), "switch_%s", site);
	sfe_build_link(b, cell, SFE_LINK_SHARED, 300);
	for (int i = 0; i < 4; i++) {
		snprintf(node, sizeof(node), "camera_%s_%d", site, i);
		sfe_build_node(b, node, "rpi3");
		sfe_build_attach(b, node, 1000, cell);
	}
	sfe_build_connect(b, cell, hub);
	snprintf(node, sizeof(node), "tx2_%s", site);
	sfe_build_node(b, node, "tx2");
	sfe_build_attach(b, node, 1000, hub);
	sfe_build_updown(b, site, hub, 50, 500, "internet");
}

/* The closed form alone: no packets, no root, no time. */
static void estimate(const struct sfe_topology *topology)
{
	const struct sfe_workload_params params = {
		.functions = 10, .ops_factor = 1e5, .arg_factor = 1e6, .state_factor = 1e6};
	struct sfe_routing *routing;
	struct sfe_workload *workload;
	struct sfe_assignment *places;
	struct sfe_estimate *jobs;
	struct sfe_error err = {0};

	expect(sfe_routing_new(topology, SFE_PHYSICAL, &routing, &err), &err);
	expect(sfe_workload_parse(tasks, sizeof(tasks) - 1, "tasks", &params, &workload, &err),
		&err);
	expect(sfe_assign(topology, routing, workload, SFE_PROC_NET, 0, 1, &places, &err), &err);
	for (unsigned s = 0; sfe_estimate_strategy(s); s++) {
		const struct sfe_estimate_params cloud = {
			.cloud_latency_s = 0.1, .cloud_rate_mbps = 5};
		expect(sfe_estimate(topology, routing, workload, places, sfe_estimate_strategy(s),
			       &cloud, &jobs, &err),
			&err);
		printf("%-20s", sfe_estimate_strategy(s));
		for (uint32_t j = 0; j < places->n_jobs; j++)
			printf("  job %u: %6.1f ms", workload->jobs[places->job[j]].number,
				1e3 * (jobs[j].net_delay_s + jobs[j].proc_delay_s));
		printf("\n");
		free(jobs);
	}
	sfe_assignment_free(places);
	sfe_workload_free(workload);
	sfe_routing_free(routing);
}

int main(int argc, char **argv)
{
	sfe_begin(argc, argv);
	struct sfe_topology_builder *b = sfe_build_new();
	struct sfe_topology *topology;
	struct sfe_run_result result;
	struct sfe_error err = {0};

	build_site(b, "north");
	build_site(b, "south");
	sfe_build_node(b, "server", "server");
	sfe_build_attach(b, "server", 10000, "internet");
	expect(sfe_build_finish(b, &topology, &err), &err);

	printf("response times by the closed form\n");
	estimate(topology);
	fflush(stdout);
	const struct sfe_run_options options = {.name = "two_sites",
		.sets = (const char *const *)argv + 1,
		.n_sets = (uint32_t)argc - 1};
	expect(sfe_run(topology, tasks, &options, &result, &err), &err);
	printf("\n");
	sfe_run_print(&result, stdout);
	printf("\nresults: %s\n", result.folder);
	sfe_run_result_free(&result);
	sfe_topology_free(topology);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * Compares with the published simulator's output, byte by byte: workload, routing, placement and
 * closed form are equal.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "emu/model/base/text.h"
#include "sfemu/estimate.h"
#include "tests/unit/unit.h"

#define REFERENCE SFE_SOURCE_DIR "/../shared/reference"
#define SEEDS 5

static bool absent(void)
{
	if (!access(REFERENCE "/golden", R_OK))
		return false;
	printf("SKIPPED: ../shared/reference is absent\n");
	return true;
}

struct replication {
	struct sfe_topology *t;
	struct sfe_routing *r;
	struct sfe_workload *w;
	struct sfe_assignment *a;
};

static int by_name(const void *a, const void *b, void *topology)
{
	const struct sfe_topology *t = topology;

	return strcmp(t->nodes[*(const uint32_t *)a].name, t->nodes[*(const uint32_t *)b].name);
}

static void print_nodes(const struct replication *x, FILE *f)
{
	uint32_t *order = calloc(x->t->n_nodes, sizeof(*order));

	for (uint32_t i = 0; i < x->t->n_nodes; i++)
		order[i] = i;
	qsort_r(order, x->t->n_nodes, sizeof(*order), by_name, x->t);
	for (uint32_t i = 0; i < x->t->n_nodes; i++)
		fprintf(f, "%u\n", x->a->load[order[i]]);
	free(order);
}

static void print_jobs(const struct replication *x, const struct sfe_estimate *e, FILE *f)
{
	for (uint32_t j = 0; j < x->a->n_jobs; j++)
		fprintf(f, "%g %g %llu %u\n", e[j].proc_delay_s, e[j].net_delay_s,
			(unsigned long long)e[j].traffic_bytes, x->w->jobs[x->a->job[j]].n_steps);
}

static void compare(const char *kind, const char *network, const char *strategy, unsigned seed,
	const char *text, size_t len)
{
	char path[1024], *want = NULL;
	size_t want_len = 0;
	struct sfe_error err;

	snprintf(path, sizeof(path), REFERENCE "/golden/%s/%s-alloc=ProcNet.exec=%s.seed=%u",
		network, kind, strategy, seed);
	CU_ASSERT_EQUAL_FATAL(sfe_text_load(path, &want, &want_len, &err), 0);
	CU_ASSERT(want_len > 0);
	bool same = want_len == len && !memcmp(want, text, len);
	CU_ASSERT(same);
	if (!same)
		printf("differs: %s\n", path);
	free(want);
}

static void check_strategy(
	const struct replication *x, const char *network, const char *strategy, unsigned seed)
{
	struct sfe_estimate *e = NULL;
	struct sfe_error err;
	char *text = NULL;
	size_t len = 0;

	CU_ASSERT_EQUAL_FATAL(sfe_estimate(x->t, x->r, x->w, x->a, strategy, NULL, &e, &err), 0);
	FILE *f = open_memstream(&text, &len);
	print_jobs(x, e, f);
	fclose(f);
	compare("job", network, strategy, seed, text, len);
	free(text);
	f = open_memstream(&text, &len);
	print_nodes(x, f);
	fclose(f);
	compare("node", network, strategy, seed, text, len);
	free(text);
	free(e);
}

static void check_network(const char *network)
{
	static const char *const strategies[] = {"PureFaaS", "StatePropagate", "StateLocal"};
	const struct sfe_workload_params params = {
		.functions = 10, .ops_factor = 1e5, .arg_factor = 1e6, .state_factor = 1e6};
	struct replication x;
	struct sfe_error err = {0};
	char path[3][1024], text[1200];

	if (absent())
		return;
	static const char *const ends[3] = {"nodes", "links", "edges"};
	for (int i = 0; i < 3; i++)
		snprintf(path[i], sizeof(path[i]), REFERENCE "/network/%s.0.%s", network, ends[i]);
	int rc = sfe_topology_read(path[0], path[1], path[2], &x.t, &err);
	if (!rc)
		rc = sfe_workload_read(REFERENCE "/tasks/batch_task.csv", &params, &x.w, &err);
	if (rc)
		printf("%s\n", sfe_error_text(&err, text, sizeof(text)));
	CU_ASSERT_EQUAL_FATAL(rc, 0);
	CU_ASSERT_EQUAL_FATAL(sfe_routing_new(x.t, SFE_STATESIM, &x.r, &err), 0);
	for (unsigned seed = 1; seed <= SEEDS; seed++) {
		CU_ASSERT_EQUAL_FATAL(
			sfe_assign(x.t, x.r, x.w, SFE_PROC_NET, 50, seed, &x.a, &err), 0);
		for (int s = 0; s < 3; s++)
			check_strategy(&x, network, strategies[s], seed);
		sfe_assignment_free(x.a);
	}
	sfe_routing_free(x.r);
	sfe_workload_free(x.w);
	sfe_topology_free(x.t);
}

static void test_iiot(void)
{
	check_network("iiot");
}

static void test_urban(void)
{
	check_network("urban_sensing");
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"the industrial IoT network", test_iiot},
		{"the urban sensing network", test_urban},
	};

	return unit_main("golden", tests, sizeof(tests) / sizeof(tests[0]));
}

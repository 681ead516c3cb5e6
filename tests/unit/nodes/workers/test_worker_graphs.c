/* SPDX-License-Identifier: MIT */
/*
 * Jobs that are random graphs with declared access, on four workers: every strategy leaves the
 * bytes that the same functions leave without a network, in one version with one owner, and moves
 * what the access of the steps says.
 */
#include "tests/unit/nodes/workers/graph_lab.h"

static void test_graphs(void)
{
	static const enum lab_kind kinds[] = {LAB_PROCESSES, LAB_SHARED, LAB_RING};
	struct bench *b = make_bench();

	for (unsigned i = 0; i < N_STRATEGIES; i++)
		for (unsigned k = 0; k < 3; k++) {
			struct outcome *o = run(b, strategies[i], kinds[k]);
			check(b, strategies[i], o);
			free(o);
		}
	free_bench(b);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"random graphs: the same bytes, one owner, and what the access says", test_graphs},
	};

	if (!lab_enter()) {
		puts("SKIPPED: network namespaces are not allowed here");
		return 77;
	}
	return unit_main("worker_graphs", tests, sizeof(tests) / sizeof(*tests));
}

/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <math.h>

#include "sfemu/estimate.h"

#define PROBE_BYTES 1000 /* as for the central node */

struct near {
	uint32_t node;
	double s;
};

/* Inserts a node into the n nearest, which are sorted; equal ones keep their order. */
static void insert(struct near *nearest, uint32_t n, uint32_t *used, struct near one)
{
	uint32_t at = *used;

	while (at && one.s < nearest[at - 1].s)
		at--;
	if (at == n)
		return;
	*used += *used < n;
	for (uint32_t i = *used - 1; i > at; i--)
		nearest[i] = nearest[i - 1];
	nearest[at] = one;
}

int sfe_nearest_nodes(const struct sfe_topology *t, struct sfe_routing *r, uint32_t n,
	uint32_t *out, struct sfe_error *err)
{
	struct near nearest[SFE_MAX_NEAREST];

	if (n > SFE_MAX_NEAREST)
		return sfe_fail(
			err, -ERANGE, NULL, NULL, "more than %u nearest nodes", SFE_MAX_NEAREST);
	for (uint32_t from = 0; from < t->n_nodes && n; from++) {
		uint32_t used = 0;
		for (uint32_t to = 0; to < t->n_nodes; to++) {
			struct near one = {to, sfe_routing_time(r, from, to, PROBE_BYTES)};
			if (to != from && t->nodes[to].speed_ops > 0 && isfinite(one.s))
				insert(nearest, n, &used, one);
		}
		if (used < n)
			return sfe_fail(err, -EINVAL, t->nodes[from].name, "ask for fewer",
				"reaches %u other nodes that compute, not %u", used, n);
		for (uint32_t i = 0; i < n; i++)
			out[(size_t)from * n + i] = nearest[i].node;
	}
	return 0;
}

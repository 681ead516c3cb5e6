/* SPDX-License-Identifier: MIT */
/* What generators of topologies take as text: the law of a density, names of regions. */
#include "sfemu/generate.h"
#include "tests/fuzz/fuzz.h"

/* Counts multiply: a million vertices in every run would be no fuzzing. */
static bool has_large_number(const uint8_t *data, size_t size)
{
	size_t digits = 0;

	for (size_t i = 0; i < size && digits <= 2; i++)
		digits = data[i] >= '0' && data[i] <= '9' ? digits + 1 : 0;
	return digits > 2;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sfe_topology *t;
	struct sfe_error err = {0};

	if (!size || memchr(data, 0, size) || has_large_number(data, size))
		return 0;
	char *text = part_text((struct part){(const char *)data + 1, size - 1});
	bool cloud = data[0] & 1;
	struct sfe_generator g = {.scenario = cloud ? "cloud" : "urban",
		.seed = data[0],
		.cells = 2,
		.racks = 1,
		.servers = 1,
		.regions = cloud ? text : NULL,
		.density = cloud ? NULL : text,
		.latency = data[0] & 2};
	int rc = sfe_topology_generate(&g, &t, &err);
	free(text);
	if (rc) {
		check_error(&err, rc);
		return 0;
	}
	CHECK(t->n_nodes);
	sfe_topology_free(t);
	return 0;
}

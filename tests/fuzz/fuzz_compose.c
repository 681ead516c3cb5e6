/* SPDX-License-Identifier: MIT */
/* Topologies by composition: cells within cells. What is made is a topology that can be written. */
#include <ctype.h>

#include "emu/model/compose.h"
#include "fuzz.h"

#define MAX_DIGITS 2u /* counts multiply: a million vertices in every run would be no fuzzing */

static int has_large_number(const uint8_t *data, size_t size)
{
	size_t digits = 0;

	for (size_t i = 0; i < size; i++) {
		digits = isdigit(data[i]) ? digits + 1 : 0;
		if (digits > MAX_DIGITS)
			return 1;
	}
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sfe_tree *tree;
	struct sfe_topology *t;
	struct sfe_error err = {0};
	FILE *null;

	if (has_large_number(data, size) ||
		sfe_tree_read((const char *)data, size, "file", SFE_TREE_ANY_ROOT, &tree, NULL))
		return 0;
	int rc = sfe_compose(tree, "file", 1, &t, &err);
	sfe_tree_free(tree);
	if (rc) {
		check_error(&err, rc);
		return 0;
	}
	CHECK(t->n_nodes && (null = fopen("/dev/null", "we")));
	CHECK(!sfe_topology_write(t, null, null, null));
	fclose(null);
	sfe_topology_free(t);
	return 0;
}

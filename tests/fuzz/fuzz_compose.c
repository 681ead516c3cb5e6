/* SPDX-License-Identifier: MIT */
/* Topologies by composition: what is made is written and read again as the same. */
#include "emu/model/generate/compose.h"
#include "tests/fuzz/fuzz.h"

#define MAX_VERTICES 300u

static void write_parts(const struct sfe_topology *t, char *text[3], size_t len[3])
{
	FILE *f[3];

	for (int i = 0; i < 3; i++)
		CHECK(f[i] = open_memstream(&text[i], &len[i]));
	CHECK(!sfe_topology_write(t, f[0], f[1], f[2]));
	for (int i = 0; i < 3; i++)
		fclose(f[i]);
}

static void round_trip(const struct sfe_topology *t)
{
	char *text[3], *text_again[3];
	size_t len[3], len_again[3];
	struct sfe_topology *again;

	write_parts(t, text, len);
	CHECK(!sfe_topology_parse(text[0], len[0], "nodes", text[1], len[1], "links", text[2],
		len[2], "edges", &again, NULL));
	write_parts(again, text_again, len_again);
	for (int i = 0; i < 3; i++) {
		CHECK(len[i] == len_again[i] && !memcmp(text[i], text_again[i], len[i]));
		free(text[i]);
		free(text_again[i]);
	}
	for (uint32_t v = 0; v < sfe_topology_vertices(t); v++)
		CHECK(!strcmp(sfe_vertex_name(t, v), sfe_vertex_name(again, v)));
	sfe_topology_free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	SFE_TREE_AUTO struct sfe_tree *tree = NULL;
	struct sfe_topology *t;
	struct sfe_error err = {0};

	int rc = sfe_tree_read((const char *)data, size, "file", SFE_TREE_ANY_ROOT, &tree, &err);
	if (!rc)
		rc = sfe_compose_within(tree, "file", size, MAX_VERTICES, &t, &err);
	if (rc) {
		check_error(&err, rc);
		return 0;
	}
	round_trip(t);
	sfe_topology_free(t);
	return 0;
}

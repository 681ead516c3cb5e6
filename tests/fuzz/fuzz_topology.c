/* SPDX-License-Identifier: MIT */
/* The three files of a topology, in one input; what is taken is written and read again. */
#include "emu/model/base/name_check.h"
#include "sfemu/topology.h"
#include "tests/fuzz/fuzz.h"

static int parse(const struct part p[3], struct sfe_topology **t, struct sfe_error *err)
{
	return sfe_topology_parse(p[0].at, p[0].len, "nodes", p[1].at, p[1].len, "links", p[2].at,
		p[2].len, "edges", t, err);
}

static void round_trip(const struct sfe_topology *t)
{
	struct part p[3];
	char *text[3];
	FILE *f[3];
	struct sfe_topology *again;

	for (int i = 0; i < 3; i++)
		CHECK(f[i] = open_memstream(&text[i], &p[i].len));
	CHECK(!sfe_topology_write(t, f[0], f[1], f[2]));
	for (int i = 0; i < 3; i++) {
		fclose(f[i]);
		p[i].at = text[i];
	}
	CHECK(!parse(p, &again, NULL));
	CHECK(again->n_nodes == t->n_nodes && again->n_links == t->n_links &&
		again->n_junctions == t->n_junctions && again->n_edges == t->n_edges &&
		again->n_edge_latencies == t->n_edge_latencies);
	for (uint32_t i = 0; i < t->n_links; i++)
		CHECK(sfe_delay_equal(&again->links[i].latency, &t->links[i].latency));
	for (uint32_t i = 0; i < t->n_edge_latencies; i++)
		CHECK(again->edge_latencies[i].edge == t->edge_latencies[i].edge &&
			sfe_delay_equal(
				&again->edge_latencies[i].latency, &t->edge_latencies[i].latency));
	sfe_topology_free(again);
	for (int i = 0; i < 3; i++)
		free(text[i]);
}

/*
 * Said a second time, by other means than the code that is tested: nothing that a table, a shell, a
 * page, a drawing or the kernel could take for more than a name.
 */
static void check_names(const struct sfe_topology *t)
{
	for (uint32_t v = 0; v < sfe_topology_vertices(t); v++) {
		const char *name = sfe_vertex_name(t, v);
		size_t len = strlen(name);
		bool letter = false;

		CHECK(len && len <= SFE_MAX_NAME && *name != '.' && *name != '-');
		for (size_t i = 0; i < len; i++) {
			unsigned char c = (unsigned char)name[i];
			bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
			letter |= is_letter;
			CHECK(is_letter || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
				c == '-');
		}
		CHECK(letter && strcasecmp(name, "all") && strcasecmp(name, "default") &&
			strcasecmp(name, "localhost") && strcasecmp(name, "inf"));
		CHECK(!sfe_name_check_vertex((struct sfe_span){name, len}, NULL));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct part rest = {(const char *)data, size}, p[3];
	struct sfe_topology *t;
	struct sfe_error err = {0};

	for (int i = 0; i < 3; i++)
		p[i] = next_part(&rest);
	int rc = parse(p, &t, &err);
	if (rc) {
		check_error(&err, rc);
		return 0;
	}
	check_names(t);
	round_trip(t);
	sfe_topology_free(t);
	return 0;
}

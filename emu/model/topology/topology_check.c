/* SPDX-License-Identifier: MIT */
#include "emu/model/topology/topology_check.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

const char *sfe_places_file(
	const struct sfe_places *places, const struct sfe_topology *t, uint32_t vertex)
{
	switch (sfe_vertex_kind(t, vertex)) {
	case SFE_VERTEX_NODE:
		return places->nodes_file;
	case SFE_VERTEX_LINK:
		return places->links_file;
	default:
		return places->edges_file;
	}
}

#define FAIL_AT(t, places, v, err, todo, ...)                                                      \
	sfe_fail_at(                                                                               \
		err, -EINVAL, sfe_places_file(places, t, v), (places)->line[v], todo, __VA_ARGS__)

/* One advice for files, compositions and programs. */
#define CONNECT "connect it with the rest: by edges, in a composition by to or backbone"

static int check_ends(const struct sfe_topology *t, const struct sfe_places *places,
	const uint32_t *edges_in, struct sfe_error *err)
{
	for (uint32_t v = 0; v < t->n_nodes + t->n_links; v++) {
		bool in = edges_in[v], out = t->edge_begin[v + 1] > t->edge_begin[v];
		bool link = sfe_vertex_kind(t, v) == SFE_VERTEX_LINK;
		const char *name = sfe_vertex_name(t, v);

		if (in && out)
			continue;
		if (link)
			return FAIL_AT(t, places, v, err, CONNECT,
				"a link without an end: no edge %s %s",
				in    ? "leaves"
				: out ? "enters"
				      : "enters or leaves",
				name);
		if (t->n_nodes > 1)
			return FAIL_AT(t, places, v, err, CONNECT,
				"the node %s is reached by nothing or reaches nothing: no edge %s "
				"it",
				name,
				in    ? "leaves"
				: out ? "enters"
				      : "enters or leaves");
	}
	/* Only a program can name a junction without connecting it. */
	for (uint32_t v = t->n_nodes + t->n_links; v < sfe_topology_vertices(t); v++)
		if (!edges_in[v] && t->edge_begin[v + 1] == t->edge_begin[v])
			return FAIL_AT(t, places, v, err, "connect it with something",
				"the junction %s is connected with nothing", sfe_vertex_name(t, v));
	return 0;
}

/* Marks the vertices reachable from root; other nodes do not forward. */
static void walk(const struct sfe_topology *t, const uint32_t *begin, const uint32_t *to,
	uint32_t root, uint32_t *queue, uint8_t *seen)
{
	uint32_t head = 0, tail = 0;

	seen[root] = 1;
	queue[tail++] = root;
	while (head < tail) {
		uint32_t v = queue[head++];
		if (v != root && sfe_vertex_kind(t, v) == SFE_VERTEX_NODE)
			continue;
		for (uint32_t e = begin[v]; e < begin[v + 1]; e++) {
			if (seen[to[e]])
				continue;
			seen[to[e]] = 1;
			queue[tail++] = to[e];
		}
	}
}

struct scratch {
	uint32_t *begin, *from, *at, *queue; /* the edges reversed */
	uint8_t *reached, *reaches;
};

static void reverse(const struct sfe_topology *t, struct scratch *s)
{
	uint32_t n = sfe_topology_vertices(t);

	for (uint32_t e = 0; e < t->n_edges; e++)
		s->begin[t->file_to[e] + 1]++;
	for (uint32_t v = 0; v < n; v++)
		s->begin[v + 1] += s->begin[v];
	memcpy(s->at, s->begin, n * sizeof(*s->at));
	for (uint32_t e = 0; e < t->n_edges; e++)
		s->from[s->at[t->file_to[e]]++] = t->file_from[e];
	for (uint32_t v = 0; v < n; v++)
		s->at[v] = s->begin[v + 1] - s->begin[v]; /* now: the edges that enter v */
}

/*
 * Checks reachability from the first node and back. That covers all pairs whose paths meet outside
 * the first node. Pairs joined only through the first node are found when a path between them is
 * requested.
 */
static int check_reach(const struct sfe_topology *t, const struct sfe_places *places,
	struct scratch *s, struct sfe_error *err)
{
	walk(t, t->edge_begin, t->edge_to, 0, s->queue, s->reached);
	walk(t, s->begin, s->from, 0, s->queue, s->reaches);
	for (uint32_t v = 1; v < t->n_nodes; v++) {
		if (!s->reached[v])
			return FAIL_AT(t, places, v, err, CONNECT,
				"no path reaches the node %s from the node %s", t->nodes[v].name,
				t->nodes[0].name);
		if (!s->reaches[v])
			return FAIL_AT(t, places, v, err, CONNECT,
				"no path leads from the node %s to the node %s", t->nodes[v].name,
				t->nodes[0].name);
	}
	return 0;
}

int sfe_topology_check(
	const struct sfe_topology *t, const struct sfe_places *places, struct sfe_error *err)
{
	size_t n = (size_t)sfe_topology_vertices(t) + 1;
	int rc;

	if (!t->n_nodes)
		return sfe_fail_at(err, -EINVAL, places->nodes_file, 0,
			"write at least one row index;name;memory_bytes;cpu_millis;arch;type;model",
			"no nodes");
	struct scratch s = {
		.begin = calloc(n, sizeof(uint32_t)),
		.from = calloc((size_t)t->n_edges + 1, sizeof(uint32_t)),
		.at = calloc(n, sizeof(uint32_t)),
		.queue = calloc(n, sizeof(uint32_t)),
		.reached = calloc(n, 1),
		.reaches = calloc(n, 1),
	};
	if (!s.begin || !s.from || !s.at || !s.queue || !s.reached || !s.reaches) {
		rc = sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	} else {
		reverse(t, &s);
		rc = check_ends(t, places, s.at, err);
		if (!rc)
			rc = check_reach(t, places, &s, err);
	}
	free(s.begin);
	free(s.from);
	free(s.at);
	free(s.queue);
	free(s.reached);
	free(s.reaches);
	return rc;
}

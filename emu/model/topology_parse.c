/* SPDX-License-Identifier: MIT */
/* The parser of Ether's three files. It trusts nothing: a topology that it gives can be built. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "names.h"
#include "sfemu/topology.h"
#include "text.h"
#include "topology_check.h"

struct parser {
	struct sfe_topology *t;
	struct sfe_places places; /* where each vertex was first named, for errors */
	uint32_t cap_nodes, cap_links, cap_junctions, cap_from, cap_to;
	uint32_t cap_line; /* of places.line */
	const char *file;
	unsigned line;
	struct sfe_error *err;
};

#define FAIL(p, todo, ...) sfe_fail_at((p)->err, -EINVAL, (p)->file, (p)->line, todo, __VA_ARGS__)

static int no_memory(struct parser *p)
{
	return sfe_fail_at(p->err, -ENOMEM, p->file, p->line, NULL, "out of memory");
}

static int check_name(struct parser *p, struct sfe_span name)
{
	if (name.len > SFE_MAX_NAME)
		return FAIL(p, "shorten it", "the name %s has %zu bytes and %u is the most",
			SFE_SHOW(name), name.len, SFE_MAX_NAME);
	/* Names become file names, labels and namespaces' names. */
	for (size_t i = 0; i < name.len; i++)
		if (name.at[i] <= ' ' || name.at[i] > '~' || strchr("/\"\\;,", name.at[i]))
			return FAIL(p, "use letters, digits and any of _ - . + :",
				"the name %s has a character that no name may have",
				SFE_SHOW(name));
	if (name.at[0] == '.' || name.at[0] == '-')
		return FAIL(p, "begin it with a letter", "the name %s begins with '%c'",
			SFE_SHOW(name), name.at[0]);
	return 0;
}

/* Enters a new vertex; its name is the topology's already. */
static int enter(struct parser *p, const char *name)
{
	uint32_t vertex = sfe_topology_vertices(p->t);

	if (vertex >= SFE_MAX_VERTICES)
		return FAIL(p, "use a smaller topology", "more than %u vertices", SFE_MAX_VERTICES);
	if (sfe_grow(&p->places.line, &p->cap_line, vertex + 1, sizeof(*p->places.line)))
		return no_memory(p);
	p->places.line[vertex] = p->line;
	return sfe_names_add(p->t->names, name, vertex) ? no_memory(p) : 0;
}

static int check_new(struct parser *p, struct sfe_span name)
{
	int rc = check_name(p, name);

	if (rc)
		return rc;
	uint32_t v = sfe_names_find(p->t->names, name.at, name.len);
	if (v == SFE_NONE)
		return 0;
	return FAIL(p, "give each node and link a name of its own",
		"the name %s is taken already, at %s:%u", SFE_SHOW(name),
		sfe_places_file(&p->places, p->t, v), p->places.line[v]);
}

static const struct model {
	const char *name;
	enum sfe_affinity affinity;
	bool client;
} models[] = {
	{"server", SFE_CPU, false},
	{"rpi3b+", SFE_CPU, true},
	{"nuci5", SFE_CPU, false},
	{"nvidia_jetson_tx2", SFE_GPU, true},
};

static int set_model(struct parser *p, struct sfe_node *node, struct sfe_span text)
{
	for (size_t i = 0; i < sizeof(models) / sizeof(models[0]); i++) {
		if (!sfe_span_is(text, models[i].name))
			continue;
		node->affinity = models[i].affinity;
		node->client = models[i].client;
		return 0;
	}
	return FAIL(p, "use one of server, rpi3b+, nuci5, nvidia_jetson_tx2",
		"unknown model %s of a node", SFE_SHOW(text));
}

static int parse_count(
	struct parser *p, struct sfe_span text, const char *what, uint64_t max, uint64_t *out)
{
	if (sfe_span_u64(text, out))
		return FAIL(p, "write a whole number", "%s is not a number that fits: %s", what,
			SFE_SHOW(text));
	if (*out > max)
		return FAIL(p, "use a smaller one", "%s is too large: %s", what, SFE_SHOW(text));
	return 0;
}

static int parse_node(struct parser *p, struct sfe_span row)
{
	struct sfe_topology *t = p->t;
	struct sfe_span f[7];
	uint64_t index;
	size_t n = sfe_span_split(row, ';', f, 7);
	int rc;

	if (n != 7)
		return FAIL(p, "write index;name;memory_bytes;cpu_millis;arch;type;model",
			"a node has 7 fields, this row has %zu", n);
	if (sfe_grow(&t->nodes, &p->cap_nodes, t->n_nodes + 1, sizeof(*t->nodes)))
		return no_memory(p);
	struct sfe_node node = {0};
	if ((rc = parse_count(p, f[0], "the index", UINT32_MAX, &index)) ||
		(rc = check_new(p, f[1])) ||
		(rc = parse_count(p, f[2], "the memory", 1ull << 60, &node.memory_bytes)) ||
		(rc = parse_count(p, f[3], "the speed", 1ull << 50, &node.cpu_millis)) ||
		(rc = set_model(p, &node, f[6])))
		return rc;
	if (!node.cpu_millis)
		return FAIL(p, "write how many thousandths of a CPU it has",
			"the node %s has no speed", SFE_SHOW(f[1]));
	node.speed_ops = (float)((double)node.cpu_millis * 1e6);
	node.name = strndup(f[1].at, f[1].len);
	node.arch = strndup(f[4].at, f[4].len);
	node.type = strndup(f[5].at, f[5].len);
	node.model = strndup(f[6].at, f[6].len);
	if (node.name && node.arch && node.type && node.model)
		rc = enter(p, node.name);
	else
		rc = no_memory(p);
	/* Counted even when it failed: the topology's end frees it. */
	t->nodes[t->n_nodes++] = node;
	return rc;
}

static int parse_capacity(struct parser *p, struct sfe_span text, struct sfe_link *link)
{
	float mbps;

	if (sfe_span_double(text, &link->capacity_mbps) || sfe_span_float(text, &mbps))
		return FAIL(p, "write Mb/s as a decimal number",
			"the capacity is not a finite number: %s", SFE_SHOW(text));
	link->capacity_bps = (float)(1e6 * (double)mbps);
	/* The weights are 2/capacity in single precision: both must be normal numbers. */
	if (!(link->capacity_bps >= 1e-3f && link->capacity_bps <= 1e30f))
		return FAIL(p, "write Mb/s, more than 0",
			"the capacity must be more than 0 and less than 1e24 Mb/s: %s",
			SFE_SHOW(text));
	return 0;
}

static int set_kind(struct parser *p, struct sfe_link *link, struct sfe_span text)
{
	for (int k = 0; k < SFE_LINK_KINDS; k++)
		if (sfe_span_is(text, sfe_link_kind_name((enum sfe_link_kind)k))) {
			link->kind = (enum sfe_link_kind)k;
			return 0;
		}
	return FAIL(p, "use one of node, shared, uplink, downlink", "unknown type %s of a link",
		SFE_SHOW(text));
}

static int parse_link(struct parser *p, struct sfe_span row)
{
	struct sfe_topology *t = p->t;
	struct sfe_span f[4];
	uint64_t index;
	size_t n = sfe_span_split(row, ';', f, 4);
	int rc;

	if (n != 4)
		return FAIL(p, "write index;capacity_Mbps;name;type",
			"a link has 4 fields, this row has %zu", n);
	if (sfe_grow(&t->links, &p->cap_links, t->n_links + 1, sizeof(*t->links)))
		return no_memory(p);
	struct sfe_link link = {0};
	if ((rc = parse_count(p, f[0], "the index", UINT32_MAX, &index)) ||
		(rc = parse_capacity(p, f[1], &link)) || (rc = check_new(p, f[2])) ||
		(rc = set_kind(p, &link, f[3])))
		return rc;
	link.name = strndup(f[2].at, f[2].len);
	rc = link.name ? enter(p, link.name) : no_memory(p);
	t->links[t->n_links++] = link;
	return rc;
}

/* The vertex of that name; what is neither node nor link is a junction, new or known. */
static int find_or_add(struct parser *p, struct sfe_span name, uint32_t *vertex)
{
	struct sfe_topology *t = p->t;

	*vertex = sfe_names_find(t->names, name.at, name.len);
	if (*vertex != SFE_NONE)
		return 0;
	int rc = check_name(p, name);
	if (rc)
		return rc;
	if (sfe_grow(&t->junctions, &p->cap_junctions, t->n_junctions + 1, sizeof(*t->junctions)))
		return no_memory(p);
	char *copy = strndup(name.at, name.len);
	if (!copy)
		return no_memory(p);
	*vertex = sfe_topology_vertices(t);
	rc = enter(p, copy);
	t->junctions[t->n_junctions++].name = copy;
	return rc;
}

static int add_edge(struct parser *p, uint32_t from, uint32_t to)
{
	struct sfe_topology *t = p->t;

	if (from == to)
		return FAIL(p, "remove the second", "%s has an edge to itself",
			sfe_vertex_name(t, from));
	if (t->n_edges >= SFE_MAX_EDGES)
		return FAIL(p, "use a smaller topology", "more than %u edges", SFE_MAX_EDGES);
	if (sfe_grow(&t->file_from, &p->cap_from, t->n_edges + 1, sizeof(*t->file_from)) ||
		sfe_grow(&t->file_to, &p->cap_to, t->n_edges + 1, sizeof(*t->file_to)))
		return no_memory(p);
	t->file_from[t->n_edges] = from;
	t->file_to[t->n_edges++] = to;
	return 0;
}

static int parse_edges(struct parser *p, struct sfe_span row)
{
	const char *end = row.at + row.len;
	uint32_t source = SFE_NONE, vertex;
	unsigned targets = 0;
	int rc;

	/* A row may have any number of targets, so it is walked instead of split into an array. */
	for (const char *at = row.at; at < end;) {
		const char *stop = memchr(at, ' ', (size_t)(end - at));
		struct sfe_span name = {at, (size_t)((stop ? stop : end) - at)};
		at = stop ? stop + 1 : end;
		if (!name.len)
			continue;
		if ((rc = find_or_add(p, name, &vertex)))
			return rc;
		if (source == SFE_NONE) {
			source = vertex;
			continue;
		}
		if ((rc = add_edge(p, source, vertex)))
			return rc;
		targets++;
	}
	if (!targets)
		return FAIL(p, "write source target target ...", "a row of edges without a target");
	return 0;
}

static int parse_file(struct parser *p, const char *text, size_t len, const char *name,
	int (*row)(struct parser *p, struct sfe_span row))
{
	struct sfe_lines lines = {text, text + len, 0};
	struct sfe_span line;

	p->file = name;
	while (sfe_lines_next(&lines, &line)) {
		p->line = lines.line;
		if (!line.len || line.at[0] == '#')
			continue;
		int rc = row(p, line);
		if (rc)
			return rc;
	}
	p->line = 0;
	return 0;
}

/* Edges by source, in file order: a counting sort. */
static int index_edges(struct parser *p)
{
	struct sfe_topology *t = p->t;
	uint32_t n = sfe_topology_vertices(t);

	t->edge_begin = calloc((size_t)n + 1, sizeof(*t->edge_begin));
	t->edge_to = calloc((size_t)t->n_edges + 1, sizeof(*t->edge_to));
	uint32_t *at = calloc((size_t)n + 1, sizeof(*at));
	if (!t->edge_begin || !t->edge_to || !at) {
		free(at);
		return no_memory(p);
	}
	for (uint32_t e = 0; e < t->n_edges; e++)
		t->edge_begin[t->file_from[e] + 1]++;
	for (uint32_t v = 0; v < n; v++)
		t->edge_begin[v + 1] += t->edge_begin[v];
	memcpy(at, t->edge_begin, (size_t)n * sizeof(*at));
	for (uint32_t e = 0; e < t->n_edges; e++)
		t->edge_to[at[t->file_from[e]]++] = t->file_to[e];
	free(at);
	return 0;
}

int sfe_topology_parse(const char *nodes, size_t nodes_len, const char *nodes_name,
	const char *links, size_t links_len, const char *links_name, const char *edges,
	size_t edges_len, const char *edges_name, struct sfe_topology **out, struct sfe_error *err)
{
	struct parser p = {.err = err, .file = nodes_name};
	int rc;

	p.places.nodes_file = nodes_name;
	p.places.links_file = links_name;
	p.places.edges_file = edges_name;
	p.t = calloc(1, sizeof(*p.t));
	if (!p.t || !(p.t->names = sfe_names_new())) {
		free(p.t);
		return no_memory(&p);
	}
	if (!(rc = parse_file(&p, nodes, nodes_len, nodes_name, parse_node)) &&
		!(rc = parse_file(&p, links, links_len, links_name, parse_link)) &&
		!(rc = parse_file(&p, edges, edges_len, edges_name, parse_edges)) &&
		!(rc = index_edges(&p)))
		rc = sfe_topology_check(p.t, &p.places, err);
	free(p.places.line);
	if (rc) {
		sfe_topology_free(p.t);
		return rc;
	}
	*out = p.t;
	return 0;
}

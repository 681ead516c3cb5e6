/* SPDX-License-Identifier: MIT */
#include "emu/model/topology/topology_builder.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "emu/model/base/name_check.h"
#include "emu/model/base/name_index.h"

#define FAIL(b, todo, ...) sfe_builder_fail(b, -EINVAL, todo, __VA_ARGS__)

static sfe_ref make_ref(enum sfe_vertex_kind kind, uint32_t number)
{
	return (sfe_ref)kind << SFE_REF_SHIFT | number;
}

static const char *ref_name(const struct sfe_topology_builder *b, sfe_ref ref)
{
	switch (sfe_ref_kind(ref)) {
	case SFE_VERTEX_NODE:
		return b->t->nodes[sfe_ref_number(ref)].name;
	case SFE_VERTEX_LINK:
		return b->t->links[sfe_ref_number(ref)].name;
	default:
		return b->t->junctions[sfe_ref_number(ref)].name;
	}
}

bool sfe_builder_is_shared(const struct sfe_topology_builder *b, sfe_ref ref)
{
	return sfe_ref_kind(ref) == SFE_VERTEX_LINK &&
	       b->t->links[sfe_ref_number(ref)].kind == SFE_LINK_SHARED;
}

/* Whether the vertex becomes a host: all except the links that become cables. */
static bool is_host(const struct sfe_topology_builder *b, sfe_ref ref)
{
	return sfe_ref_kind(ref) != SFE_VERTEX_LINK || sfe_builder_is_shared(b, ref);
}

struct sfe_topology_builder *sfe_build_new(void)
{
	struct sfe_topology_builder *b = calloc(1, sizeof(*b));

	if (!b)
		return NULL;
	b->t = calloc(1, sizeof(*b->t));
	if (!b->t || !(b->t->names = sfe_name_index_new())) {
		sfe_build_free(b);
		return NULL;
	}
	for (int kind = 0; kind < 3; kind++)
		b->files[kind] = "topology";
	b->file = "topology";
	b->max_vertices = SFE_MAX_VERTICES;
	return b;
}

void sfe_build_free(struct sfe_topology_builder *b)
{
	if (!b)
		return;
	sfe_topology_free(b->t);
	for (int kind = 0; kind < 3; kind++)
		free(b->line_of[kind]);
	free(b->line_of_edge);
	free(b);
}

int sfe_builder_fail(
	struct sfe_topology_builder *b, int code, const char *todo, const char *fmt, ...)
{
	char what[sizeof(b->error.what)];
	va_list ap;

	if (b->rc)
		return b->rc;
	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	return b->rc = sfe_fail_at(&b->error, code, b->file, b->line, todo, "%s", what);
}

static int no_memory(struct sfe_topology_builder *b)
{
	return sfe_builder_fail(b, -ENOMEM, NULL, "out of memory");
}

static int check_name(struct sfe_topology_builder *b, struct sfe_span name)
{
	struct sfe_error cause = {0};
	int rc = sfe_name_check_vertex(name, &cause);

	return rc ? sfe_builder_fail(b, rc, cause.todo, "%s", cause.what) : 0;
}

static int check_new(struct sfe_topology_builder *b, struct sfe_span name)
{
	char at[sizeof(b->error.where)] = "";
	int rc = check_name(b, name);

	if (rc)
		return rc;
	sfe_ref ref = sfe_name_index_find(b->t->names, name.at, name.len);
	if (ref == SFE_NONE)
		return 0;
	enum sfe_vertex_kind kind = sfe_ref_kind(ref);
	unsigned line = b->line_of[kind][sfe_ref_number(ref)];
	if (line)
		snprintf(at, sizeof(at), ", at %.200s:%u", b->files[kind], line);
	return FAIL(b, "give each node and link a name of its own", "the name %s is already used%s",
		SFE_SHOW(name), at);
}

/*
 * Enters the next vertex of a kind. Its array already holds it and counts it from now on, so that
 * sfe_topology_free frees it.
 */
static int enter(struct sfe_topology_builder *b, enum sfe_vertex_kind kind, const char *name)
{
	uint32_t *counts[3] = {&b->t->n_nodes, &b->t->n_links, &b->t->n_junctions};
	uint32_t vertices = sfe_topology_vertices(b->t), number = (*counts[kind])++;

	if (vertices >= b->max_vertices)
		return FAIL(b, "use a smaller topology", "more than %u vertices", b->max_vertices);
	if (!name ||
		sfe_grow(&b->line_of[kind], &b->cap_line[kind], number + 1, sizeof(unsigned)) ||
		sfe_name_index_add(b->t->names, name, make_ref(kind, number)))
		return no_memory(b);
	b->line_of[kind][number] = b->line;
	return 0;
}

/* Architecture and type are informational, but are written out again. */
static int check_text(struct sfe_topology_builder *b, struct sfe_span text, const char *what)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.at[i] < ' ' || text.at[i] == 0x7f)
			return FAIL(b, "write it in letters and digits",
				"the %s has a control character: %s", what, SFE_SHOW(text));
	return 0;
}

int sfe_builder_add_node(struct sfe_topology_builder *b, const struct sfe_node_row *row)
{
	struct sfe_topology *t = b->t;

	if (b->rc || check_new(b, row->name) || check_text(b, row->arch, "architecture") ||
		check_text(b, row->type, "type"))
		return b->rc;
	if (row->memory_bytes > SFE_MAX_MEMORY)
		return FAIL(b, "use a smaller one", "the memory of the node %s is too large",
			SFE_SHOW(row->name));
	if (row->cpu_millis > SFE_MAX_CPU_MILLIS)
		return FAIL(b, "use a smaller one", "the speed of the node %s is too large",
			SFE_SHOW(row->name));
	if (!row->cpu_millis)
		return FAIL(b, "write how many thousandths of a CPU it has",
			"the node %s has no speed", SFE_SHOW(row->name));
	if (sfe_grow(&t->nodes, &b->cap[SFE_VERTEX_NODE], t->n_nodes + 1, sizeof(*t->nodes)))
		return no_memory(b);
	struct sfe_node *node = &t->nodes[t->n_nodes];
	*node = (struct sfe_node){
		.name = strndup(row->name.at, row->name.len),
		.memory_bytes = row->memory_bytes,
		.cpu_millis = row->cpu_millis,
		.arch = strndup(row->arch.at, row->arch.len),
		.type = strndup(row->type.at, row->type.len),
		.model = strdup(row->block->model),
		.affinity = row->block->affinity,
		.client = row->block->client,
		.speed_ops = (float)((double)row->cpu_millis * 1e6),
	};
	bool whole = node->arch && node->type && node->model;
	return enter(b, SFE_VERTEX_NODE, whole ? node->name : NULL);
}

int sfe_builder_add_link(struct sfe_topology_builder *b, struct sfe_span name,
	enum sfe_link_kind kind, double mbps, float mbps_single, const struct sfe_delay *latency)
{
	struct sfe_topology *t = b->t;
	float bps = (float)(1e6 * (double)mbps_single);

	if (b->rc || check_new(b, name))
		return b->rc;
	/* The weights are 2/capacity in single precision: both must be normal numbers. */
	if (!(bps >= 1e-3f && bps <= 1e30f))
		return FAIL(b, "write Mb/s, more than 0",
			"the capacity must be more than 0 and less than 1e24 Mb/s: %g", mbps);
	if (sfe_grow(&t->links, &b->cap[SFE_VERTEX_LINK], t->n_links + 1, sizeof(*t->links)))
		return no_memory(b);
	struct sfe_link *link = &t->links[t->n_links];
	*link = (struct sfe_link){
		.name = strndup(name.at, name.len),
		.kind = kind,
		.capacity_mbps = mbps,
		.capacity_bps = bps,
	};
	if (latency)
		link->latency = *latency;
	return enter(b, SFE_VERTEX_LINK, link->name);
}

int sfe_builder_ref(struct sfe_topology_builder *b, struct sfe_span name, sfe_ref *ref)
{
	struct sfe_topology *t = b->t;

	if (b->rc)
		return b->rc;
	*ref = sfe_name_index_find(t->names, name.at, name.len);
	if (*ref != SFE_NONE || check_name(b, name))
		return b->rc;
	if (sfe_grow(&t->junctions, &b->cap[SFE_VERTEX_JUNCTION], t->n_junctions + 1,
		    sizeof(*t->junctions)))
		return no_memory(b);
	*ref = make_ref(SFE_VERTEX_JUNCTION, t->n_junctions);
	char *copy = t->junctions[t->n_junctions].name = strndup(name.at, name.len);
	return enter(b, SFE_VERTEX_JUNCTION, copy);
}

static int add_latency(struct sfe_topology_builder *b, const struct sfe_delay *latency)
{
	struct sfe_topology *t = b->t;
	uint32_t n = t->n_edge_latencies;

	if (sfe_grow(&t->edge_latencies, &b->cap_latency, n + 1, sizeof(*t->edge_latencies)))
		return no_memory(b);
	t->edge_latencies[t->n_edge_latencies++] =
		(struct sfe_edge_latency){t->n_edges - 1, *latency};
	return 0;
}

int sfe_builder_add_edge(
	struct sfe_topology_builder *b, sfe_ref from, sfe_ref to, const struct sfe_delay *latency)
{
	struct sfe_topology *t = b->t;

	if (b->rc)
		return b->rc;
	if (from == to)
		return FAIL(b, "remove the second", "%s has an edge to itself", ref_name(b, from));
	if (t->n_edges >= SFE_MAX_EDGES)
		return FAIL(b, "use a smaller topology", "more than %u edges", SFE_MAX_EDGES);
	if (sfe_grow(&t->file_from, &b->cap_from, t->n_edges + 1, sizeof(*t->file_from)) ||
		sfe_grow(&t->file_to, &b->cap_to, t->n_edges + 1, sizeof(*t->file_to)) ||
		sfe_grow(&b->line_of_edge, &b->cap_line_edge, t->n_edges + 1, sizeof(unsigned)))
		return no_memory(b);
	b->line_of_edge[t->n_edges] = b->line;
	t->file_from[t->n_edges] = from;
	t->file_to[t->n_edges++] = to;
	return latency ? add_latency(b, latency) : 0;
}

/*
 * Refuses edges with a latency beside a link that becomes a cable: the link's latency would have to
 * be added, and the sum of two laws is not a law.
 */
static int check_latencies(struct sfe_topology_builder *b)
{
	const struct sfe_topology *t = b->t;

	for (uint32_t i = 0; i < t->n_edge_latencies; i++) {
		sfe_ref from = t->file_from[t->edge_latencies[i].edge];
		sfe_ref to = t->file_to[t->edge_latencies[i].edge];
		sfe_ref link = is_host(b, from) ? to : from;
		if (is_host(b, link))
			continue;
		b->file = b->files[SFE_VERTEX_JUNCTION];
		b->line = b->line_of_edge[t->edge_latencies[i].edge];
		return FAIL(b, "write the latency in the link's row",
			"the edge from %s to %s has a latency, and %s is a link", ref_name(b, from),
			ref_name(b, to), ref_name(b, link));
	}
	return 0;
}

struct pair {
	uint64_t ends; /* from and to */
	uint32_t edge;
};

static int by_ends(const void *a, const void *b)
{
	const struct pair *x = a, *y = b;

	if (x->ends != y->ends)
		return x->ends < y->ends ? -1 : 1;
	return x->edge < y->edge ? -1 : x->edge > y->edge;
}

static const char *latency_text(const struct sfe_delay *latency, char buf[SFE_DELAY_TEXT])
{
	return latency ? sfe_latency_format(latency, buf) : "none";
}

static int fail_repeated(struct sfe_topology_builder *b, uint32_t first, uint32_t second)
{
	const struct sfe_topology *t = b->t;
	char at[sizeof(b->error.where)] = "", one[SFE_DELAY_TEXT], other[SFE_DELAY_TEXT];

	b->file = b->files[SFE_VERTEX_JUNCTION];
	b->line = b->line_of_edge[second];
	if (b->line)
		snprintf(at, sizeof(at), " at line %u", b->line_of_edge[first]);
	return FAIL(b, "write it once; for a second cable, put a junction into each",
		"the edge from %s to %s is there twice: with latency %s%s, and here with %s",
		ref_name(b, t->file_from[first]), ref_name(b, t->file_to[first]),
		latency_text(sfe_edge_latency(t, first), one), at,
		latency_text(sfe_edge_latency(t, second), other));
}

/*
 * An edge is the cable from one vertex to another in one direction, and there is one cable. So an
 * edge that is written again must be the same one: which of two latencies is meant is not guessed.
 */
static int check_repeated(struct sfe_topology_builder *b)
{
	const struct sfe_topology *t = b->t;

	if (!t->n_edge_latencies)
		return 0;
	struct pair *all = calloc(t->n_edges, sizeof(*all));
	if (!all)
		return no_memory(b);
	for (uint32_t e = 0; e < t->n_edges; e++)
		all[e] = (struct pair){(uint64_t)t->file_from[e] << 32 | t->file_to[e], e};
	qsort(all, t->n_edges, sizeof(*all), by_ends);
	for (uint32_t i = 1; i < t->n_edges && !b->rc; i++) {
		const struct sfe_delay *one = sfe_edge_latency(t, all[i - 1].edge);
		const struct sfe_delay *other = sfe_edge_latency(t, all[i].edge);
		if (all[i].ends == all[i - 1].ends && one != other &&
			!(one && other && sfe_delay_equal(one, other)))
			fail_repeated(b, all[i - 1].edge, all[i].edge);
	}
	free(all);
	return b->rc;
}

/* Junctions are ordered as the edges name them, as for readers of the files. */
static int order_junctions(struct sfe_topology_builder *b)
{
	struct sfe_topology *t = b->t;
	uint32_t n = t->n_junctions, next = 0;
	uint32_t *place = malloc(((size_t)n + 1) * sizeof(*place));
	struct sfe_junction *junctions = calloc((size_t)n + 1, sizeof(*junctions));
	unsigned *lines = calloc((size_t)n + 1, sizeof(*lines));

	if (!place || !junctions || !lines) {
		free(place);
		free(junctions);
		free(lines);
		return no_memory(b);
	}
	memset(place, 0xff, (size_t)n * sizeof(*place));
	for (uint32_t e = 0; e < 2 * t->n_edges; e++) {
		sfe_ref *ref = e & 1 ? &t->file_to[e / 2] : &t->file_from[e / 2];
		if (sfe_ref_kind(*ref) != SFE_VERTEX_JUNCTION)
			continue;
		if (place[sfe_ref_number(*ref)] == SFE_NONE)
			place[sfe_ref_number(*ref)] = next++;
		*ref = make_ref(SFE_VERTEX_JUNCTION, place[sfe_ref_number(*ref)]);
	}
	for (uint32_t i = 0; i < n; i++) {
		if (place[i] == SFE_NONE)
			place[i] = next++; /* named by no edge: the checks refuse it */
		junctions[place[i]] = t->junctions[i];
		lines[place[i]] = b->line_of[SFE_VERTEX_JUNCTION][i];
	}
	free(t->junctions);
	free(b->line_of[SFE_VERTEX_JUNCTION]);
	t->junctions = junctions;
	b->line_of[SFE_VERTEX_JUNCTION] = lines;
	for (uint32_t i = 0; i < n; i++)
		sfe_name_index_set(t->names, junctions[i].name, make_ref(SFE_VERTEX_JUNCTION, i));
	free(place);
	return 0;
}

/* The final id of a vertex. */
static uint32_t vertex_of(sfe_ref ref, const void *arg)
{
	const struct sfe_topology *t = arg;

	switch (sfe_ref_kind(ref)) {
	case SFE_VERTEX_NODE:
		return sfe_ref_number(ref);
	case SFE_VERTEX_LINK:
		return t->n_nodes + sfe_ref_number(ref);
	default:
		return t->n_nodes + t->n_links + sfe_ref_number(ref);
	}
}

/* Sorts the edges by source, in file order: a counting sort. */
static int index_edges(struct sfe_topology_builder *b)
{
	struct sfe_topology *t = b->t;
	uint32_t n = sfe_topology_vertices(t);

	t->edge_begin = calloc((size_t)n + 1, sizeof(*t->edge_begin));
	t->edge_to = calloc((size_t)t->n_edges + 1, sizeof(*t->edge_to));
	uint32_t *at = calloc((size_t)n + 1, sizeof(*at));
	if (!t->edge_begin || !t->edge_to || !at) {
		free(at);
		return no_memory(b);
	}
	for (uint32_t e = 0; e < t->n_edges; e++) {
		t->file_from[e] = vertex_of(t->file_from[e], t);
		t->file_to[e] = vertex_of(t->file_to[e], t);
		t->edge_begin[t->file_from[e] + 1]++;
	}
	for (uint32_t v = 0; v < n; v++)
		t->edge_begin[v + 1] += t->edge_begin[v];
	memcpy(at, t->edge_begin, (size_t)n * sizeof(*at));
	for (uint32_t e = 0; e < t->n_edges; e++)
		t->edge_to[at[t->file_from[e]]++] = t->file_to[e];
	free(at);
	return 0;
}

static int check(struct sfe_topology_builder *b)
{
	const struct sfe_topology *t = b->t;
	const uint32_t counts[3] = {t->n_nodes, t->n_links, t->n_junctions};
	struct sfe_places places = {
		b->files[0],
		b->files[1],
		b->files[2],
		.line = calloc((size_t)sfe_topology_vertices(t) + 1, sizeof(unsigned)),
	};
	uint32_t v = 0;

	if (!places.line)
		return no_memory(b);
	for (int kind = 0; kind < 3; kind++)
		for (uint32_t i = 0; i < counts[kind]; i++)
			places.line[v++] = b->line_of[kind][i];
	b->rc = sfe_topology_check(t, &places, &b->error);
	free(places.line);
	return b->rc;
}

int sfe_build_finish(
	struct sfe_topology_builder *b, struct sfe_topology **out, struct sfe_error *err)
{
	int rc;

	if (!b)
		return sfe_fail(err, -ENOMEM, "topology", NULL, "out of memory");
	if (!b->rc) {
		if (!check_latencies(b) && !check_repeated(b) && !order_junctions(b)) {
			sfe_name_index_map(b->t->names, vertex_of, b->t);
			if (!index_edges(b) && !check(b)) {
				*out = b->t;
				b->t = NULL;
			}
		}
	}
	rc = b->rc;
	if (rc && err)
		*err = b->error;
	sfe_build_free(b);
	return rc;
}

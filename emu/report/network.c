/* SPDX-License-Identifier: MIT */
/* The topology for the figure: its vertices (nodes, junctions, shared media) and the cables between
 * them. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "emu/report/figures.h"
#include "emu/report/sites.h"

struct vertex_row {
	char name[SFE_NAME_BYTES], kind[16], model[SFE_NAME_BYTES];
	uint32_t invocations; /* under all strategies */
};

#define VERTEX(field, cell, unit, meaning)                                                         \
	SFE_COLUMN(struct vertex_row, field, SFE_CELL_##cell, unit, meaning)
static const struct sfe_column vertex_columns[] = {
	VERTEX(name, TEXT, "", "in the topology"),
	VERTEX(kind, TEXT, "",
		"client, node (that starts no jobs), junction, shared: a medium, or site: of a "
		"large "
		"network what hangs at a junction alone"),
	VERTEX(model, TEXT, "", "of a node; of a site, how many nodes it has"),
	VERTEX(invocations, COUNT, "invocations", "that ran there, under all strategies"),
};
SFE_REPORT_TABLE(vertex_table, "vertices.csv", "a node, a junction or a shared medium",
	vertex_columns, struct vertex_row);

struct cable_row {
	char a[SFE_NAME_BYTES], b[SFE_NAME_BYTES], link[SFE_NAME_BYTES], kind[16],
		strategy[SFE_STRATEGY_BYTES];
	double rate_bps, delay_s, wire_bytes, load;
};

#define CABLE(field, cell, unit, meaning)                                                          \
	SFE_COLUMN(struct cable_row, field, SFE_CELL_##cell, unit, meaning)
static const struct sfe_column cable_columns[] = {
	CABLE(a, TEXT, "", "one end"),
	CABLE(b, TEXT, "", "the other end"),
	CABLE(link, TEXT, "", "its name; empty: a cable without a link"),
	CABLE(kind, TEXT, "", "node, shared, uplink or downlink"),
	CABLE(strategy, TEXT, "", "where the states were"),
	CABLE(rate_bps, WHOLE, "bit/s", "as emulated"),
	CABLE(delay_s, SECONDS, "s", "one way, as emulated"),
	CABLE(wire_bytes, WHOLE, "bytes", "counted, both directions together"),
	CABLE(load, SECONDS, "",
		"of the busier direction: share of its rate, mean over the time of the replay"),
};
SFE_REPORT_TABLE(cable_table, "cables.csv", "a cable of the picture under a strategy",
	cable_columns, struct cable_row);

static bool drawn(const struct sfe_topology *t, uint32_t v)
{
	return sfe_vertex_kind(t, v) != SFE_VERTEX_LINK ||
	       t->links[v - t->n_nodes].kind == SFE_LINK_SHARED;
}

/* The two vertices that a link joins; SFE_NONE: none. */
struct ends {
	uint32_t a, b;
};

static void add_end(struct ends *e, uint32_t other)
{
	if (other == e->a || other == e->b)
		return;
	*(e->a == SFE_NONE ? &e->a : &e->b) = other;
}

static struct ends *make_ends(const struct sfe_topology *t)
{
	struct ends *ends = calloc((size_t)t->n_links + 1, sizeof(*ends));

	for (uint32_t l = 0; ends && l < t->n_links; l++)
		ends[l] = (struct ends){SFE_NONE, SFE_NONE};
	for (uint32_t i = 0; ends && i < t->n_edges; i++) {
		uint32_t from = t->file_from[i], to = t->file_to[i];
		if (sfe_vertex_kind(t, to) == SFE_VERTEX_LINK)
			add_end(&ends[to - t->n_nodes], from);
		if (sfe_vertex_kind(t, from) == SFE_VERTEX_LINK && from != to)
			add_end(&ends[from - t->n_nodes], to);
	}
	return ends;
}

static int ascending(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static uint64_t pair(uint32_t from, uint32_t to)
{
	return (uint64_t)from << 32 | to;
}

/* All edges, sorted. */
static uint64_t *make_pairs(const struct sfe_topology *t)
{
	uint64_t *pairs = calloc((size_t)t->n_edges + 1, sizeof(*pairs));

	for (uint32_t i = 0; pairs && i < t->n_edges; i++)
		pairs[i] = pair(t->file_from[i], t->file_to[i]);
	if (pairs && t->n_edges)
		qsort(pairs, t->n_edges, sizeof(*pairs), ascending);
	return pairs;
}

/* Two opposite edges are drawn as one cable: whether this edge is the one that is not drawn. */
static bool is_opposite_edge(const struct sfe_topology *t, const uint64_t *pairs, uint32_t edge)
{
	uint32_t a = t->file_from[edge], b = t->file_to[edge];
	const uint64_t back = pair(b, a);

	return a > b && bsearch(&back, pairs, t->n_edges, sizeof(*pairs), ascending);
}

/* ---- what is drawn */

/* A cable of the picture, and its link: a vertex; SFE_NONE: none. */
struct drawn_cable {
	uint32_t a, b, link;
};

struct picture {
	uint32_t *shown; /* by vertex: the one that it is shown as */
	struct drawn_cable *cable;
	uint32_t n;
};

static void list_cables(const struct sfe_topology *t, const struct ends *ends,
	const uint64_t *pairs, struct picture *p)
{
	for (uint32_t e = 0; e < t->n_edges; e++) {
		uint32_t a = t->file_from[e], b = t->file_to[e];
		if (!drawn(t, a) || !drawn(t, b) || is_opposite_edge(t, pairs, e))
			continue;
		uint32_t medium = sfe_vertex_kind(t, a) == SFE_VERTEX_LINK   ? a
				  : sfe_vertex_kind(t, b) == SFE_VERTEX_LINK ? b
									     : SFE_NONE;
		p->cable[p->n++] = (struct drawn_cable){a, b, medium};
	}
	for (uint32_t l = 0; l < t->n_links; l++)
		if (!drawn(t, t->n_nodes + l) && ends[l].a != SFE_NONE && ends[l].b != SFE_NONE)
			p->cable[p->n++] =
				(struct drawn_cable){ends[l].a, ends[l].b, t->n_nodes + l};
}

static void picture_free(struct picture *p)
{
	free(p->shown);
	free(p->cable);
}

/* Free the picture in any case. */
static int picture_make(const struct sfe_topology *t, struct picture *p)
{
	size_t most = (size_t)t->n_edges + t->n_links + 1;
	struct ends *ends = make_ends(t);
	uint64_t *pairs = make_pairs(t);
	struct sfe_report_cable *all = calloc(most, sizeof(*all));

	*p = (struct picture){.cable = calloc(most, sizeof(*p->cable))};
	if (ends && pairs && all && p->cable) {
		list_cables(t, ends, pairs, p);
		for (uint32_t i = 0; i < p->n; i++)
			all[i] = (struct sfe_report_cable){p->cable[i].a, p->cable[i].b};
		p->shown = sfe_report_sites(sfe_topology_vertices(t), all, p->n);
	}
	free(ends);
	free(pairs);
	free(all);
	return p->shown ? 0 : -ENOMEM;
}

/* How many of the sorted invocations ran on a node. */
static uint32_t invocations_on(
	const struct sfe_invocation_row *const *v, unsigned n_all, const char *node)
{
	unsigned first = 0, end = n_all;
	uint32_t n = 0;

	while (first < end) { /* the first that is not less */
		unsigned middle = first + (end - first) / 2;
		if (strcmp(v[middle]->node, node) < 0)
			first = middle + 1;
		else
			end = middle;
	}
	while (first + n < n_all && !strcmp(v[first + n]->node, node))
		n++;
	return n;
}

static int add_vertex(const struct sfe_report_run *run, const struct sfe_invocation_row *const *on,
	uint32_t v, struct sfe_rows *rows)
{
	const struct sfe_topology *t = run->topology;
	struct vertex_row *row = sfe_rows_add(rows);
	bool node = v < t->n_nodes;

	if (!row)
		return -ENOMEM;
	snprintf(row->name, sizeof(row->name), "%s", sfe_vertex_name(t, v));
	snprintf(row->kind, sizeof(row->kind), "%s",
		sfe_vertex_kind(t, v) == SFE_VERTEX_LINK ? "shared"
		: !node                                  ? "junction"
		: t->nodes[v].client                     ? "client"
							 : "node");
	if (node) {
		snprintf(row->model, sizeof(row->model), "%.*s", SFE_NAME_BYTES - 1,
			t->nodes[v].model ? t->nodes[v].model : "");
		row->invocations = invocations_on(on, run->invocations.n, row->name);
	}
	return 0;
}

/* Adds what is drawn as one mark: its first vertex, and which others. */
static void add_to_site(const struct sfe_report_run *run,
	const struct sfe_invocation_row *const *on, uint32_t v, uint32_t *nodes,
	struct vertex_row *site)
{
	if (v < run->topology->n_nodes) {
		++*nodes;
		site->invocations +=
			invocations_on(on, run->invocations.n, sfe_vertex_name(run->topology, v));
	}
	snprintf(site->kind, sizeof(site->kind), "site");
	snprintf(site->model, sizeof(site->model), "%u nodes", *nodes);
}

static int add_vertices(const struct sfe_report_run *run, const struct picture *p,
	const struct sfe_invocation_row *const *on, struct sfe_rows *rows)
{
	uint32_t n = sfe_topology_vertices(run->topology);
	uint32_t *row_of = calloc((size_t)n + 1, sizeof(*row_of));
	uint32_t *nodes = calloc((size_t)n + 1, sizeof(*nodes));
	int r = row_of && nodes ? 0 : -ENOMEM;

	for (uint32_t v = 0; v < n && !r; v++) {
		if (!drawn(run->topology, v) || p->shown[v] != v)
			continue;
		nodes[v] = v < run->topology->n_nodes;
		row_of[v] = rows->n;
		r = add_vertex(run, on, v, rows);
	}
	for (uint32_t v = 0; v < n && !r; v++)
		if (drawn(run->topology, v) && p->shown[v] != v)
			add_to_site(run, on, v, &nodes[p->shown[v]],
				(struct vertex_row *)rows->row + row_of[p->shown[v]]);
	free(row_of);
	free(nodes);
	return r;
}

int sfe_report_vertices(const struct sfe_report_run *run, struct sfe_rows *rows)
{
	struct picture p;

	*rows = (struct sfe_rows){.table = &vertex_table};
	if (!run->topology)
		return 0;
	const struct sfe_invocation_row **on = sfe_report_by_node(run);
	int r = picture_make(run->topology, &p);
	r = r || !on ? -ENOMEM : add_vertices(run, &p, on, rows);
	picture_free(&p);
	free(on);
	return r;
}

/* The time in which the links were counted under a strategy; NaN if the summary does not say. */
static double duration_s(const struct sfe_report_run *run, const char *strategy)
{
	const struct sfe_summary *s = run->summary.row;

	for (unsigned i = 0; i < run->summary.n; i++)
		if (!strcmp(s[i].strategy, strategy) && s[i].end_unix_ns > s[i].begin_unix_ns)
			return (double)(s[i].end_unix_ns - s[i].begin_unix_ns) / 1e9;
	return NAN;
}

/* The counters of a link under a strategy: the sum of its rows in links.csv. */
struct counted_link {
	const struct sfe_link_row *row; /* the last */
	double wire_bytes, rate_bps, load;
};

struct counted { /* by strategy and link */
	struct counted_link *link;
	unsigned n;
	struct sfe_report_strategies strategies;
};

static int compare_rows(const struct sfe_link_row *x, const struct sfe_link_row *y)
{
	int strategy = strcmp(x->strategy, y->strategy);

	return strategy ? strategy : strcmp(x->link, y->link);
}

static int by_link(const void *a, const void *b)
{
	const struct sfe_link_row *x = ((const struct counted_link *)a)->row;
	const struct sfe_link_row *y = ((const struct counted_link *)b)->row;
	int order = compare_rows(x, y);

	return order ? order : x < y ? -1 : x > y;
}

static int count_links(const struct sfe_report_run *run, struct counted *c)
{
	const struct sfe_link_row *l = run->links.row;
	unsigned all = run->links.n;

	c->n = 0;
	sfe_report_strategies_of(run, &c->strategies);
	c->link = calloc((size_t)all + 1, sizeof(*c->link));
	if (!c->link)
		return -ENOMEM;
	for (unsigned i = 0; i < all; i++) {
		double duration = duration_s(run, l[i].strategy);
		c->link[i] = (struct counted_link){.row = &l[i],
			.wire_bytes = (double)l[i].wire_bytes,
			.rate_bps = (double)l[i].rate_bps,
			.load = 8.0 * (double)l[i].wire_bytes / ((double)l[i].rate_bps * duration)};
	}
	if (all)
		qsort(c->link, all, sizeof(*c->link), by_link);
	for (unsigned i = 0; i < all; i++) {
		struct counted_link *last = c->n ? &c->link[c->n - 1] : NULL, *next = &c->link[i];
		if (!last || compare_rows(last->row, next->row)) {
			c->link[c->n++] = *next;
			continue;
		}
		last->row = next->row;
		last->wire_bytes += next->wire_bytes;
		last->rate_bps = fmax(last->rate_bps, next->rate_bps);
		last->load = fmax(last->load, next->load);
	}
	return 0;
}

static void count_link(const struct counted *c, struct cable_row *row)
{
	struct sfe_link_row wanted = {0};
	unsigned first = 0, end = c->n;

	snprintf(wanted.strategy, sizeof(wanted.strategy), "%s", row->strategy);
	snprintf(wanted.link, sizeof(wanted.link), "%s", row->link);
	while (first < end) { /* the first that is not less */
		unsigned middle = first + (end - first) / 2;
		if (compare_rows(c->link[middle].row, &wanted) < 0)
			first = middle + 1;
		else
			end = middle;
	}
	const struct counted_link *l = &c->link[first];
	if (first == c->n || compare_rows(l->row, &wanted))
		return;
	row->wire_bytes = l->wire_bytes;
	row->rate_bps = l->rate_bps;
	row->load = l->load;
	row->delay_s = l->row->delay_s;
}

static int add_cable(const struct sfe_report_run *run, const struct counted *c, uint32_t a,
	uint32_t b, uint32_t link, struct sfe_rows *rows)
{
	const struct sfe_topology *t = run->topology;
	const struct sfe_report_strategies *s = &c->strategies;

	for (unsigned k = 0; k < (s->n ? s->n : 1); k++) {
		struct cable_row *row = sfe_rows_add(rows);
		if (!row)
			return -ENOMEM;
		snprintf(row->a, sizeof(row->a), "%s", sfe_vertex_name(t, a));
		snprintf(row->b, sizeof(row->b), "%s", sfe_vertex_name(t, b));
		if (s->n)
			snprintf(row->strategy, sizeof(row->strategy), "%s", s->name[k]);
		row->rate_bps = row->delay_s = row->load = row->wire_bytes = NAN;
		if (link == SFE_NONE)
			continue;
		const struct sfe_link *l = &t->links[link - t->n_nodes];
		snprintf(row->link, sizeof(row->link), "%s", l->name);
		snprintf(row->kind, sizeof(row->kind), "%s", sfe_link_kind_name(l->kind));
		if (s->n)
			count_link(c, row);
		if (isnan(row->rate_bps)) /* nothing was counted: what the topology says */
			row->rate_bps = (double)l->capacity_bps;
	}
	return 0;
}

int sfe_report_cables(const struct sfe_report_run *run, struct sfe_rows *rows)
{
	struct picture p;
	struct counted c;

	*rows = (struct sfe_rows){.table = &cable_table};
	if (!run->topology)
		return 0;
	int r = picture_make(run->topology, &p);
	r = count_links(run, &c) || r ? -ENOMEM : 0;
	for (uint32_t i = 0; i < p.n && !r; i++) {
		uint32_t a = p.shown[p.cable[i].a], b = p.shown[p.cable[i].b];
		if (a != b)
			r = add_cable(run, &c, a, b, p.cable[i].link, rows);
	}
	picture_free(&p);
	free(c.link);
	return r;
}

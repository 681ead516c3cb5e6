/* SPDX-License-Identifier: MIT */
/* The topology as it is drawn: what stands for itself (nodes, junctions, shared media), and the
 * cables between. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "emu/report/figures.h"

struct vertex_row {
	char name[SFE_NAME_BYTES], kind[16], model[SFE_NAME_BYTES];
	uint32_t invocations; /* under all strategies */
};

#define VERTEX(field, cell, unit, meaning)                                                         \
	SFE_COLUMN(struct vertex_row, field, SFE_CELL_##cell, unit, meaning)
static const struct sfe_column vertex_columns[] = {
	VERTEX(name, TEXT, "", "in the topology"),
	VERTEX(kind, TEXT, "", "client, node (that starts no jobs), junction, or shared: a medium"),
	VERTEX(model, TEXT, "", "of a node"),
	VERTEX(invocations, COUNT, "invocations", "that ran there, under all strategies"),
};
SFE_REPORT_TABLE(vertex_table, "vertices.csv", "a node, a junction or a shared medium",
	vertex_columns, struct vertex_row);

struct cable_row {
	char a[SFE_NAME_BYTES], b[SFE_NAME_BYTES], link[SFE_NAME_BYTES], kind[16], strategy[32];
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

static uint32_t invocations_on(const struct sfe_report_run *run, const char *node)
{
	const struct sfe_invocation_row *v = run->invocations.row;
	uint32_t n = 0;

	for (unsigned i = 0; i < run->invocations.n; i++)
		n += !strcmp(v[i].node, node);
	return n;
}

int sfe_report_vertices(const struct sfe_report_run *run, struct sfe_rows *rows)
{
	const struct sfe_topology *t = run->topology;

	*rows = (struct sfe_rows){.table = &vertex_table};
	for (uint32_t v = 0; t && v < sfe_topology_vertices(t); v++) {
		if (!drawn(t, v))
			continue;
		struct vertex_row *row = sfe_rows_add(rows);
		if (!row)
			return -ENOMEM;
		bool node = v < t->n_nodes;
		snprintf(row->name, sizeof(row->name), "%s", sfe_vertex_name(t, v));
		snprintf(row->kind, sizeof(row->kind), "%s",
			sfe_vertex_kind(t, v) == SFE_VERTEX_LINK ? "shared"
			: !node                                  ? "junction"
			: t->nodes[v].client                     ? "client"
								 : "node");
		if (node) {
			snprintf(row->model, sizeof(row->model), "%.*s", SFE_NAME_BYTES - 1,
				t->nodes[v].model ? t->nodes[v].model : "");
			row->invocations = invocations_on(run, row->name);
		}
	}
	return 0;
}

/* How long the links were counted under a strategy; NaN if the summary does not say. */
static double duration_s(const struct sfe_report_run *run, const char *strategy)
{
	const struct sfe_summary *s = run->summary.row;

	for (unsigned i = 0; i < run->summary.n; i++)
		if (!strcmp(s[i].strategy, strategy) && s[i].end_unix_ns > s[i].begin_unix_ns)
			return (double)(s[i].end_unix_ns - s[i].begin_unix_ns) / 1e9;
	return NAN;
}

/* The rows of links.csv by strategy and link, so that those of a link stand together. */
struct counted {
	const struct sfe_link_row **row;
	unsigned n;
};

static int compare_rows(const struct sfe_link_row *x, const struct sfe_link_row *y)
{
	int strategy = strcmp(x->strategy, y->strategy);

	return strategy ? strategy : strcmp(x->link, y->link);
}

static int by_link(const void *a, const void *b)
{
	return compare_rows(
		*(const struct sfe_link_row *const *)a, *(const struct sfe_link_row *const *)b);
}

static int sort_rows(const struct sfe_report_run *run, struct counted *c)
{
	const struct sfe_link_row *l = run->links.row;

	c->n = run->links.n;
	c->row = calloc((size_t)c->n + 1, sizeof(*c->row));
	if (!c->row)
		return -ENOMEM;
	for (unsigned i = 0; i < c->n; i++)
		c->row[i] = &l[i];
	qsort(c->row, c->n, sizeof(*c->row), by_link);
	return 0;
}

static void count_link(
	const struct sfe_report_run *run, const struct counted *c, struct cable_row *row)
{
	double duration = duration_s(run, row->strategy);
	struct sfe_link_row wanted = {0};
	unsigned first = 0, end = c->n;
	bool found = false;

	snprintf(wanted.strategy, sizeof(wanted.strategy), "%s", row->strategy);
	snprintf(wanted.link, sizeof(wanted.link), "%s", row->link);
	while (first < end) { /* the first that is not before it */
		unsigned middle = first + (end - first) / 2;
		if (compare_rows(c->row[middle], &wanted) < 0)
			first = middle + 1;
		else
			end = middle;
	}
	for (; first < c->n && !compare_rows(c->row[first], &wanted); first++) {
		const struct sfe_link_row *l = c->row[first];
		double load = 8.0 * (double)l->wire_bytes / ((double)l->rate_bps * duration);
		row->wire_bytes = (found ? row->wire_bytes : 0) + (double)l->wire_bytes;
		row->rate_bps = fmax(found ? row->rate_bps : 0, (double)l->rate_bps);
		row->load = found ? fmax(row->load, load) : load;
		row->delay_s = l->delay_s;
		found = true;
	}
}

static int add_cable(const struct sfe_report_run *run, const struct counted *c, uint32_t a,
	uint32_t b, uint32_t link, struct sfe_rows *rows)
{
	const struct sfe_topology *t = run->topology;
	struct sfe_report_strategies s;

	sfe_report_strategies_of(run, &s);
	for (unsigned k = 0; k < (s.n ? s.n : 1); k++) {
		struct cable_row *row = sfe_rows_add(rows);
		if (!row)
			return -ENOMEM;
		snprintf(row->a, sizeof(row->a), "%s", sfe_vertex_name(t, a));
		snprintf(row->b, sizeof(row->b), "%s", sfe_vertex_name(t, b));
		if (s.n)
			snprintf(row->strategy, sizeof(row->strategy), "%s", s.name[k]);
		row->rate_bps = row->delay_s = row->load = row->wire_bytes = NAN;
		if (link == SFE_NONE)
			continue;
		const struct sfe_link *l = &t->links[link - t->n_nodes];
		snprintf(row->link, sizeof(row->link), "%s", l->name);
		snprintf(row->kind, sizeof(row->kind), "%s", sfe_link_kind_name(l->kind));
		if (s.n)
			count_link(run, c, row);
		if (isnan(row->rate_bps)) /* nothing was counted: what the topology says */
			row->rate_bps = (double)l->capacity_bps;
	}
	return 0;
}

/* The two that a link joins: who leads to it, and where it leads to. */
static void ends_of(const struct sfe_topology *t, uint32_t link, uint32_t *a, uint32_t *b)
{
	*a = *b = SFE_NONE;
	for (uint32_t i = 0; i < t->n_edges; i++) {
		uint32_t other = t->file_to[i] == link     ? t->file_from[i]
				 : t->file_from[i] == link ? t->file_to[i]
							   : SFE_NONE;
		if (other == SFE_NONE || other == *a || other == *b)
			continue;
		*(*a == SFE_NONE ? a : b) = other;
	}
}

/* Was the pair there before, in whatever direction? */
static bool seen_edge(const struct sfe_topology *t, uint32_t edge)
{
	uint32_t a = t->file_from[edge], b = t->file_to[edge];

	for (uint32_t s = t->edge_begin[b]; s < t->edge_begin[b + 1]; s++)
		if (t->edge_to[s] == a)
			return a > b; /* both ways are there: one of them is drawn */
	return false;
}

int sfe_report_cables(const struct sfe_report_run *run, struct sfe_rows *rows)
{
	const struct sfe_topology *t = run->topology;
	struct counted c;
	int r = sort_rows(run, &c);

	*rows = (struct sfe_rows){.table = &cable_table};
	for (uint32_t e = 0; t && e < t->n_edges && !r; e++) {
		uint32_t a = t->file_from[e], b = t->file_to[e];
		if (!drawn(t, a) || !drawn(t, b) || seen_edge(t, e))
			continue;
		uint32_t medium = sfe_vertex_kind(t, a) == SFE_VERTEX_LINK   ? a
				  : sfe_vertex_kind(t, b) == SFE_VERTEX_LINK ? b
									     : SFE_NONE;
		r = add_cable(run, &c, a, b, medium, rows);
	}
	for (uint32_t l = 0; t && l < t->n_links && !r; l++) {
		uint32_t a, b, v = t->n_nodes + l;
		if (drawn(t, v))
			continue;
		ends_of(t, v, &a, &b);
		if (a != SFE_NONE && b != SFE_NONE)
			r = add_cable(run, &c, a, b, v, rows);
	}
	free(c.row);
	return r;
}

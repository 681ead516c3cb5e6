/* SPDX-License-Identifier: MIT */
/*
 * The load of nodes and links, in total and over time.
 *
 * The load of links over time is computed from transfers.csv: the bytes of a transfer are spread
 * evenly between its start and its end, on each link of its path. The counters in links.csv are
 * totals only.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "emu/report/figures.h"

#define BINS 60u
#define SHOWN 12u /* the busiest nodes, and the busiest links */

struct load_row {
	char what[8], strategy[SFE_STRATEGY_BYTES], name[SFE_NAME_BYTES + 16];
	double start_s, end_s, load, mean_bps;
};

#define LOAD(field, cell, unit, meaning)                                                           \
	SFE_COLUMN(struct load_row, field, SFE_CELL_##cell, unit, meaning)
static const struct sfe_column load_columns[] = {
	LOAD(what, TEXT, "", "node or link"),
	LOAD(strategy, TEXT, "", "where the states were"),
	LOAD(name, TEXT, "", "which one; of a node's own link ↑: from the node, ↓: to it"),
	LOAD(start_s, SECONDS, "s", "from here, since the start of the replay"),
	LOAD(end_s, SECONDS, "s", "to here"),
	LOAD(load, SECONDS, "",
		"of a node: invocations that compute at once, mean; of a link: share of its rate"),
	LOAD(mean_bps, WHOLE, "bit/s", "of a link: payload and heads, mean"),
};
SFE_REPORT_TABLE(load_table, "load.csv",
	"a node or a link in an interval, of the busiest; intervals without load are left out",
	load_columns, struct load_row);

struct node_row {
	char strategy[SFE_STRATEGY_BYTES], node[SFE_NAME_BYTES];
	uint32_t invocations;
	double processing_s;
};

#define NODE(field, cell, unit, meaning)                                                           \
	SFE_COLUMN(struct node_row, field, SFE_CELL_##cell, unit, meaning)
static const struct sfe_column node_columns[] = {
	NODE(strategy, TEXT, "", "where the states were"),
	NODE(node, TEXT, "", "that computed"),
	NODE(invocations, COUNT, "invocations", "that ran there"),
	NODE(processing_s, SECONDS, "s", "modelled compute time there, summed over invocations"),
};
SFE_REPORT_TABLE(node_table, "nodes.csv", "a node that computed under a strategy", node_columns,
	struct node_row);

struct load { /* of all nodes, or of all links */
	const char *what;
	const struct sfe_report_strategies *strategies;
	unsigned n;      /* nodes, or directions of links */
	double *weight;  /* per thing: seconds of computing, or bits, in total */
	unsigned *shown; /* per thing: its place among those that are shown, or SHOWN */
	double *bin;     /* of those that are shown, by strategy, place and bin */
	double width_s;  /* of a bin */
};

static double *bins_of(const struct load *l, unsigned strategy, unsigned place)
{
	return l->bin + ((size_t)strategy * SHOWN + place) * BINS;
}

/* Spreads an amount evenly between two times, for things that are shown. Before it is known which
 * are (no bins yet), sums the amounts of each. */
static void spread(
	struct load *l, unsigned strategy, unsigned thing, double from, double to, double amount)
{
	if (!isfinite(from) || !isfinite(to) || to < from || from < 0 || !isfinite(amount))
		return;
	if (!l->bin) {
		l->weight[thing] += amount;
		return;
	}
	if (l->shown[thing] == SHOWN)
		return;
	double *bin = bins_of(l, strategy, l->shown[thing]);
	unsigned first = (unsigned)fmin(from / l->width_s, BINS - 1);
	unsigned last = (unsigned)fmin(to / l->width_s, BINS - 1);
	for (unsigned b = first; b <= last; b++) {
		double begin = fmax(from, b * l->width_s);
		double end = b == last ? to : (b + 1) * l->width_s;
		bin[b] += to > from ? amount * (end - begin) / (to - from) : amount;
	}
}

static double end_of_all(const struct sfe_report_run *run)
{
	const struct sfe_transfer_row *t = run->transfers.row;
	const struct sfe_invocation_row *v = run->invocations.row;
	double end = 0;

	for (unsigned i = 0; i < run->transfers.n; i++)
		end = isfinite(t[i].done_s) ? fmax(end, t[i].done_s) : end;
	for (unsigned i = 0; i < run->invocations.n; i++)
		end = isfinite(v[i].finish_s) ? fmax(end, v[i].finish_s) : end;
	return end;
}

static void load_nodes(const struct sfe_report_run *run, struct load *l)
{
	const struct sfe_invocation_row *v = run->invocations.row;

	for (unsigned i = 0; i < run->invocations.n; i++, v++) {
		uint32_t node = sfe_vertex_find(run->topology, v->node);
		unsigned k = sfe_report_strategy(l->strategies, v->strategy);
		if (node < l->n && k < l->strategies->n)
			spread(l, k, node, v->ready_s, v->finish_s, v->processing_s);
	}
}

/* Adds a transfer to each link of its path. Each link counts as two, since an access link has a
 * queue in each direction; the one away from the node is first. */
static void load_path(const struct sfe_report_run *run, struct load *l,
	const struct sfe_transfer_row *t, unsigned strategy)
{
	const struct sfe_topology *topology = run->topology;
	uint32_t at = sfe_vertex_find(topology, t->from), to = sfe_vertex_find(topology, t->to);
	double bits = 8.0 * ((double)t->payload_bytes + t->head_bytes);

	if (at >= topology->n_nodes || to >= topology->n_nodes)
		return;
	while (at != to && at != SFE_NONE) {
		uint32_t next = sfe_routing_next(run->routing, at, to);
		uint32_t link = at - topology->n_nodes;
		if (sfe_vertex_kind(topology, at) == SFE_VERTEX_LINK) {
			bool towards = topology->links[link].kind == SFE_LINK_NODE && next == to;
			spread(l, strategy, 2 * link + towards, t->start_s, t->done_s, bits);
		}
		at = next;
	}
}

static void load_links(const struct sfe_report_run *run, struct load *l)
{
	const struct sfe_transfer_row *t = run->transfers.row;

	for (unsigned i = 0; i < run->transfers.n; i++) {
		unsigned k = sfe_report_strategy(l->strategies, t[i].strategy);
		if (k < l->strategies->n)
			load_path(run, l, &t[i], k);
	}
}

/* Chooses the busiest over all strategies together; returns how many there are. */
static unsigned busiest(const struct load *l, const double *weight, unsigned *chosen)
{
	unsigned n = 0;

	for (; n < SHOWN; n++) {
		unsigned best = l->n;
		double most = 0;
		for (unsigned i = 0; i < l->n; i++) {
			bool taken = false;
			for (unsigned c = 0; c < n; c++)
				taken |= chosen[c] == i;
			if (!taken && weight[i] > most) {
				best = i;
				most = weight[i];
			}
		}
		if (best == l->n)
			break;
		chosen[n] = best;
	}
	return n;
}

static void name_link(const struct sfe_topology *t, unsigned thing, char *name, size_t size)
{
	const struct sfe_link *link = &t->links[thing / 2];

	snprintf(name, size, "%s%s", link->name,
		link->kind != SFE_LINK_NODE ? ""
		: thing % 2                 ? " ↓"
					    : " ↑");
}

static int add_thing(const struct load *l, const struct sfe_report_run *run, unsigned thing,
	bool link, struct sfe_rows *rows)
{
	const struct sfe_topology *t = run->topology;

	for (unsigned k = 0; k < l->strategies->n; k++)
		for (unsigned b = 0; b < BINS; b++) {
			double amount = bins_of(l, k, l->shown[thing])[b];
			if (amount <= 0)
				continue;
			struct load_row *row = sfe_rows_add(rows);
			if (!row)
				return -ENOMEM;
			*row = (struct load_row){.start_s = b * l->width_s,
				.end_s = (b + 1) * l->width_s,
				.load = amount / l->width_s,
				.mean_bps = NAN};
			snprintf(row->what, sizeof(row->what), "%s", l->what);
			snprintf(
				row->strategy, sizeof(row->strategy), "%s", l->strategies->name[k]);
			if (link) {
				row->mean_bps = row->load;
				row->load /= (double)t->links[thing / 2].capacity_bps;
				name_link(t, thing, row->name, sizeof(row->name));
			} else {
				snprintf(row->name, sizeof(row->name), "%s", t->nodes[thing].name);
			}
		}
	return 0;
}

static void load_all(const struct sfe_report_run *run, struct load *l, bool link)
{
	(link ? load_links : load_nodes)(run, l);
}

static int add_chosen(
	struct load *l, const struct sfe_report_run *run, bool link, struct sfe_rows *rows)
{
	unsigned chosen[SHOWN];
	int r = 0;

	load_all(run, l, link);
	for (unsigned i = 0; i < l->n && link; i++)
		l->weight[i] /= (double)run->topology->links[i / 2].capacity_bps;
	unsigned n = busiest(l, l->weight, chosen);
	for (unsigned i = 0; i < l->n; i++)
		l->shown[i] = SHOWN;
	for (unsigned i = 0; i < n; i++)
		l->shown[chosen[i]] = i;
	l->bin = calloc((size_t)l->strategies->n * SHOWN * BINS + 1, sizeof(*l->bin));
	if (!l->bin)
		return -ENOMEM;
	load_all(run, l, link);
	for (unsigned i = 0; i < n && !r; i++)
		r = add_thing(l, run, chosen[i], link, rows);
	return r;
}

static int add_busiest(
	struct load *l, const struct sfe_report_run *run, bool link, struct sfe_rows *rows)
{
	l->weight = calloc((size_t)l->n + 1, sizeof(*l->weight));
	l->shown = calloc((size_t)l->n + 1, sizeof(*l->shown));
	int r = l->weight && l->shown ? add_chosen(l, run, link, rows) : -ENOMEM;

	free(l->weight);
	free(l->shown);
	free(l->bin);
	return r;
}

int sfe_report_load(const struct sfe_report_run *run, struct sfe_rows *rows)
{
	struct sfe_report_strategies strategies;
	double end = end_of_all(run);

	*rows = (struct sfe_rows){.table = &load_table};
	if (!run->topology || !run->routing || end <= 0)
		return 0;
	sfe_report_strategies_of(run, &strategies);
	struct load nodes = {.what = "node",
		.strategies = &strategies,
		.n = run->topology->n_nodes,
		.width_s = end / BINS};
	struct load links = {.what = "link",
		.strategies = &strategies,
		.n = 2 * run->topology->n_links,
		.width_s = end / BINS};
	int r = add_busiest(&nodes, run, false, rows);
	return r ? r : add_busiest(&links, run, true, rows);
}

static int by_node(const void *a, const void *b)
{
	const struct sfe_invocation_row *x = *(const struct sfe_invocation_row *const *)a;
	const struct sfe_invocation_row *y = *(const struct sfe_invocation_row *const *)b;
	int order = strcmp(x->node, y->node);

	order = order ? order : strcmp(x->strategy, y->strategy);
	return order ? order : x < y ? -1 : x > y;
}

const struct sfe_invocation_row **sfe_report_by_node(const struct sfe_report_run *run)
{
	const struct sfe_invocation_row *v = run->invocations.row;
	unsigned n = run->invocations.n;
	const struct sfe_invocation_row **sorted = calloc((size_t)n + 1, sizeof(*sorted));

	for (unsigned i = 0; sorted && i < n; i++)
		sorted[i] = &v[i];
	if (sorted && n)
		qsort(sorted, n, sizeof(*sorted), by_node);
	return sorted;
}

struct node_sum { /* the invocations on a node under a strategy */
	/* The first one in the file. */
	const struct sfe_invocation_row *first;
	uint32_t n;
	double processing_s;
};

static int by_first(const void *a, const void *b)
{
	const struct node_sum *x = a, *y = b;

	return x->first < y->first ? -1 : x->first > y->first;
}

/* The *n sums, in the order of the first invocations. */
static struct node_sum *sum_nodes(const struct sfe_report_run *run, unsigned *n)
{
	const struct sfe_invocation_row **v = sfe_report_by_node(run);
	struct node_sum *sums = calloc((size_t)run->invocations.n + 1, sizeof(*sums));

	*n = 0;
	for (unsigned i = 0; v && sums && i < run->invocations.n; i++) {
		bool same = i && !strcmp(v[i]->node, v[i - 1]->node) &&
			    !strcmp(v[i]->strategy, v[i - 1]->strategy);
		if (!same)
			sums[(*n)++].first = v[i];
		sums[*n - 1].n++;
		sums[*n - 1].processing_s += v[i]->processing_s;
	}
	if (!v) {
		free(sums);
		sums = NULL;
	}
	if (sums && *n)
		qsort(sums, *n, sizeof(*sums), by_first);
	free(v);
	return sums;
}

int sfe_report_nodes(const struct sfe_report_run *run, struct sfe_rows *rows)
{
	unsigned n;
	struct node_sum *sums = sum_nodes(run, &n);
	int r = sums ? 0 : -ENOMEM;

	*rows = (struct sfe_rows){.table = &node_table};
	for (unsigned i = 0; i < n && !r; i++) {
		struct node_row *row = sfe_rows_add(rows);
		if (!row) {
			r = -ENOMEM;
			break;
		}
		row->invocations = sums[i].n;
		row->processing_s = sums[i].processing_s;
		snprintf(row->strategy, sizeof(row->strategy), "%s", sums[i].first->strategy);
		snprintf(row->node, sizeof(row->node), "%s", sums[i].first->node);
	}
	free(sums);
	return r;
}

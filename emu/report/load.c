/* SPDX-License-Identifier: MIT */
/*
 * What nodes and links had to do, in all and over time.
 *
 * Over time a link's load is worked out of transfers.csv: a transfer's bytes are spread evenly
 * between its start and its end, on every link of its way. links.csv has what was counted, but only
 * in all.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "emu/report/figures.h"

#define BINS 60u
#define SHOWN 12u /* the busiest nodes, and the busiest links */

struct load_row {
	char what[8], strategy[32], name[SFE_NAME_BYTES + 16];
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
	char strategy[32], node[SFE_NAME_BYTES];
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

struct load { /* of one kind of thing */
	const char *what;
	const struct sfe_report_strategies *strategies;
	unsigned n;     /* things */
	double *bin;    /* seconds of computing, or bits: strategy, thing, bin */
	double width_s; /* of a bin */
};

static double *bins_of(const struct load *l, unsigned strategy, unsigned thing)
{
	return l->bin + ((size_t)strategy * l->n + thing) * BINS;
}

static unsigned strategy_of(const struct load *l, const char *name)
{
	unsigned k = 0;

	while (k < l->strategies->n && strcmp(l->strategies->name[k], name))
		k++;
	return k;
}

/* Spreads an amount evenly between two times. */
static void spread(const struct load *l, double *bin, double from, double to, double amount)
{
	if (!isfinite(from) || !isfinite(to) || to < from || from < 0)
		return;
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
		end = fmax(end, t[i].done_s);
	for (unsigned i = 0; i < run->invocations.n; i++)
		end = fmax(end, v[i].finish_s);
	return end;
}

static void load_nodes(const struct sfe_report_run *run, struct load *l)
{
	const struct sfe_invocation_row *v = run->invocations.row;

	for (unsigned i = 0; i < run->invocations.n; i++, v++) {
		uint32_t node = sfe_vertex_find(run->topology, v->node);
		unsigned k = strategy_of(l, v->strategy);
		if (node < l->n && k < l->strategies->n)
			spread(l, bins_of(l, k, node), v->ready_s, v->finish_s, v->processing_s);
	}
}

/* Links count twice, since a node's own has a queue each way: away from the node first. */
static void load_links(const struct sfe_report_run *run, struct load *l)
{
	const struct sfe_transfer_row *t = run->transfers.row;
	const struct sfe_topology *topology = run->topology;

	for (unsigned i = 0; i < run->transfers.n; i++, t++) {
		uint32_t at = sfe_vertex_find(topology, t->from);
		uint32_t to = sfe_vertex_find(topology, t->to);
		unsigned k = strategy_of(l, t->strategy);
		double bits = 8.0 * ((double)t->payload_bytes + t->head_bytes);
		if (at >= topology->n_nodes || to >= topology->n_nodes || k >= l->strategies->n)
			continue;
		while (at != to && at != SFE_NONE) {
			uint32_t next = sfe_routing_next(run->routing, at, to);
			uint32_t link = at - topology->n_nodes;
			if (sfe_vertex_kind(topology, at) == SFE_VERTEX_LINK) {
				bool towards =
					topology->links[link].kind == SFE_LINK_NODE && next == to;
				spread(l, bins_of(l, k, 2 * link + towards), t->start_s, t->done_s,
					bits);
			}
			at = next;
		}
	}
}

static double total(const struct load *l, unsigned thing)
{
	double sum = 0;

	for (unsigned k = 0; k < l->strategies->n; k++)
		for (unsigned b = 0; b < BINS; b++)
			sum += bins_of(l, k, thing)[b];
	return sum;
}

/* The busiest of all strategies together, and how many. */
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
			double amount = bins_of(l, k, thing)[b];
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

static int add_busiest(
	struct load *l, const struct sfe_report_run *run, bool link, struct sfe_rows *rows)
{
	unsigned chosen[SHOWN];
	double *weight = calloc((size_t)l->n + 1, sizeof(*weight));
	int r = 0;

	l->bin = calloc((size_t)l->strategies->n * l->n * BINS + 1, sizeof(*l->bin));
	if (!weight || !l->bin) {
		r = -ENOMEM;
	} else {
		(link ? load_links : load_nodes)(run, l);
		for (unsigned i = 0; i < l->n; i++)
			weight[i] = total(l, i) /
				    (link ? (double)run->topology->links[i / 2].capacity_bps : 1);
		unsigned n = busiest(l, weight, chosen);
		for (unsigned i = 0; i < n && !r; i++)
			r = add_thing(l, run, chosen[i], link, rows);
	}
	free(weight);
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

static struct node_row *node_of(struct sfe_rows *rows, const char *strategy, const char *node)
{
	struct node_row *row = rows->row;

	for (unsigned i = 0; i < rows->n; i++)
		if (!strcmp(row[i].node, node) && !strcmp(row[i].strategy, strategy))
			return &row[i];
	row = sfe_rows_add(rows);
	if (row) {
		snprintf(row->strategy, sizeof(row->strategy), "%s", strategy);
		snprintf(row->node, sizeof(row->node), "%s", node);
	}
	return row;
}

int sfe_report_nodes(const struct sfe_report_run *run, struct sfe_rows *rows)
{
	const struct sfe_invocation_row *v = run->invocations.row;

	*rows = (struct sfe_rows){.table = &node_table};
	for (unsigned i = 0; i < run->invocations.n; i++) {
		struct node_row *row = node_of(rows, v[i].strategy, v[i].node);
		if (!row)
			return -ENOMEM;
		row->invocations++;
		row->processing_s += v[i].processing_s;
	}
	return 0;
}

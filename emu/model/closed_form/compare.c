/* SPDX-License-Identifier: MIT */
/* Computes the comparison's rows from the replications. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "emu/model/base/parallel.h"
#include "emu/model/base/radix_sort.h"
#include "emu/model/closed_form/replication_run.h"
#include "sfemu/statistics.h"

enum column_kind { NET, PROC, TRAFFIC, KINDS };

struct comparer {
	const struct sfe_replicator *x;
	struct sfe_comparison *c;
	/* The rows of one placement and strategy: chain lengths, ascending; chain[0] is 0: all
	 * lengths. */
	uint32_t chain[SFE_MAX_TASKS_PER_JOB + 1];
	uint32_t n_chains;
	uint64_t n_jobs; /* over all replications */
};

/* One column's values over all replications, ascending, with their origin. */
struct column {
	double *value;
	uint32_t *replication, *chain;
	uint64_t n;
};

static void clear_column(struct column *k)
{
	free(k->value);
	free(k->replication);
	free(k->chain);
}

static double value_of(
	const struct sfe_replication *rep, enum column_kind kind, unsigned ps, uint32_t j)
{
	switch (kind) {
	case NET:
		return rep->net[ps][j];
	case PROC:
		return rep->proc[ps][j];
	default:
		return (double)rep->traffic[ps][j];
	}
}

static int sort_column(
	const struct comparer *m, enum column_kind kind, unsigned ps, struct column *k)
{
	struct sfe_sort_key *key = calloc(m->n_jobs + 1, sizeof(*key));
	uint32_t *replication = calloc(m->n_jobs + 1, sizeof(*replication));
	uint32_t *chain = calloc(m->n_jobs + 1, sizeof(*chain));
	int rc = key && replication && chain ? 0 : -ENOMEM;

	*k = (struct column){
		.value = calloc(m->n_jobs + 1, sizeof(*k->value)),
		.replication = calloc(m->n_jobs + 1, sizeof(*k->replication)),
		.chain = calloc(m->n_jobs + 1, sizeof(*k->chain)),
	};
	if (!k->value || !k->replication || !k->chain)
		rc = -ENOMEM;
	for (uint32_t i = 0; i < m->x->params->replications && !rc; i++) {
		const struct sfe_replication *rep = &m->x->replication[i];
		for (uint32_t j = 0; j < rep->n_jobs; j++, k->n++) {
			key[k->n] =
				(struct sfe_sort_key){value_of(rep, kind, ps, j), (uint32_t)k->n};
			replication[k->n] = i;
			chain[k->n] = rep->chain[j];
		}
	}
	if (!rc)
		rc = sfe_radix_sort(key, k->n);
	for (uint64_t i = 0; i < k->n && !rc; i++) {
		k->value[i] = key[i].value;
		k->replication[i] = replication[key[i].at];
		k->chain[i] = chain[key[i].at];
	}
	free(key);
	free(replication);
	free(chain);
	return rc;
}

struct batches {         /* the values of one row by replication, ascending */
	uint32_t n;      /* replications */
	uint64_t *begin; /* [n + 1] into value */
	double *value, *all;
	uint64_t n_all;
	double *figure; /* one figure per replication with jobs */
};

/* Distributes a column's values to their replications. The column is ascending, so each
 * replication's values are too. */
static void distribute(const struct column *k, uint32_t chain, struct batches *b)
{
	memset(b->begin, 0, ((size_t)b->n + 2) * sizeof(*b->begin));
	b->n_all = 0;
	for (uint64_t i = 0; i < k->n; i++)
		if (!chain || k->chain[i] == chain) {
			b->begin[k->replication[i] + 2]++;
			b->all[b->n_all++] = k->value[i];
		}
	for (uint32_t r = 0; r <= b->n; r++)
		b->begin[r + 1] += b->begin[r];
	for (uint64_t i = 0; i < k->n; i++)
		if (!chain || k->chain[i] == chain)
			b->value[b->begin[k->replication[i] + 1]++] = k->value[i];
}

/* Mean of the replications' p-quantiles (p < 0: of their means), and half the width of its
 * confidence interval. */
static double over_batches(struct batches *b, double p, double *ci95, uint32_t *n)
{
	*n = 0;
	for (uint32_t r = 0; r < b->n; r++) {
		const double *value = b->value + b->begin[r];
		size_t many = b->begin[r + 1] - b->begin[r];
		if (many)
			b->figure[(*n)++] =
				p < 0 ? sfe_mean(value, many) : sfe_quantile(value, many, p);
	}
	*ci95 = sfe_confidence_95(b->figure, *n);
	return sfe_mean(b->figure, *n);
}

static struct sfe_figure figure(struct batches *b, uint32_t *n)
{
	struct sfe_figure f = {
		.p50 = sfe_quantile(b->all, b->n_all, 0.50),
		.p95 = sfe_quantile(b->all, b->n_all, 0.95),
		.p99 = sfe_quantile(b->all, b->n_all, 0.99),
	};

	f.mean = over_batches(b, -1, &f.mean_ci95, n);
	over_batches(b, 0.50, &f.p50_ci95, n);
	over_batches(b, 0.95, &f.p95_ci95, n);
	over_batches(b, 0.99, &f.p99_ci95, n);
	return f;
}

/* Processing of chains does not depend on the strategy: the rows of a placement share these
 * figures. */
static void fill_row(
	const struct comparer *m, unsigned ps, uint32_t g, enum column_kind kind, struct batches *b)
{
	unsigned n = m->c->graphs ? 1 : m->x->params->n_strategies;
	struct sfe_comparison_row *row = &m->c->rows[ps * m->n_chains + g];
	uint32_t replications;
	struct sfe_figure f = figure(b, &replications);

	if (kind == PROC)
		for (unsigned s = 0; s < n; s++)
			row[s * m->n_chains].proc_delay_s = f;
	if (kind == TRAFFIC)
		row->traffic_bytes = f;
	if (kind != NET)
		return;
	row->net_delay_s = f;
	row->replications = replications;
	row->jobs = b->n_all;
}

/* Computes one column of figures for all rows of its placement and strategy. */
static int work(void *context, uint32_t i, struct sfe_error *err)
{
	const struct comparer *m = context;
	unsigned ps = i / KINDS;
	enum column_kind kind = i % KINDS;
	struct batches b = {.n = m->x->params->replications};
	struct column k;

	if (kind == PROC && !m->c->graphs && ps % m->x->params->n_strategies)
		return 0;
	int rc = sort_column(m, kind, ps, &k);
	b.begin = calloc((size_t)b.n + 2, sizeof(*b.begin));
	b.value = calloc(m->n_jobs + 1, sizeof(*b.value));
	b.all = calloc(m->n_jobs + 1, sizeof(*b.all));
	b.figure = calloc((size_t)b.n + 1, sizeof(*b.figure));
	if (!b.begin || !b.value || !b.all || !b.figure)
		rc = -ENOMEM;
	for (uint32_t g = 0; g < m->n_chains && !rc; g++) {
		distribute(&k, m->chain[g], &b);
		fill_row(m, ps, g, kind, &b);
	}
	clear_column(&k);
	free(b.begin);
	free(b.value);
	free(b.all);
	free(b.figure);
	return rc ? sfe_fail(err, rc, NULL, NULL, "out of memory for the figures") : 0;
}

static void find_chains(struct comparer *m)
{
	bool seen[SFE_MAX_TASKS_PER_JOB + 1] = {false};

	for (uint32_t i = 0; i < m->x->params->replications; i++) {
		const struct sfe_replication *rep = &m->x->replication[i];
		m->n_jobs += rep->n_jobs;
		for (uint32_t j = 0; j < rep->n_jobs; j++)
			seen[rep->chain[j]] = true;
	}
	m->n_chains = 1;
	for (uint32_t i = 1; i <= SFE_MAX_TASKS_PER_JOB && m->x->params->by_chain; i++)
		if (seen[i])
			m->chain[m->n_chains++] = i;
}

static int compare(struct comparer *m, struct sfe_error *err)
{
	const struct sfe_comparison_params *params = m->x->params;
	uint32_t n = params->n_placements * params->n_strategies;

	find_chains(m);
	if (!m->n_jobs)
		return sfe_fail(err, -EINVAL, "jobs", "ask for more jobs or use other seeds",
			"no seed selects any of the %u jobs", m->x->form.w->n_jobs);
	m->c->n_rows = n * m->n_chains;
	m->c->rows = calloc(m->c->n_rows, sizeof(*m->c->rows));
	if (!m->c->rows)
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory for the figures");
	for (uint32_t i = 0; i < m->c->n_rows; i++) {
		struct sfe_comparison_row *row = &m->c->rows[i];
		uint32_t ps = i / m->n_chains;
		row->placement = params->placements[ps / params->n_strategies];
		row->strategy = params->strategies[ps % params->n_strategies];
		row->chain = m->chain[i % m->n_chains];
	}
	return sfe_parallel(params->threads, KINDS * n, work, m, err);
}

int sfe_compare(const struct sfe_topology *t, struct sfe_routing *r, const struct sfe_workload *w,
	const struct sfe_comparison_params *params, struct sfe_comparison **out,
	struct sfe_error *err)
{
	struct sfe_replicator x;
	struct comparer m = {.x = &x};
	int rc = sfe_replications_run(&x, t, r, w, params, err);

	*out = NULL;
	if (!rc && !params->outdir) {
		m.c = calloc(1, sizeof(*m.c));
		if (m.c) {
			m.c->direction = sfe_routing_direction(r);
			m.c->pool = w->n_jobs;
			m.c->graphs = w->n_graphs;
			m.c->wanted = sfe_wanted_jobs(w, params->jobs);
			m.c->first_seed = params->first_seed;
			m.c->replications = params->replications;
			rc = compare(&m, err);
		} else {
			rc = sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory for the figures");
		}
	}
	sfe_replicator_clear(&x);
	if (rc)
		sfe_comparison_free(m.c);
	else
		*out = m.c;
	return rc;
}

void sfe_comparison_free(struct sfe_comparison *c)
{
	if (!c)
		return;
	free(c->rows);
	free(c);
}

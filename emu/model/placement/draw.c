/* SPDX-License-Identifier: MIT */
/*
 * One replication: draws its jobs, their clients, and the order of placement. The order of the
 * draws is part of the published results.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "emu/model/placement/placed.h"
#include "emu/model/placement/placer.h"
#include "sfemu/random.h"
#include "sfemu/workflow.h"

static int pick_jobs(
	const struct sfe_placer *p, uint32_t wanted, uint32_t seed, struct sfe_assignment *a)
{
	struct sfe_minstd e = sfe_minstd_seed(seed);
	uint32_t pool = p->w->n_jobs - p->w->n_workflow_jobs;
	double share = wanted && wanted < pool ? (double)wanted / (double)pool : 1.0;

	a->job = calloc((size_t)p->w->n_jobs + 1, sizeof(*a->job));
	if (!a->job)
		return -ENOMEM;
	for (uint32_t j = 0; j < pool; j++)
		if (sfe_minstd_real(&e, 0, 1) < share)
			a->job[a->n_jobs++] = j;
	for (uint32_t j = pool; j < p->w->n_jobs; j++)
		a->job[a->n_jobs++] = j;
	return 0;
}

/* Allocates one block for the nodes of all steps; it begins at node[0]. */
static int make_room(const struct sfe_placer *p, struct sfe_assignment *a)
{
	size_t steps = 0;

	for (uint32_t j = 0; j < a->n_jobs; j++)
		steps += p->w->jobs[a->job[j]].n_steps;
	a->client = calloc((size_t)a->n_jobs + 1, sizeof(*a->client));
	a->node = calloc((size_t)a->n_jobs + 1, sizeof(*a->node));
	a->load = calloc((size_t)p->t->n_nodes + 1, sizeof(*a->load));
	if (!a->client || !a->node || !a->load)
		return -ENOMEM;
	a->node[0] = calloc(steps + 1, sizeof(**a->node));
	if (!a->node[0])
		return -ENOMEM;
	for (uint32_t j = 1; j < a->n_jobs; j++)
		a->node[j] = a->node[j - 1] + p->w->jobs[a->job[j - 1]].n_steps;
	return 0;
}

/* Removes the k-th (from 0) remaining element; count is a Fenwick tree of the remaining ones. */
static uint32_t remove_kth(uint32_t *count, uint32_t n, uint32_t k)
{
	uint32_t at = 0, step = 1;

	while (step <= n / 2)
		step *= 2;
	for (; step; step /= 2)
		if (at + step <= n && count[at + step] <= k) {
			at += step;
			k -= count[at];
		}
	for (uint32_t i = at + 1; i <= n; i += i & -i)
		count[i]--;
	return at;
}

/* The clients of the jobs of workflows, which come last; each workflow has draws of its own. */
static void draw_starters(const struct sfe_placer *p, uint32_t seed, struct sfe_assignment *a)
{
	uint32_t present = 0;
	struct sfe_stream stream = {0};
	char name[2 * SFE_MAX_NAME];

	for (uint32_t j = a->n_jobs - p->w->n_workflow_jobs; j < a->n_jobs; j++) {
		uint32_t f = p->w->jobs[a->job[j]].workflow;
		if (f != present) {
			snprintf(name, sizeof(name), "workflow %s clients",
				p->w->workflows->of[f - 1].name);
			stream = sfe_stream_named(seed, name);
			present = f;
		}
		uint32_t begin = p->starter_begin[f - 1], n = p->starter_begin[f] - begin;
		uint32_t k = (uint32_t)(sfe_stream_real(&stream) * n);
		a->client[j] = p->starter[begin + (k < n ? k : n - 1)];
	}
}

/* Draws the clients first, then the order of placement, from one engine. Jobs of workflows are
 * placed after those of the trace, so that they change nothing of these. */
static int draw(
	const struct sfe_placer *p, uint32_t seed, struct sfe_assignment *a, uint32_t **order)
{
	struct sfe_minstd e = sfe_minstd_seed(seed);
	uint32_t n = a->n_jobs - p->w->n_workflow_jobs;
	uint32_t *count = calloc((size_t)n + 1, sizeof(*count));

	*order = calloc((size_t)a->n_jobs + 1, sizeof(**order));
	if (!count || !*order) {
		free(count);
		return -ENOMEM;
	}
	for (uint32_t j = 0; j < n; j++)
		a->client[j] = p->client[sfe_minstd_integer(&e, p->n_clients)];
	for (uint32_t i = 1; i <= n; i++)
		count[i] = i & -i;
	for (uint32_t i = 0; i < n; i++) {
		uint32_t left = n - i;
		double k = floor(sfe_minstd_real(&e, 0, 1) * left);
		(*order)[i] = remove_kth(count, n, k < left ? (uint32_t)k : left - 1);
	}
	for (uint32_t i = n; i < a->n_jobs; i++)
		(*order)[i] = i;
	draw_starters(p, seed, a);
	free(count);
	return 0;
}

int sfe_placer_draw(const struct sfe_placer *p, uint32_t wanted, uint32_t seed,
	struct sfe_assignment **out, uint32_t **order, struct sfe_error *err)
{
	struct sfe_assignment *a = calloc(1, sizeof(*a));

	*order = NULL;
	if (!a || pick_jobs(p, wanted, seed, a) || make_room(p, a) || draw(p, seed, a, order)) {
		sfe_assignment_free(a);
		free(*order);
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory for the placement");
	}
	int rc = p->placed ? sfe_placed_apply(p->placed, p->t, p->w, a, err) : 0;
	if (rc) {
		sfe_assignment_free(a);
		free(*order);
		*order = NULL;
		return rc;
	}
	*out = a;
	return 0;
}

void sfe_assignment_free(struct sfe_assignment *a)
{
	if (!a)
		return;
	if (a->node)
		free(a->node[0]);
	free(a->job);
	free(a->client);
	free(a->node);
	free(a->load);
	free(a);
}

/* SPDX-License-Identifier: MIT */
#include "emu/model/closed_form/replication_run.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "emu/model/base/parallel.h"
#include "emu/model/closed_form/statesim_files.h"
#include "emu/model/workload/job_length.h"

/* Limit of kept values: a mistyped number of replications is refused before memory runs out. */
#define MAX_KEPT_BYTES (4ull << 30)

static int no_memory(struct sfe_error *err)
{
	return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory for the replications");
}

/* Allocates one block: pointers to the columns, then the columns. */
static int make_columns(
	const struct sfe_replicator *x, uint32_t n_jobs, struct sfe_replication *rep)
{
	size_t n = n_jobs, n_s = x->params->n_strategies, n_ps = x->params->n_placements * n_s;
	size_t n_proc = x->form.w->n_graphs ? n_ps : x->params->n_placements;
	size_t pointers = 3 * n_ps;
	size_t bytes = pointers * sizeof(void *) + (n_proc + 2 * n_ps) * n * sizeof(double) +
		       n * sizeof(uint32_t) + 1;
	char *at = malloc(bytes);

	if (!at)
		return -ENOMEM;
	rep->block = at;
	rep->n_jobs = n_jobs;
	rep->proc = (double **)at;
	rep->net = rep->proc + n_ps;
	rep->traffic = (uint64_t **)(rep->net + n_ps);
	double *column = (double *)(at + pointers * sizeof(void *));
	for (size_t i = 0; i < n_ps; i++)
		rep->proc[i] = column + (n_proc == n_ps ? i : i / n_s) * n;
	column += n_proc * n;
	for (size_t i = 0; i < n_ps; i++, column += n)
		rep->net[i] = column;
	for (size_t i = 0; i < n_ps; i++, column += n)
		rep->traffic[i] = (uint64_t *)column;
	rep->chain = (uint32_t *)column;
	return 0;
}

static int evaluate(const struct sfe_replicator *x, const struct sfe_assignment *a, unsigned p,
	struct sfe_replication *rep, struct sfe_error *err)
{
	unsigned n = x->params->n_strategies;
	int rc = 0;

	for (unsigned s = 0; s < n && !rc; s++) {
		double *proc = rep->proc[p * n + s];
		if (!s || proc != rep->proc[p * n])
			sfe_closed_form_processing(&x->form, a, proc);
		rc = sfe_closed_form_network(&x->form, x->strategy[s], a, rep->net[p * n + s], proc,
			rep->traffic[p * n + s], err);
	}
	return rc;
}

static void report_progress(struct sfe_replicator *x)
{
	if (!x->params->progress)
		return;
	pthread_mutex_lock(&x->telling);
	x->params->progress(x->params->progress_arg, ++x->done);
	pthread_mutex_unlock(&x->telling);
}

static int replicate(void *context, uint32_t i, struct sfe_error *err)
{
	struct sfe_replicator *x = context;
	uint32_t seed = x->params->first_seed + i, *order = NULL;
	struct sfe_replication files = {0}, *rep = x->outdir < 0 ? &x->replication[i] : &files;
	struct sfe_assignment *a;
	int rc = sfe_placer_draw(x->placer, x->params->jobs, seed, &a, &order, err);

	if (rc)
		return rc;
	if (make_columns(x, a->n_jobs, rep))
		rc = no_memory(err);
	for (uint32_t j = 0; j < a->n_jobs && !rc; j++)
		rep->chain[j] = sfe_job_length(&x->form.w->jobs[a->job[j]]);
	for (unsigned p = 0; p < x->params->n_placements && !rc; p++) {
		rc = sfe_placer_place(x->placer, x->params->placements[p], order, a, err);
		if (!rc)
			rc = evaluate(x, a, p, rep, err);
		if (!rc && x->outdir >= 0)
			rc = sfe_statesim_files_write(x, rep, p, a, seed, err);
	}
	sfe_assignment_free(a);
	free(order);
	free(files.block);
	if (!rc)
		report_progress(x);
	return rc;
}

uint32_t sfe_wanted_jobs(const struct sfe_workload *w, uint32_t jobs)
{
	uint32_t trace = w->n_jobs - w->n_workflow_jobs;

	return (jobs && jobs < trace ? jobs : trace) + w->n_workflow_jobs;
}

static int check(
	const struct sfe_workload *w, const struct sfe_comparison_params *p, struct sfe_error *err)
{
	uint32_t jobs = sfe_wanted_jobs(w, p->jobs);
	double columns = (w->n_graphs ? 3.0 : 2.0) * p->n_strategies + !w->n_graphs;
	double bytes = (double)p->replications * jobs * p->n_placements * (4 + 8 * columns);

	if (!p->replications || p->replications > SFE_MAX_REPLICATIONS)
		return sfe_fail(err, -EINVAL, "replications", "choose another number",
			"%u replications are not between 1 and %u", p->replications,
			SFE_MAX_REPLICATIONS);
	if (p->first_seed > UINT32_MAX - (p->replications - 1))
		return sfe_fail(err, -EINVAL, "seed", "begin with a smaller one",
			"seed %u and %u more go beyond %u", p->first_seed, p->replications - 1,
			UINT32_MAX);
	if (!p->n_placements || p->n_placements > SFE_PLACEMENTS || !p->n_strategies)
		return sfe_fail(
			err, -EINVAL, NULL, "name some", "no placement or no strategy to compare");
	if (!p->threads || p->threads > SFE_MAX_THREADS)
		return sfe_fail(err, -EINVAL, "threads", "choose another number",
			"%u threads are not between 1 and %u", p->threads, SFE_MAX_THREADS);
	if (!p->outdir && bytes > (double)MAX_KEPT_BYTES)
		return sfe_fail(err, -ERANGE, "replications",
			"ask for fewer replications or jobs, or for files (outdir)",
			"percentiles of %u replications of %u jobs need %.0f GB of memory",
			p->replications, jobs, bytes / 1e9);
	return 0;
}

static int set_strategies(struct sfe_replicator *x, struct sfe_error *err)
{
	unsigned n = x->params->n_strategies;

	x->strategy = calloc(n, sizeof(*x->strategy));
	if (!x->strategy)
		return no_memory(err);
	for (unsigned s = 0; s < n; s++) {
		x->strategy[s] = sfe_closed_strategy_find(x->params->strategies[s], err);
		if (!x->strategy[s])
			return -ENOENT;
		int rc = sfe_closed_form_allow(&x->form, x->strategy[s], err);
		if (rc)
			return rc;
	}
	return 0;
}

int sfe_replications_run(struct sfe_replicator *x, const struct sfe_topology *t,
	struct sfe_routing *r, const struct sfe_workload *w,
	const struct sfe_comparison_params *params, struct sfe_error *err)
{
	int rc;

	*x = (struct sfe_replicator){
		.params = params, .outdir = -1, .telling = PTHREAD_MUTEX_INITIALIZER};
	if ((rc = check(w, params, err)) ||
		(rc = sfe_closed_form_init(&x->form, t, r, w, &params->cloud, err)) ||
		/* Threads share paths and placer, and must not have to compute any. */
		(params->threads > 1 && (rc = sfe_routing_prepare(r, err))) ||
		(rc = set_strategies(x, err)) ||
		(rc = sfe_placer_new(t, r, w, params->rules, &x->placer, err)) ||
		(params->threads > 1 && (rc = sfe_placer_prepare(x->placer, err))))
		return rc;
	if (params->outdir) {
		x->outdir = open(params->outdir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (x->outdir < 0)
			return sfe_fail(err, -errno, params->outdir, "name a folder that is there",
				"cannot open: %s", strerror(errno));
	} else {
		x->replication = calloc(params->replications, sizeof(*x->replication));
		if (!x->replication)
			return no_memory(err);
	}
	return sfe_parallel(params->threads, params->replications, replicate, x, err);
}

void sfe_replicator_clear(struct sfe_replicator *x)
{
	for (uint32_t i = 0; x->replication && i < x->params->replications; i++)
		free(x->replication[i].block);
	free(x->replication);
	free(x->strategy);
	sfe_placer_free(x->placer);
	if (x->outdir >= 0)
		close(x->outdir);
}

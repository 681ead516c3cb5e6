/* SPDX-License-Identifier: MIT */
#include "sfemu/workload_summary.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "emu/model/workload/job_length.h"
#include "sfemu/statistics.h"

struct values {
	double *at;
	size_t n;
};

static void cleanup_values(struct values *v)
{
	free(v->at);
}

static void add(struct values *v, double value)
{
	v->at[v->n++] = value;
}

static struct sfe_spread spread(struct values *v)
{
	struct sfe_spread s = {.n = v->n};

	if (!v->n)
		return s;
	s.mean = sfe_mean(v->at, v->n);
	sfe_sort(v->at, v->n);
	s.min = v->at[0];
	s.p50 = sfe_quantile(v->at, v->n, 0.50);
	s.p95 = sfe_quantile(v->at, v->n, 0.95);
	s.max = v->at[v->n - 1];
	v->n = 0;
	return s;
}

static unsigned size_bin(uint64_t bytes)
{
	unsigned bin = bytes ? 64 - (unsigned)__builtin_clzll(bytes) : 0;

	return bin < SFE_SIZE_BINS ? bin : SFE_SIZE_BINS - 1;
}

/* Where there are workflows, whose times count from the start of the run, the first job of a trace
 * starts at 0; else at its own time. */
static double first_of_trace(const struct sfe_workload *w)
{
	uint32_t n = w->n_workflow_jobs ? w->n_jobs - w->n_workflow_jobs : 0;
	double first = n ? w->jobs[0].arrival_s : 0;

	for (uint32_t j = 1; j < n; j++)
		first = fmin(first, w->jobs[j].arrival_s);
	return first;
}

static double arrival_s(const struct sfe_workload *w, uint32_t j, double first_s)
{
	return w->jobs[j].workflow ? w->jobs[j].arrival_s : w->jobs[j].arrival_s - first_s;
}

static void of_jobs(const struct sfe_workload *w, struct values *v, struct sfe_workload_summary *s)
{
	double first_s = first_of_trace(w);

	for (uint32_t j = 0; j < w->n_jobs; j++) {
		uint32_t n = sfe_job_length(&w->jobs[j]);

		add(v, n);
		s->graphs += w->jobs[j].graph != NULL;
		s->chain_bins[n < SFE_CHAIN_BINS ? n : SFE_CHAIN_BINS - 1]++;
	}
	s->chain = spread(v);
	for (uint32_t j = 0; j < w->n_jobs; j++)
		add(v, w->jobs[j].n_steps);
	s->invocations = spread(v);
	for (uint32_t j = 0; j < w->n_jobs; j++)
		add(v, w->jobs[j].n_states);
	s->states = spread(v);
	for (uint32_t j = 0; j < w->n_jobs; j++)
		add(v, arrival_s(w, j, first_s));
	sfe_sort(v->at, v->n); /* a trace need not be sorted */
	s->first_s = v->at[0];
	s->last_s = v->at[v->n - 1];
	for (uint32_t j = 0; j + 1 < w->n_jobs; j++)
		v->at[j] = v->at[j + 1] - v->at[j];
	v->n--;
	s->gap_s = spread(v);
	v->n = 0;
}

static void of_arrivals(const struct sfe_workload *w, struct sfe_workload_summary *s)
{
	double first_s = first_of_trace(w);

	s->arrival_width_s = (s->last_s - s->first_s) / SFE_ARRIVAL_BINS;
	for (uint32_t j = 0; j < w->n_jobs; j++) {
		double bin = s->arrival_width_s > 0
				     ? (arrival_s(w, j, first_s) - s->first_s) / s->arrival_width_s
				     : 0;
		s->arrival_bins[bin < SFE_ARRIVAL_BINS ? (unsigned)bin : SFE_ARRIVAL_BINS - 1]++;
	}
}

static void of_steps(const struct sfe_workload *w, struct values *v, struct sfe_workload_summary *s)
{
	for (uint32_t j = 0; j < w->n_jobs; j++)
		for (uint32_t i = 0; i < w->jobs[j].n_steps; i++)
			add(v, (double)w->jobs[j].steps[i].ops);
	s->operations = spread(v);
	for (uint32_t j = 0; j < w->n_jobs; j++)
		for (uint32_t i = 0; i < w->jobs[j].n_steps; i++)
			add(v, (double)w->jobs[j].steps[i].arg_bytes);
	s->argument_bytes = spread(v);
	for (uint32_t j = 0; j < w->n_jobs; j++)
		for (uint32_t i = 0; i < w->jobs[j].n_states; i++) {
			add(v, (double)w->jobs[j].state_bytes[i]);
			s->size_bins[size_bin(w->jobs[j].state_bytes[i])]++;
		}
	s->state_bytes = spread(v);
}

int sfe_workload_summarise(const struct sfe_workload *w, struct sfe_workload_summary *out)
{
	__attribute__((cleanup(cleanup_values))) struct values v = {0};
	size_t steps = 0, states = 0, most = w->n_jobs;

	*out = (struct sfe_workload_summary){.jobs = w->n_jobs,
		.stateless = w->n_stateless_dropped,
		.skipped = w->n_skipped_rows};
	memcpy(out->left_out, w->n_left_out, sizeof(out->left_out));
	out->workflows = w->n_workflow_jobs ? w->workflows : NULL;
	for (uint32_t j = 0; j < w->n_jobs; j++) {
		steps += w->jobs[j].n_steps;
		states += w->jobs[j].n_states;
	}
	most = steps > most ? steps : most;
	most = states > most ? states : most;
	v.at = calloc(most + 1, sizeof(*v.at));
	if (!v.at)
		return -ENOMEM;
	if (!w->n_jobs)
		return 0;
	of_jobs(w, &v, out);
	of_arrivals(w, out);
	of_steps(w, &v, out);
	return 0;
}

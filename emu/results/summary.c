/* SPDX-License-Identifier: MIT */
#include "emu/results/summary.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "emu/measure/fidelity.h"
#include "emu/results/failure_reasons.h"
#include "emu/results/results_read.h"
#include "emu/results/table_columns.h"
#include "sfemu/statistics.h"

/* Means over the jobs done; NaN if there are none. */
static void summarise_prediction(
	const struct sfe_replay *r, const struct sfe_explanation *x, struct sfe_summary *s)
{
	double n = s->done ? s->done : NAN;

	for (uint32_t j = 0; j < r->n_jobs; j++) {
		const struct sfe_explained_job *job = &x->jobs[j];
		const struct sfe_parts *p = &job->parts;
		s->predicted_payload_bytes_hops += (double)job->predicted_payload_bytes_hops;
		if (!r->jobs[j].ended || r->jobs[j].status)
			continue;
		s->predicted_net_delay_mean_s += job->predicted_net_delay_s;
		s->predicted_processing_mean_s += job->predicted_processing_s;
		s->other_paths_s += job->other_paths_s;
		s->vain_s += job->vain_s;
		s->overlap_s += job->overlap_s;
		s->propagation_s += p->propagation_s;
		s->pipelining_s += p->pipelining_s;
		s->queueing_s += p->queueing_s;
		s->tcp_start_s += p->tcp_start_s;
		s->headers_s += p->headers_s;
		s->retries_s += p->retries_s;
		s->link_changes_s += p->link_changes_s;
		s->retransmissions_s += p->retransmissions_s;
		s->window_s += p->window_s;
		s->queue_waits_s += p->queue_waits_s;
		s->unexplained_s += p->unexplained_s;
	}
	double *means[] = {&s->predicted_net_delay_mean_s, &s->predicted_processing_mean_s,
		&s->other_paths_s, &s->propagation_s, &s->pipelining_s, &s->queueing_s,
		&s->tcp_start_s, &s->headers_s, &s->vain_s, &s->overlap_s, &s->retries_s,
		&s->link_changes_s, &s->retransmissions_s, &s->window_s, &s->queue_waits_s,
		&s->unexplained_s};
	for (size_t i = 0; i < sizeof(means) / sizeof(means[0]); i++)
		*means[i] /= n;
	/* whole ns: see sfe_whole_ns */
	double *waits[] = {&s->retries_s, &s->link_changes_s, &s->retransmissions_s, &s->window_s,
		&s->queue_waits_s};
	for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
		double whole = sfe_whole_ns(*waits[i]);
		s->unexplained_s += *waits[i] - whole;
		*waits[i] = whole;
	}
}

static void summarise_dynamic(const struct sfe_replay *r, struct sfe_summary *s)
{
	for (uint32_t j = 0; j < r->n_jobs; j++) {
		const struct sfe_job_result *job = &r->jobs[j];
		s->dynamic_bytes_hops += (double)job->dynamic_bytes_hops;
		if (job->ended && !job->status)
			s->dynamic_mean_s += (double)job->dynamic_ns / 1e9;
	}
	s->dynamic_mean_s /= s->done ? s->done : NAN;
	for (uint32_t i = 0; i < r->n_calls; i++) {
		s->dynamic_calls += !r->calls[i].cast;
		s->dynamic_casts += r->calls[i].cast;
		s->dynamic_failed += !r->calls[i].ended || r->calls[i].status;
	}
}

static void summarise_shared(const struct sfe_replay *r, struct sfe_summary *s)
{
	const struct sfe_shared_sums *sums = &r->shared_sums;

	s->shared_changes = sums->changes;
	s->shared_conflicts = sums->conflicts;
	s->shared_overwritten = sums->overwritten;
	s->shared_begun_anew = sums->begun_anew;
	s->shared_lost = sums->lost > sums->restored ? sums->lost - sums->restored : 0;
	s->shared_restored = sums->restored;
	s->runs_in_vain = sums->runs_in_vain;
	s->vain_operations = sums->vain_operations;
	s->vain_bytes = sums->vain_bytes;
}

/* Counts the outcomes of the jobs, and retries and crashes. */
static int summarise_faults(const struct sfe_replay *r, struct sfe_summary *s)
{
	for (uint32_t j = 0; j < r->n_jobs; j++) {
		const struct sfe_job_result *job = &r->jobs[j];
		s->states_lost += job->states_lost;
		s->wasted_bytes += job->wasted_bytes;
		if (!job->ended || !job->status)
			continue;
		s->timed_out += job->timed_out;
		s->failed += !job->timed_out;
	}
	s->failed_attempts = r->n_attempts;
	for (uint32_t i = 0; i < r->n_events; i++)
		s->crashes += r->events[i].act == SFE_SCHEDULE_CRASH && !r->events[i].already;
	return sfe_reasons(r, s->reasons, sizeof(s->reasons));
}

int sfe_summary_of(
	const struct sfe_replay *r, const struct sfe_explanation *x, struct sfe_summary *s)
{
	double *response = calloc(3 * (size_t)r->n_jobs + 1, sizeof(*response));
	double *processing = response + r->n_jobs, *network = processing + r->n_jobs;
	unsigned n = 0;

	if (!response)
		return -ENOMEM;
	*s = (struct sfe_summary){.jobs = r->n_jobs,
		.start_unix_ns = r->start_unix_ns,
		.begin_unix_ns = r->begin_unix_ns,
		.end_unix_ns = r->end_unix_ns};
	snprintf(s->strategy, sizeof(s->strategy), "%s", r->strategy->name);
	for (uint32_t j = 0; j < r->n_jobs; j++) {
		const struct sfe_job_result *job = &r->jobs[j];
		s->payload_bytes_hops += (double)job->payload_bytes_hops;
		s->cache_hits += job->cache_hits;
		if (!job->ended || job->status)
			continue;
		response[n] = (double)(job->end_ns - job->start_ns) / 1e9;
		processing[n] = (double)job->processing_ns / 1e9;
		network[n] = response[n] - processing[n] - (double)job->dynamic_ns / 1e9;
		n++;
	}
	s->done = n;
	s->processing_mean_s = sfe_mean(processing, n);
	s->net_delay_mean_s = sfe_mean(network, n);
	s->response_mean_s = sfe_mean(response, n);
	sfe_sort(response, n);
	s->response_p50_s = sfe_quantile(response, n, 0.50);
	s->response_p95_s = sfe_quantile(response, n, 0.95);
	s->response_p99_s = sfe_quantile(response, n, 0.99);
	for (uint32_t i = 0; i < r->n_links; i++) {
		const struct sfe_link_count *c = &r->links[i];
		s->wire_bytes += (double)(r->counted_apart ? c->port_bytes : c->wire_bytes);
		s->other_bytes += (double)(c->wire_bytes - c->port_bytes);
		s->drops += (double)r->links[i].drops;
	}
	if (!r->counted_apart)
		s->other_bytes = NAN;
	sfe_fidelity_verdict(&r->fidelity, s->fidelity, sizeof(s->fidelity));
	free(response);
	summarise_dynamic(r, s);
	summarise_shared(r, s);
	summarise_prediction(r, x, s);
	return summarise_faults(r, s);
}

int sfe_summary_read(int dir, struct sfe_summary **rows, unsigned *n, struct sfe_error *err)
{
	void *all;
	int r = sfe_results_read_table(dir, &sfe_summary_csv, &all, n, err);

	*rows = all;
	return r;
}

/* SPDX-License-Identifier: MIT */
#include "emu/run/summary.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "emu/run/fidelity.h"
#include "emu/run/results.h"
#include "emu/run/tables.h"
#include "sfemu/statistics.h"

int sfe_summary_of(
	const struct sfe_experiment *e, const struct sfe_replay *r, struct sfe_summary *s)
{
	double *response = calloc(3 * (size_t)r->n_jobs + 1, sizeof(*response));
	double *processing = response + r->n_jobs, *network = processing + r->n_jobs;
	unsigned n = 0;

	if (!response)
		return -ENOMEM;
	*s = (struct sfe_summary){.jobs = r->n_jobs};
	snprintf(s->strategy, sizeof(s->strategy), "%s", r->strategy->name);
	for (uint32_t j = 0; j < r->n_jobs; j++) {
		const struct sfe_job_result *job = &r->jobs[j];
		s->payload_bytes_hops += (double)job->payload_bytes_hops;
		if (!job->ended || job->status)
			continue;
		response[n] = (double)(job->end_ns - job->start_ns) / 1e9;
		processing[n] = (double)job->processing_ns / 1e9;
		network[n] = response[n] - processing[n];
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
		s->wire_bytes += (double)r->links[i].wire_bytes;
		s->drops += (double)r->links[i].drops;
	}
	if (!r->fidelity.measured)
		snprintf(s->fidelity, sizeof(s->fidelity), "virtual");
	else if (sfe_fidelity_ok(&r->fidelity, s->fidelity, sizeof(s->fidelity)))
		snprintf(s->fidelity, sizeof(s->fidelity), "ok");
	free(response);
	(void)e;
	return 0;
}

int sfe_summary_read(int dir, struct sfe_summary **rows, unsigned *n, struct sfe_error *err)
{
	FILE *f = sfe_results_open(dir, sfe_summary_csv.file, "r", err);
	void *all = NULL;

	if (!f)
		return err ? err->code : -ENOENT;
	int r = sfe_table_read(&sfe_summary_csv, f, &all, n, err);
	fclose(f);
	*rows = all;
	return r;
}

/* 12.3 ms, 4.56 s: three digits and a unit that fits. */
static const char *time_text(double s, char *buf, size_t size)
{
	if (isnan(s))
		snprintf(buf, size, "-");
	else if (s < 1)
		snprintf(buf, size, "%.*f ms", s < 0.01 ? 2 : s < 0.1 ? 1 : 0, 1e3 * s);
	else
		snprintf(buf, size, "%.*f s", s < 10 ? 2 : s < 100 ? 1 : 0, s);
	return buf;
}

static const char *bytes_text(double b, char *buf, size_t size)
{
	snprintf(buf, size, "%.*f MB", b < 1e7 ? 2 : b < 1e8 ? 1 : 0, b / 1e6);
	return buf;
}

static double ratio(double a, double b)
{
	return b > 0 ? a / b : NAN;
}

static void row(const struct sfe_summary *s, const struct sfe_summary *base, FILE *out)
{
	char t[6][24], b[2][24], jobs[24];

	snprintf(jobs, sizeof(jobs), "%u/%u", s->done, s->jobs);
	fprintf(out, "%-16s %9s %9s %9s %9s %9s %9s %10s %11s %11s %7.3f %7.3f %7.3f\n",
		s->strategy, jobs, time_text(s->response_mean_s, t[0], sizeof(t[0])),
		time_text(s->response_p50_s, t[1], sizeof(t[1])),
		time_text(s->response_p95_s, t[2], sizeof(t[2])),
		time_text(s->response_p99_s, t[3], sizeof(t[3])),
		time_text(s->net_delay_mean_s, t[4], sizeof(t[4])),
		time_text(s->processing_mean_s, t[5], sizeof(t[5])),
		bytes_text(s->payload_bytes_hops, b[0], sizeof(b[0])),
		bytes_text(s->wire_bytes, b[1], sizeof(b[1])),
		ratio(s->response_mean_s, base->response_mean_s),
		ratio(s->payload_bytes_hops, base->payload_bytes_hops),
		ratio(s->wire_bytes, base->wire_bytes));
}

void sfe_summary_table(const struct sfe_summary *rows, unsigned n, FILE *out)
{
	const struct sfe_summary *base = rows;

	for (unsigned i = 0; i < n; i++)
		if (!strcmp(rows[i].strategy, sfe_pure_faas.name))
			base = &rows[i];
	if (!n)
		return;
	fprintf(out, "%-16s %9s %39s %9s %10s %11s %11s   ratio to %s\n", "", "jobs",
		"response time           ", "of it", "of it", "payload", "bytes on",
		base->strategy);
	fprintf(out, "%-16s %9s %9s %9s %9s %9s %9s %10s %11s %11s %7s %7s %7s\n", "strategy",
		"finished", "mean", "p50", "p95", "p99", "network", "processing", "x hops",
		"the wire", "resp.", "payload", "wire");
	for (unsigned i = 0; i < n; i++)
		row(&rows[i], base, out);
	for (unsigned i = 0; i < n; i++)
		if (strcmp(rows[i].fidelity, "ok") && strcmp(rows[i].fidelity, "virtual"))
			fprintf(out,
				"\nTHE FIGURES OF %s ARE NOT VALID: the machine could not keep up: "
				"%s\n",
				rows[i].strategy, rows[i].fidelity);
}

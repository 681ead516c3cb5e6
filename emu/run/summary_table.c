/* SPDX-License-Identifier: MIT */
/* The tables that `sfemu run` prints at its end. */
#include <math.h>
#include <string.h>

#include "emu/run/summary.h"

/* 12.3 ms, 4.56 s: three digits and a unit that fits. */
static const char *time_text(double s, char *buf, size_t size)
{
	if (isnan(s))
		snprintf(buf, size, "-");
	else if (fabs(s) < 1)
		snprintf(buf, size, "%.*f ms", fabs(s) < 0.01 ? 2 : fabs(s) < 0.1 ? 1 : 0, 1e3 * s);
	else
		snprintf(buf, size, "%.*f s", fabs(s) < 10 ? 2 : fabs(s) < 100 ? 1 : 0, s);
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

static void model_row(const struct sfe_summary *s, FILE *out)
{
	const double times[] = {s->predicted_net_delay_mean_s, s->net_delay_mean_s,
		s->net_delay_mean_s - s->predicted_net_delay_mean_s, s->propagation_s,
		s->pipelining_s, s->queueing_s, s->tcp_start_s, s->headers_s, s->unexplained_s,
		s->predicted_processing_mean_s, s->processing_mean_s};
	char buf[24];

	fprintf(out, "%-16s", s->strategy);
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++)
		fprintf(out, " %11s", time_text(times[i], buf, sizeof(buf)));
	fprintf(out, "\n");
}

void sfe_summary_model_table(const struct sfe_summary *rows, unsigned n, FILE *out)
{
	if (!n)
		return;
	fprintf(out, "%-16s %35s %71s %23s\n", "closed form", "network delay, mean of a job   ",
		"the difference is made of                          ", "processing      ");
	fprintf(out, "%-16s %11s %11s %11s %11s %11s %11s %11s %11s %11s %11s %11s\n",
		"and measurement", "predicted", "measured", "difference", "propagation",
		"pipelining", "queueing", "TCP's start", "headers", "unexplained", "predicted",
		"measured");
	for (unsigned i = 0; i < n; i++)
		model_row(&rows[i], out);
	for (unsigned i = 0; i < n; i++)
		if (rows[i].done == rows[i].jobs &&
			rows[i].payload_bytes_hops != rows[i].predicted_payload_bytes_hops)
			fprintf(out,
				"\n%s moved %.0f bytes x hops of payload, the closed form says "
				"%.0f\n",
				rows[i].strategy, rows[i].payload_bytes_hops,
				rows[i].predicted_payload_bytes_hops);
}

/* SPDX-License-Identifier: MIT */
/* The tables that `sfemu run` prints at its end. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "emu/measure/fidelity.h"
#include "emu/model/base/fit_table.h"
#include "emu/results/summary.h"

#define ALL_WIDTH 132       /* all columns except the names */
#define ALL_MODEL_WIDTH 144 /* the same for the closed form */
#define FRAME "********************************************************************************\n"

/* 12.3 ms, 4.56 s: three digits and a suitable unit. */
static const char *time_text(double s, char *buf, size_t size)
{
	if (fabs(s) < 5e-6)
		s = 0; /* not -0.00 */
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

/* "-": there is none, as to nothing, or to jobs that were not done. */
static const char *ratio_text(double a, double b, char *buf, size_t size)
{
	if (b > 0 && isfinite(a))
		snprintf(buf, size, "%.3f", a / b);
	else
		snprintf(buf, size, "-");
	return buf;
}

/* Width of the column of names. */
static int name_width(const struct sfe_summary *rows, unsigned n)
{
	size_t width = 16;

	for (unsigned i = 0; i < n; i++)
		if (strlen(rows[i].strategy) > width)
			width = strlen(rows[i].strategy);
	return (int)width;
}

static void row(const struct sfe_summary *s, const struct sfe_summary *base, int width, FILE *out)
{
	char t[6][24], b[2][24], q[3][24], jobs[24];

	snprintf(jobs, sizeof(jobs), "%u/%u", s->done, s->jobs);
	fprintf(out, "%-*s %9s %9s %9s %9s %9s %9s %10s %11s %11s %7s %7s %7s\n", width,
		s->strategy, jobs, time_text(s->response_mean_s, t[0], sizeof(t[0])),
		time_text(s->response_p50_s, t[1], sizeof(t[1])),
		time_text(s->response_p95_s, t[2], sizeof(t[2])),
		time_text(s->response_p99_s, t[3], sizeof(t[3])),
		time_text(s->net_delay_mean_s, t[4], sizeof(t[4])),
		time_text(s->processing_mean_s, t[5], sizeof(t[5])),
		bytes_text(s->payload_bytes_hops, b[0], sizeof(b[0])),
		bytes_text(s->wire_bytes, b[1], sizeof(b[1])),
		ratio_text(s->response_mean_s, base->response_mean_s, q[0], sizeof(q[0])),
		ratio_text(s->payload_bytes_hops, base->payload_bytes_hops, q[1], sizeof(q[1])),
		ratio_text(s->wire_bytes, base->wire_bytes, q[2], sizeof(q[2])));
}

static unsigned fit_rows(const struct sfe_summary *rows, unsigned n, const struct sfe_summary *base,
	unsigned width, FILE *out)
{
	static const struct sfe_fit_column columns[] = {{NULL, "strategy", 0}, {"jobs", "done", 3},
		{"response time", "mean", 1}, {"response time", "p50", 7},
		{"response time", "p95", 4}, {"response time", "p99", 8}, {"of it", "network", 5},
		{"of it", "processing", 9}, {NULL, "payload x hops", 10}, {NULL, "wire bytes", 2},
		{"ratio", "resp.", 6}, {"ratio", "payload", 12}, {"ratio", "wire", 11}};
	struct sfe_fit_table t = {columns, sizeof(columns) / sizeof(columns[0])};
	char b[24];

	for (unsigned i = 0; i < n; i++) {
		const struct sfe_summary *s = &rows[i];
		sfe_fit_cell(&t, "%s", s->strategy);
		sfe_fit_cell(&t, "%u/%u", s->done, s->jobs);
		sfe_fit_cell(&t, "%s", time_text(s->response_mean_s, b, sizeof(b)));
		sfe_fit_cell(&t, "%s", time_text(s->response_p50_s, b, sizeof(b)));
		sfe_fit_cell(&t, "%s", time_text(s->response_p95_s, b, sizeof(b)));
		sfe_fit_cell(&t, "%s", time_text(s->response_p99_s, b, sizeof(b)));
		sfe_fit_cell(&t, "%s", time_text(s->net_delay_mean_s, b, sizeof(b)));
		sfe_fit_cell(&t, "%s", time_text(s->processing_mean_s, b, sizeof(b)));
		sfe_fit_cell(&t, "%s", bytes_text(s->payload_bytes_hops, b, sizeof(b)));
		sfe_fit_cell(&t, "%s", bytes_text(s->wire_bytes, b, sizeof(b)));
		sfe_fit_cell(&t, "%s",
			ratio_text(s->response_mean_s, base->response_mean_s, b, sizeof(b)));
		sfe_fit_cell(&t, "%s",
			ratio_text(s->payload_bytes_hops, base->payload_bytes_hops, b, sizeof(b)));
		sfe_fit_cell(&t, "%s", ratio_text(s->wire_bytes, base->wire_bytes, b, sizeof(b)));
	}
	unsigned left_out = sfe_fit_print(&t, width, out);
	sfe_fit_free(&t);
	fprintf(out, "ratio: to %s\n", base->strategy);
	return left_out;
}

/* Prints whether the results are valid. */
static void print_fidelity(const struct sfe_summary *rows, unsigned n, FILE *out)
{
	bool valid = true, degraded = false;

	for (unsigned i = 0; i < n; i++)
		degraded |= sfe_fidelity_why(rows[i].fidelity) &&
			    !sfe_fidelity_is_unknown(rows[i].fidelity);
	for (unsigned i = 0; i < n; i++) {
		const char *why = sfe_fidelity_why(rows[i].fidelity);
		if (!why)
			continue;
		if (valid)
			fprintf(out, "\n" FRAME "FIDELITY: %s\n",
				degraded ? "DEGRADED" : "UNKNOWN");
		valid = false;
		fprintf(out,
			sfe_fidelity_is_unknown(rows[i].fidelity)
				? "THE RESULTS OF %s MAY BE INVALID: the machine was not "
				  "monitored to the end: %s\n"
				: "THE RESULTS OF %s ARE NOT VALID: the machine could not keep up: "
				  "%s\n",
			rows[i].strategy, why);
	}
	if (!valid)
		fprintf(out, FRAME);
	else
		fprintf(out, "\nfidelity: %s\n",
			strcmp(rows[0].fidelity, "ok")
				? "virtual: results do not depend on the speed of this machine"
				: "ok: the machine kept up with the real clock");
}

/* Prints the outcomes of the jobs, if not all were done. */
static void print_outcomes(const struct sfe_summary *s, FILE *out)
{
	if (!s->failed && !s->timed_out && !s->failed_attempts && !s->crashes)
		return;
	fprintf(out, "%s: %u of %u jobs done, %" PRIu64 " failed, %" PRIu64 " timed out",
		s->strategy, s->done, s->jobs, s->failed, s->timed_out);
	if (s->reasons[0])
		fprintf(out, " (%s)", s->reasons);
	fprintf(out,
		"; %" PRIu64 " requests not answered, %" PRIu64 " crashes, %" PRIu64 " states lost",
		s->failed_attempts, s->crashes, s->states_lost);
	if (s->shared_lost)
		fprintf(out, " and %" PRIu64 " that outlive jobs", s->shared_lost);
	fputc('\n', out);
}

/* Other bytes are in no column and in no ratio. */
static void print_other(const struct sfe_summary *s, FILE *out)
{
	char b[24];

	if (s->other_bytes > 0)
		fprintf(out,
			"%s: beside these, %s on the wire of other traffic, as commands, programs "
			"and generated traffic make it "
			"(other_bytes in links.csv)\n",
			s->strategy, bytes_text(s->other_bytes, b, sizeof(b)));
}

static void print_cached(const struct sfe_summary *s, FILE *out)
{
	if (s->cache_hits)
		fprintf(out,
			"%s: caches of nodes served %" PRIu64
			" uses of states, whose content did not move (invocations.csv has each)\n",
			s->strategy, s->cache_hits);
}

/* Beside network and processing; the closed form does not have it. */
static void print_dynamic(const struct sfe_summary *s, FILE *out)
{
	char t[24], b[24];

	if (!s->dynamic_calls && !s->dynamic_casts) {
		if (s->dynamic_mean_s > 0)
			fprintf(out,
				"%s: functions used states by name at run time: jobs waited %s for "
				"them on average, beside network and processing; %s x hops of the "
				"payload (shared_states.csv has each)\n",
				s->strategy, time_text(s->dynamic_mean_s, t, sizeof(t)),
				bytes_text(s->dynamic_bytes_hops, b, sizeof(b)));
		return;
	}
	fprintf(out,
		"%s: functions called others at run time: %" PRIu64 " calls and %" PRIu64
		" casts, %" PRIu64
		" failed; jobs waited %s for them on average, beside network and "
		"processing; %s x hops of the payload (dynamic_calls.csv has each)\n",
		s->strategy, s->dynamic_calls, s->dynamic_casts, s->dynamic_failed,
		time_text(s->dynamic_mean_s, t, sizeof(t)),
		bytes_text(s->dynamic_bytes_hops, b, sizeof(b)));
}

static void all_rows(
	const struct sfe_summary *rows, unsigned n, const struct sfe_summary *base, FILE *out)
{
	int width = name_width(rows, n);

	fprintf(out, "%-*s %9s %39s %9s %10s %11s %11s   ratio to %s\n", width, "", "jobs",
		"response time           ", "of it", "of it", "payload", "bytes on",
		base->strategy);
	fprintf(out, "%-*s %9s %9s %9s %9s %9s %9s %10s %11s %11s %7s %7s %7s\n", width, "strategy",
		"finished", "mean", "p50", "p95", "p99", "network", "processing", "x hops",
		"the wire", "resp.", "payload", "wire");
	for (unsigned i = 0; i < n; i++)
		row(&rows[i], base, width, out);
}

unsigned sfe_summary_table(const struct sfe_summary *rows, unsigned n, unsigned width, FILE *out)
{
	const struct sfe_summary *base = rows;
	unsigned left_out = 0;

	for (unsigned i = 0; i < n; i++)
		if (!strcmp(rows[i].strategy, sfe_pure_faas.name))
			base = &rows[i];
	if (!n)
		return 0;
	if (width && width < (unsigned)name_width(rows, n) + ALL_WIDTH)
		left_out = fit_rows(rows, n, base, width, out);
	else
		all_rows(rows, n, base, out);
	for (unsigned i = 0; i < n; i++)
		print_outcomes(&rows[i], out);
	for (unsigned i = 0; i < n; i++)
		print_other(&rows[i], out);
	for (unsigned i = 0; i < n; i++)
		print_cached(&rows[i], out);
	for (unsigned i = 0; i < n; i++)
		print_dynamic(&rows[i], out);
	print_fidelity(rows, n, out);
	return left_out;
}

#define N_TIMES 12
static void model_times(const struct sfe_summary *s, double times[N_TIMES])
{
	memcpy(times,
		(double[N_TIMES]){s->predicted_net_delay_mean_s, s->net_delay_mean_s,
			s->net_delay_mean_s - s->predicted_net_delay_mean_s, s->propagation_s,
			s->pipelining_s, s->queueing_s, s->tcp_start_s, s->headers_s,
			s->retries_s + s->link_changes_s + s->retransmissions_s + s->window_s +
				s->queue_waits_s,
			s->unexplained_s, s->predicted_processing_mean_s, s->processing_mean_s},
		N_TIMES * sizeof(*times));
}

static unsigned fit_model(const struct sfe_summary *rows, unsigned n, unsigned width, FILE *out)
{
	static const struct sfe_fit_column columns[N_TIMES + 1] = {{NULL, "closed form", 0},
		{"network delay of a job", "predicted", 1},
		{"network delay of a job", "measured", 2},
		{"network delay of a job", "difference", 3},
		{"the difference is made of", "propagation", 5},
		{"the difference is made of", "pipelining", 7},
		{"the difference is made of", "queueing", 6},
		{"the difference is made of", "TCP's start", 4},
		{"the difference is made of", "headers", 9},
		{"the difference is made of", "waiting", 8},
		{"the difference is made of", "unexplained", 10}, {"processing", "predicted", 11},
		{"processing", "measured", 12}};
	struct sfe_fit_table t = {columns, N_TIMES + 1};
	double times[N_TIMES];
	char buf[24];

	for (unsigned i = 0; i < n; i++) {
		model_times(&rows[i], times);
		sfe_fit_cell(&t, "%s", rows[i].strategy);
		for (unsigned k = 0; k < N_TIMES; k++)
			sfe_fit_cell(&t, "%s", time_text(times[k], buf, sizeof(buf)));
	}
	unsigned left_out = sfe_fit_print(&t, width, out);
	sfe_fit_free(&t);
	return left_out;
}

static void model_row(const struct sfe_summary *s, int width, FILE *out)
{
	double times[N_TIMES];
	char buf[24];

	model_times(s, times);
	fprintf(out, "%-*s", width, s->strategy);
	for (size_t i = 0; i < N_TIMES; i++)
		fprintf(out, " %11s", time_text(times[i], buf, sizeof(buf)));
	fprintf(out, "\n");
}

#define TOLD_S 1e-5 /* less is not told: the table has three digits of milliseconds */

/* Explains where the run moves states over other paths than the closed form, or waits for other
 * branches of graphs. */
static void explain_other_paths(const struct sfe_summary *s, FILE *out)
{
	char t[24], moved[24], counted[24];
	double bytes_hops = s->payload_bytes_hops;

	if (s->done < s->jobs)
		return;
	if (isfinite(s->dynamic_bytes_hops))
		bytes_hops -= s->dynamic_bytes_hops;
	if (bytes_hops == s->predicted_payload_bytes_hops) {
		if (fabs(s->other_paths_s) >= TOLD_S)
			fprintf(out,
				"\n%s: the transfers that jobs waited for are others than in the "
				"closed form. That makes %s of the difference.\n",
				s->strategy, time_text(s->other_paths_s, t, sizeof(t)));
		return;
	}
	fprintf(out,
		s->failed_attempts ? "\n%s: with copies of states and retries, %s x hops in all; "
				     "the closed form counts %s. That makes %s of the difference.\n"
		: strcmp(s->strategy, sfe_state_local.name) == 0
			? "\n%s: with copies of states, and states of sizes that functions chose, "
			  "%s x hops in all; the closed form counts %s. That makes %s of the "
			  "difference.\n"
			: "\n%s: states go to the invocations' nodes, %s x hops in all; the closed "
			  "form counts %s. That makes %s of the difference.\n",
		s->strategy, bytes_text(bytes_hops, moved, sizeof(moved)),
		bytes_text(s->predicted_payload_bytes_hops, counted, sizeof(counted)),
		time_text(s->other_paths_s, t, sizeof(t)));
}

static void explain_vain(const struct sfe_summary *s, FILE *out)
{
	char t[24];

	if (!s->runs_in_vain || !(s->vain_s > 0))
		return;
	fprintf(out,
		"\n%s: %" PRIu64
		" runs of steps were in vain, because another change of a state that outlives jobs "
		"was first. That makes %s of the difference (shared_states.csv has each).\n",
		s->strategy, s->runs_in_vain, time_text(s->vain_s, t, sizeof(t)));
}

static void explain_overlap(const struct sfe_summary *s, FILE *out)
{
	char t[24];

	if (s->overlap_s >= TOLD_S)
		fprintf(out,
			"\n%s: of the transfers in these parts, %s were hidden behind computing, "
			"which the difference does not have (overlap_s).\n",
			s->strategy, time_text(s->overlap_s, t, sizeof(t)));
	if (s->wasted_bytes)
		fprintf(out, "\n%s: %s were moved ahead of calls and not used (wasted_bytes).\n",
			s->strategy, bytes_text((double)s->wasted_bytes, t, sizeof(t)));
}

/* Whether a part is a tenth of the difference, or more. */
static bool is_much(const struct sfe_summary *s, double part_s)
{
	return fabs(part_s) >= TOLD_S &&
	       fabs(part_s) >= 0.1 * fabs(s->net_delay_mean_s - s->predicted_net_delay_mean_s);
}

/* What the column "waiting" is made of. */
static void explain_waiting(const struct sfe_summary *s, FILE *out)
{
	char t[24];

	if (s->failed_attempts)
		fprintf(out,
			"\n%s: %" PRIu64
			" requests had no answer (attempts.csv lists them); waiting for answers "
			"and before retries makes %s of the difference.\n",
			s->strategy, s->failed_attempts, time_text(s->retries_s, t, sizeof(t)));
	if (fabs(s->link_changes_s) >= TOLD_S)
		fprintf(out,
			"\n%s: links that were down, slower or later than at the start make %s of "
			"the difference (events.csv).\n",
			s->strategy, time_text(s->link_changes_s, t, sizeof(t)));
	if (s->drops > 0)
		fprintf(out, "\n%s: full queues dropped %.0f packets (links.csv says where).\n",
			s->strategy, s->drops);
	if (is_much(s, s->retransmissions_s))
		fprintf(out,
			"\n%s: packets that were lost and sent again make %s of the difference "
			"(retransmissions_s).\n",
			s->strategy, time_text(s->retransmissions_s, t, sizeof(t)));
	if (is_much(s, s->window_s))
		fprintf(out,
			"\n%s: packets that were not sent before acknowledgements had come make "
			"%s of the difference beyond TCP's start (window_s).\n",
			s->strategy, time_text(s->window_s, t, sizeof(t)));
	if (is_much(s, s->queue_waits_s))
		fprintf(out,
			"\n%s: packets that waited in queues longer than for fair shares make %s "
			"of the difference (queue_waits_s).\n",
			s->strategy, time_text(s->queue_waits_s, t, sizeof(t)));
	/* Without records all of them are 0: natively, and with the real clock. */
	if (is_much(s, s->unexplained_s) && s->retransmissions_s == 0 && s->window_s == 0 &&
		s->queue_waits_s == 0)
		fprintf(out,
			"\n%s: %s of the difference are unexplained. What packets wait for, after "
			"losses, for acknowledgements and in queues, is recorded only in guests "
			"with the virtual clock.\n",
			s->strategy, time_text(s->unexplained_s, t, sizeof(t)));
}

static void all_model(const struct sfe_summary *rows, unsigned n, FILE *out)
{
	int width = name_width(rows, n);

	fprintf(out, "%-*s %35s %83s %23s\n", width, "closed form",
		"network delay, mean of a job   ",
		"the difference is made of                          ", "processing      ");
	fprintf(out, "%-*s %11s %11s %11s %11s %11s %11s %11s %11s %11s %11s %11s %11s\n", width,
		"and measurement", "predicted", "measured", "difference", "propagation",
		"pipelining", "queueing", "TCP's start", "headers", "waiting", "unexplained",
		"predicted", "measured");
	for (unsigned i = 0; i < n; i++)
		model_row(&rows[i], width, out);
}

unsigned sfe_summary_model_table(
	const struct sfe_summary *rows, unsigned n, unsigned width, FILE *out)
{
	unsigned left_out = 0;

	if (!n)
		return 0;
	if (width && width < (unsigned)name_width(rows, n) + ALL_MODEL_WIDTH)
		left_out = fit_model(rows, n, width, out);
	else
		all_model(rows, n, out);
	for (unsigned i = 0; i < n; i++)
		explain_other_paths(&rows[i], out);
	for (unsigned i = 0; i < n; i++)
		explain_vain(&rows[i], out);
	for (unsigned i = 0; i < n; i++)
		explain_overlap(&rows[i], out);
	for (unsigned i = 0; i < n; i++)
		explain_waiting(&rows[i], out);
	return left_out;
}

/* SPDX-License-Identifier: MIT */
/* The result of a run in words, for a reader who does not know sfemu: which strategy is fastest, by
 * how much, and why. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "emu/measure/fidelity.h"
#include "emu/report/figures.h"
#include "emu/report/locality.h"

struct part {
	const char *name;
	double mean_s;
};

/* Writes HTML with a text in place of its one '%'. */
static void say(FILE *out, const char *html, const char *text)
{
	size_t before = strcspn(html, "%");

	fwrite(html, 1, before, out);
	sfe_html_text(text, out);
	fputs(html + before + 1, out);
}

static int largest_first(const void *a, const void *b)
{
	const struct part *x = a, *y = b;

	return x->mean_s < y->mean_s ? 1 : x->mean_s > y->mean_s ? -1 : 0;
}

#define N_PARTS 15u
/* The parts of row minus those of base (NULL: zero), largest first. */
static void parts_of(const struct sfe_report_strategy_row *row,
	const struct sfe_report_strategy_row *base, struct part parts[N_PARTS])
{
	static const struct sfe_report_strategy_row nothing;
	const struct sfe_report_strategy_row *b = base ? base : &nothing;
	const struct part all[N_PARTS] = {
		{"sending the bytes over the links", row->sending_s - b->sending_s},
		{"the links' delays", row->propagation_s - b->propagation_s},
		{"waiting behind other jobs' transfers", row->queueing_s - b->queueing_s},
		{"TCP's start (handshakes and slow start)", row->tcp_start_s - b->tcp_start_s},
		{"waiting for answers that did not come, and before retries",
			row->retries_s - b->retries_s},
		{"links that were down, slower or later", row->link_changes_s - b->link_changes_s},
		{"packets that were lost and sent again",
			row->retransmissions_s - b->retransmissions_s},
		{"waiting for acknowledgements, beyond slow start", row->window_s - b->window_s},
		{"packets that wait in queues, beyond fair shares",
			row->queue_waits_s - b->queue_waits_s},
		{"headers and acknowledgements", row->headers_s - b->headers_s},
		{"waiting in nodes' queues and for cold starts", row->starting_s - b->starting_s},
		{"computing", row->processing_s - b->processing_s},
		{"running steps in vain, whose states others had changed", row->vain_s - b->vain_s},
		{"hiding fewer transfers behind computing", b->overlap_s - row->overlap_s},
		{"what the model does not explain", row->unexplained_s - b->unexplained_s},
	};

	memcpy(parts, all, sizeof(all));
	qsort(parts, N_PARTS, sizeof(*parts), largest_first);
}

/* Writes the largest parts, as "58 % is …, 40 % is …". */
static void say_parts(const struct part parts[N_PARTS], double whole, FILE *out)
{
	for (unsigned i = 0; i < 2; i++)
		if (!i || parts[i].mean_s > 0.15 * whole)
			fprintf(out, "%s%.0f %% is %s", i ? ", " : "",
				100 * parts[i].mean_s / whole, parts[i].name);
}

static void say_time(double s, FILE *out)
{
	char text[32];

	fputs(sfe_seconds_text(s, text, sizeof(text)), out);
}

/* Three significant digits: 1.96, 23.4, 812. */
static void say_times(double ratio, FILE *out)
{
	if (isfinite(ratio)) /* not to no time at all */
		fprintf(out, "%.*f times ", ratio < 10 ? 2 : ratio < 100 ? 1 : 0, ratio);
}

static void say_bytes(const struct sfe_report_strategy_row *best,
	const struct sfe_report_strategy_row *worst, FILE *out)
{
	double b = best->compared_bytes_hops, w = worst->compared_bytes_hops;

	if (!(b > 0) || !(w > 0))
		return;
	if (w > 1.005 * b) {
		fputs(" and moves ", out);
		say_times(w / b, out);
		fputs("fewer bytes", out);
	} else if (b > 1.005 * w) {
		fputs(", but moves ", out);
		say_times(b / w, out);
		fputs("more bytes", out);
	} else {
		fputs(" and moves as many bytes", out);
	}
}

/* Names the strategies that may be as fast: the confidence interval of the difference contains 0.
 */
static void say_close(
	const struct sfe_report_strategy_row *best, const struct sfe_rows *rows, FILE *out)
{
	const struct sfe_report_strategy_row *row = rows->row;
	unsigned n = 0;

	for (unsigned i = 0; i < rows->n; i++)
		if (&row[i] != best && row[i].compared_jobs &&
			!(row[i].later_mean_s - row[i].later_confidence_s > 0))
			say(out, n++ ? " or %" : "; whether it beats %", row[i].strategy);
	if (n)
		fputs(", these jobs do not tell", out);
}

static void say_winner(const struct sfe_report_strategy_row *best,
	const struct sfe_report_strategy_row *worst, const struct sfe_rows *rows, FILE *out)
{
	bool certain = worst->later_mean_s - worst->later_confidence_s > 0;
	struct part parts[N_PARTS];

	if (certain) {
		say(out, "<p class=\"headline\"><strong>%</strong> answers ", best->strategy);
		say_times(worst->compared_mean_s / best->compared_mean_s, out);
		say(out, "sooner than %", worst->strategy);
	} else {
		say(out,
			"<p class=\"headline\">No strategy wins for certain: <strong>%</strong> "
			"answers ",
			best->strategy);
		say_times(worst->compared_mean_s / best->compared_mean_s, out);
		say(out, "sooner than % (which may be chance)", worst->strategy);
	}
	say_bytes(best, worst, out);
	fputs(".</p>\n<p class=\"why\">A job takes ", out);
	say_time(best->compared_mean_s, out);
	fputs(" on average, against ", out);
	say_time(worst->compared_mean_s, out);
	say(out, " under % (", worst->strategy);
	fprintf(out, "%u jobs", best->compared_jobs);
	if (isfinite(worst->later_confidence_s)) {
		fputs("; the difference, ", out);
		say_time(worst->later_mean_s, out);
		fputs(", is known to ±", out);
		say_time(worst->later_confidence_s, out);
		fputs(" with 95 % confidence, paired by job", out);
	}
	fputc(')', out);
	say_close(best, rows, out);
	parts_of(worst, best, parts);
	fputs(". <strong>Why:</strong> of the difference ", out);
	say_parts(parts, worst->compared_mean_s - best->compared_mean_s, out);
	parts_of(worst, NULL, parts);
	say(out, ". Of %&rsquo;s whole time ", worst->strategy);
	say_parts(parts, worst->compared_mean_s, out);
	fputs(".</p>\n", out);
}

static void say_one(const struct sfe_report_strategy_row *row, FILE *out)
{
	struct part parts[N_PARTS];

	say(out, "<p class=\"headline\"><strong>%</strong> answers in ", row->strategy);
	say_time(row->response_mean_s, out);
	fputs(" on average", out);
	if (isfinite(row->response_confidence_s)) {
		fputs(" (±", out);
		say_time(row->response_confidence_s, out);
		fputs(" with 95 % confidence)", out);
	}
	fprintf(out, ".</p>\n<p class=\"why\">Only one strategy was run; %u of %u jobs were done.",
		row->done, row->jobs);
	if (row->compared_mean_s > 0) { /* no time at all has no parts */
		fputs(" Of the time ", out);
		parts_of(row, NULL, parts);
		say_parts(parts, row->compared_mean_s, out);
		fputc('.', out);
	}
	fputs("</p>\n", out);
}

static void say_state(const struct sfe_report_run *run, FILE *out)
{
	const char *state = sfe_report_fact(run, "state"), *why = sfe_report_fact(run, "why");

	if (!strcmp(state, "done"))
		return;
	fputs("<p class=\"alert\" role=\"status\"><strong>This run did not end well</strong> (",
		out);
	sfe_html_text(!strcmp(state, "running") ? "it was killed, or still runs" : state, out);
	fputs(*why ? "): " : ")", out);
	sfe_html_text(why, out);
	fputs(". The report shows what it left.</p>\n", out);
}

static void say_failures(const struct sfe_rows *rows, FILE *out)
{
	const struct sfe_report_strategy_row *row = rows->row;

	for (unsigned i = 0; i < rows->n; i++) {
		if (row[i].done >= row[i].jobs)
			continue;
		say(out, "<p class=\"alert\" role=\"status\">Under % ", row[i].strategy);
		fprintf(out,
			"<strong>%u of %u jobs were not done</strong>: see \"What failed\".</p>\n",
			row[i].jobs - row[i].done, row[i].jobs);
	}
}

static void say_fidelity(const struct sfe_rows *rows, FILE *out)
{
	const struct sfe_report_strategy_row *row = rows->row;

	for (unsigned i = 0; i < rows->n; i++) {
		const char *why = sfe_fidelity_why(row[i].fidelity);
		if (!why || !why[0])
			continue;
		say(out,
			sfe_fidelity_is_unknown(row[i].fidelity)
				? "<p class=\"alert\" role=\"status\"><strong>Nobody can vouch for "
				  "the figures of %</strong>: the machine was not watched to the "
				  "end: "
				: "<p class=\"alert\" role=\"status\"><strong>The figures of % are "
				  "not "
				  "valid</strong>: the machine could not keep up: ",
			row[i].strategy);
		sfe_html_text(why, out);
		fputs(".</p>\n", out);
	}
}

/* Manual changes are in no input file, so the run cannot be repeated. */
static void say_manual_changes(const struct sfe_report_run *run, FILE *out)
{
	const char *n = sfe_report_fact(run, "manual_changes");

	if (!*n) /* the key of earlier versions */
		n = sfe_report_fact(run, "changed_by_hand");
	if (*n && strcmp(n, "0"))
		say(out,
			"<p class=\"alert\" role=\"status\"><strong>Links were changed "
			"manually</strong> while the jobs ran (% directions of links): this run "
			"does not repeat from its scenario alone.</p>\n",
			n);
}

static void say_locality(const struct sfe_report_run *run, FILE *out)
{
	struct sfe_locality *l;
	unsigned n;

	/* What is missing is in the notes. */
	if (!run->jobs.whole || !run->invocations.whole || !run->transfers.whole)
		return;
	if (sfe_locality_of(run->jobs.row, run->jobs.n, run->invocations.row, run->invocations.n,
		    run->transfers.row, run->transfers.n, &l, &n)) {
		fputs("<p class=\"why\">How many jobs used the network is not known: out of "
		      "memory.</p>\n",
			out);
		return;
	}
	bool same = sfe_locality_same(l, n), none = false;
	for (unsigned i = 0; i < (same && n ? 1 : n); i++) {
		bool alert = !l[i].network_jobs;
		fputs(alert ? "<p class=\"alert\" role=\"status\">" : "<p class=\"why\">", out);
		say(out, "%: ", same ? n > 1 ? "Under each strategy" : "The jobs" : l[i].strategy);
		sfe_locality_say(&l[i], out);
		none |= alert;
		fputs(".</p>\n", out);
	}
	if (none)
		say(out,
			"<p class=\"why\">What such jobs take does not depend on strategy and "
			"links; %.</p>\n",
			sfe_locality_keys);
	free(l);
}

static void say_other_traffic(const struct sfe_report_run *run, FILE *out)
{
	const struct sfe_link_row *l = run->links.row;
	double bytes = 0;

	for (unsigned i = 0; i < run->links.n; i++)
		bytes += (double)l[i].other_bytes;
	if (bytes > 0)
		fprintf(out,
			"<p class=\"why\">Other traffic, as commands, programs and generated "
			"traffic make it, is counted apart: "
			"%.0f bytes on the wire, in no figure below.</p>\n",
			bytes);
}

static void say_unpredicted(const struct sfe_report_run *run, FILE *out)
{
	const char *text = sfe_report_fact(run, "unpredicted");

	if (*text)
		say(out, "<p class=\"why\">The closed form does not know all functions: %.</p>\n",
			text);
}

void sfe_report_headline(const struct sfe_report_run *run, const struct sfe_rows *rows, FILE *out)
{
	const struct sfe_report_strategy_row *row = rows->row, *best = NULL, *worst = NULL;
	unsigned done = 0;

	say_state(run, out);
	say_fidelity(rows, out);
	say_manual_changes(run, out);
	for (unsigned i = 0; i < rows->n; i++) {
		done += row[i].done;
		if (!row[i].compared_jobs)
			continue;
		if (!best || row[i].compared_mean_s < best->compared_mean_s)
			best = &row[i];
		if (!worst || row[i].compared_mean_s > worst->compared_mean_s)
			worst = &row[i];
	}
	if (!done)
		fputs("<p class=\"headline\">No job was done, so there is nothing to "
		      "compare.</p>\n",
			out);
	else if (!best)
		fputs("<p class=\"headline\">No job was done under every strategy, so they cannot "
		      "be "
		      "compared job by job.</p>\n",
			out);
	else if (best == worst && rows->n == 1)
		say_one(best, out);
	else if (best == worst || !(worst->compared_mean_s > best->compared_mean_s))
		fputs("<p class=\"headline\">All strategies answer equally soon.</p>\n", out);
	else
		say_winner(best, worst, rows, out);
	say_locality(run, out);
	say_other_traffic(run, out);
	say_unpredicted(run, out);
	say_failures(rows, out);
}

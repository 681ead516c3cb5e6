/* SPDX-License-Identifier: MIT */
/* The page of a sweep: what can be said of it, its figures, its cells. */
#include <string.h>

#include "emu/report/page_frame.h"
#include "emu/report/report.h"
#include "emu/security/beneath.h"
#include "emu/sweep_report/sweep_json.h"
#include "emu/sweep_report/sweep_report.h"

#define SHOWN_ANSWERS 12u /* others can be opened */
#define SHOWN_CELLS 200u

bool sfe_is_sweep(int dir)
{
	return sfe_beneath_exists(dir, SFE_SWEPT_FILE) > 0 &&
	       sfe_beneath_exists(dir, "manifest.json") <= 0;
}

static const char *fact(const struct sfe_swept_figures *f, const char *key)
{
	struct json_object *o = NULL;
	const char *text = NULL;

	if (json_object_is_type(f->manifest, json_type_object) &&
		json_object_object_get_ex(f->manifest, key, &o))
		text = json_object_get_string(o);
	return text ? text : "";
}

static void write_fact(const char *name, const char *value, FILE *out)
{
	if (!*value)
		return;
	fputs("<div><dt>", out);
	sfe_html_text(name, out);
	fputs("</dt><dd>", out);
	sfe_html_text(value, out);
	fputs("</dd></div>\n", out);
}

static bool is_answer(const struct sfe_answer_row *a, const char *by)
{
	return by ? !strcmp(a->by, by)
		  : strcmp(a->by, "chain") != 0 && strcmp(a->by, "states") != 0;
}

/* A sentence; no line ends between a number and its unit. */
static void write_sentence(char *text, FILE *out)
{
	char *from = text;

	for (size_t i = 0; text[i]; i++) {
		if (!sfe_unit_follows(text, i))
			continue;
		text[i] = 0;
		sfe_html_text(from, out);
		fputs("&#160;", out);
		from = text + i + 1;
	}
	sfe_html_text(from, out);
}

static void write_answer(const struct sfe_answer_row *a, FILE *out)
{
	char head[sizeof(a->text)], strong[sizeof(a->text)], tail[sizeof(a->text)];

	snprintf(head, sizeof(head), "%.*s", (int)a->strong_from, a->text);
	snprintf(strong, sizeof(strong), "%.*s", (int)(a->strong_to - a->strong_from),
		a->text + a->strong_from);
	snprintf(tail, sizeof(tail), "%s", a->text + a->strong_to);
	sfe_html_text(head, out);
	if (strong[0]) {
		fputs("<strong>", out);
		write_sentence(strong, out);
		fputs("</strong>", out);
	}
	write_sentence(tail, out);
}

/* The answers of a kind as a list; by NULL: those along the axes of the grid. note: HTML beneath
 * the heading. */
static void write_answers(const struct sfe_swept_figures *f, const char *by, const char *heading,
	const char *note, FILE *out)
{
	const struct sfe_answer_row *a = f->answers.row;
	unsigned n = 0, shown = 0;

	for (unsigned i = 0; i < f->answers.n; i++)
		n += is_answer(&a[i], by);
	if (!n)
		return;
	fprintf(out, "<h3>%s</h3>\n%s<ul class=\"answers\">\n", heading, note);
	for (unsigned i = 0; i < f->answers.n; i++) {
		if (!is_answer(&a[i], by))
			continue;
		if (shown++ == SHOWN_ANSWERS)
			fprintf(out,
				"</ul><details><summary>%u more</summary>\n<ul "
				"class=\"answers\">\n",
				n - SHOWN_ANSWERS);
		fprintf(out, "<li class=\"%s\"", a[i].state);
		if (a[i].strategy[0]) {
			fputs(" data-pair=\"", out);
			sfe_html_text(a[i].strategy[0], out);
			fputs(" and ", out);
			sfe_html_text(a[i].strategy[1], out);
			fputs("\"", out);
		}
		fputs(">", out);
		write_answer(&a[i], out);
		fputs("</li>\n", out);
	}
	fputs(n > SHOWN_ANSWERS ? "</ul></details>\n" : "</ul>\n", out);
}

static void write_population(const struct sfe_swept_figures *f, FILE *out)
{
	const struct sfe_swept *s = &f->sweep;
	const struct sfe_point_row *p = f->points.row;
	uint64_t jobs = 0, done = 0;
	uint32_t seeds = sfe_swept_seeds(s)->n;

	for (unsigned i = 0; i < f->points.n; i++)
		if (!strcmp(p[i].by, "sweep")) {
			jobs += p[i].p.jobs;
			done += p[i].p.done;
		}
	fprintf(out,
		"<p class=\"why\" id=\"population\">%u of %u cells are done: %u combination%s of "
		"the grid's values, %u strateg%s, %u seed%s. %llu of their %llu jobs were done; "
		"response times and payloads are of these. ",
		sfe_swept_count(s, SFE_SWEPT_DONE), s->n_cells, sfe_swept_combinations(s),
		sfe_swept_combinations(s) == 1 ? "" : "s", sfe_swept_strategies(s)->n,
		sfe_swept_strategies(s)->n == 1 ? "y" : "ies", seeds, seeds == 1 ? "" : "s",
		(unsigned long long)done, (unsigned long long)jobs);
	fputs(seeds > 1 ? "A value is the mean over the seeds, and an interval is Student's t over "
			  "them (95&#160;%). "
			: "There is one seed: intervals of mean response time and payload are over "
			  "its jobs (Student's t, 95&#160;%), and the other figures have none. ",
		out);
	fputs("Two strategies are compared seed by seed, over the jobs that both have done. "
	      "<em>Beats</em> means: the mean response time is shorter, and the interval of the "
	      "paired differences does not contain 0. Each interval stands for itself: of many, "
	      "one in twenty misses.</p>\n",
		out);
}

static void write_alerts(const struct sfe_swept_figures *f, FILE *out)
{
	const struct sfe_swept *s = &f->sweep;
	uint32_t failed = sfe_swept_count(s, SFE_SWEPT_FAILED);
	uint32_t waiting = sfe_swept_count(s, SFE_SWEPT_WAITING);
	uint32_t unreadable = sfe_swept_count(s, SFE_SWEPT_UNREADABLE);
	const struct sfe_swept_note *note = f->notes.row;

	if (failed + waiting + unreadable)
		fprintf(out,
			"<p class=\"alert\" role=\"status\"><strong>%u of %u cells are missing."
			"</strong> Not run: %u, failed: %u, unreadable: %u. <a "
			"href=\"#missing\">Which ones</a>. All figures are of the cells that are "
			"there.</p>\n",
			failed + waiting + unreadable, s->n_cells, waiting, failed, unreadable);
	if (f->reading.not_valid)
		fprintf(out,
			"<p class=\"alert\" role=\"status\"><strong>The figures of %u cells are "
			"not valid:</strong> the machine could not keep up with the real clock, or "
			"was not watched to the end. They are in all figures.</p>\n",
			f->reading.not_valid);
	for (unsigned i = 0; i < f->notes.n; i++) {
		fputs("<p class=\"alert\" role=\"status\">", out);
		sfe_html_text(note[i].text, out);
		fputs("</p>\n", out);
	}
}

static void write_missing(const struct sfe_swept *s, FILE *out)
{
	uint32_t missing = s->n_cells - sfe_swept_count(s, SFE_SWEPT_DONE), shown = 0;

	if (!missing)
		return;
	fprintf(out, "<h3 id=\"missing\">Cells that are missing: %u</h3>\n", missing);
	fputs("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Cells that are "
	      "missing\"><table><thead><tr>",
		out);
	for (unsigned a = 0; a < s->n_axes; a++) {
		fputs("<th scope=\"col\">", out);
		sfe_html_text(s->axis[a].name, out);
		fputs("</th>", out);
	}
	fputs("<th scope=\"col\">state</th><th scope=\"col\">reason</th></tr></thead><tbody>\n",
		out);
	for (uint32_t i = 0; i < s->n_cells && shown < SHOWN_CELLS; i++) {
		if (s->cell[i].state == SFE_SWEPT_DONE)
			continue;
		shown++;
		fputs("<tr>", out);
		for (unsigned a = 0; a < s->n_axes; a++) {
			fputs("<td>", out);
			sfe_html_text(s->axis[a].label[sfe_swept_value(s, i, a)], out);
			fputs("</td>", out);
		}
		fprintf(out, "<td>%s</td><td class=\"text\">", sfe_swept_state_word(&s->cell[i]));
		sfe_html_text(sfe_swept_why(&s->cell[i]), out);
		fputs("</td></tr>\n", out);
	}
	fputs("</tbody></table></div>\n", out);
	if (shown < missing)
		fprintf(out, "<p>%u more are in cells.csv.</p>\n", missing - shown);
}

static void write_facts(const struct sfe_swept_figures *f, FILE *out)
{
	const struct sfe_swept *s = &f->sweep;

	fputs("<h3>What was run</h3>\n<dl class=\"facts\">\n", out);
	for (unsigned a = 0; a < s->n_axes; a++) {
		char values[400] = "";
		size_t used = 0;
		for (uint32_t v = 0; v < s->axis[a].n && used < sizeof(values); v++)
			used += (size_t)snprintf(values + used, sizeof(values) - used, "%s%s",
				v ? ", " : "", s->axis[a].label[v]);
		if (used >= sizeof(values))
			snprintf(values, sizeof(values), "%u values, %.100s to %.100s",
				s->axis[a].n, s->axis[a].label[0],
				s->axis[a].label[s->axis[a].n - 1]);
		write_fact(s->axis[a].name, values, out);
	}
	write_fact("Substrate", fact(f, "substrate"), out);
	write_fact("Clock", fact(f, "clock"), out);
	write_fact("sfemu", fact(f, "sfemu"), out);
	fputs("</dl>\n<p>Each cell's folder has its scenario and all its results.</p>\n", out);
}

static int write_data(const void *figures, FILE *out)
{
	const struct sfe_swept_figures *f = figures;

	fputc('{', out);
	sfe_sweep_json_head(f, out);
	sfe_page_rows("points", &f->points, out);
	sfe_page_rows("pairs", &f->pairs, out);
	fputc('}', out);
	return 0;
}

static int write_page(const void *figures, FILE *out)
{
	const struct sfe_swept_figures *f = figures;
	const char *name = *fact(f, "scenario") ? fact(f, "scenario") : "Sweep";

	sfe_page_begin(name, name, out);
	fputs("<section class=\"run\" aria-labelledby=\"name-0\">\n<h2 id=\"name-0\">What came of "
	      "it</h2>\n",
		out);
	write_alerts(f, out);
	fputs("<form class=\"choices\" id=\"pair\"></form>\n", out);
	write_answers(f, "chain", "From how many steps on is a strategy faster?",
		"<p class=\"note\">Steps: how many invocations a job has, its chain length.</p>\n",
		out);
	write_answers(f, "states", "From which size of states on?",
		"<p class=\"note\">Size: the bytes of all states of a job.</p>\n", out);
	write_answers(f, NULL, "Along the axes of the grid", "", out);
	write_population(f, out);
	fputs("<h2>Figures</h2>\n<form class=\"choices\" id=\"choices\"></form>\n"
	      "<h3>Against the baseline</h3>\n<div class=\"figures\" id=\"compared\" "
	      "data-part=\"details\"></div>\n"
	      "<h3>Values of each strategy</h3>\n<p class=\"note\">These bands are of each "
	      "strategy "
	      "by itself. Whether two of them overlap decides nothing: the same jobs ran under "
	      "both, and their differences are above.</p>\n"
	      "<div class=\"figures\" id=\"values\" data-part=\"details\"></div>\n",
		out);
	write_facts(f, out);
	write_missing(&f->sweep, out);
	fputs("</section>\n</main>\n", out);
	int r = sfe_page_data(write_data, f, out);
	sfe_page_end(sfe_report_sweep_scripts, out);
	return r;
}

int sfe_sweep_page(const struct sfe_swept_figures *f, const char *file, struct sfe_error *err)
{
	return file ? sfe_page_write_to(file, write_page, f, err)
		    : sfe_page_write_in(f->reading.dir, SFE_REPORT_FILE, write_page, f, err);
}

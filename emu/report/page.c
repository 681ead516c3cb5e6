/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "emu/measure/fidelity.h"
#include "emu/report/figures.h"
#include "emu/report/page_frame.h"
#include "emu/report/report.h"
#include "emu/report/run_read.h"
#include "emu/report/shown_jobs.h"

/* More rows of links.csv are left out of the page unless they counted something. */
#define MOST_LINKS 4096u

struct page {
	struct sfe_report_run *run;
	unsigned n;
};

static int write_figure(const char *name,
	int (*make)(const struct sfe_report_run *, struct sfe_rows *),
	const struct sfe_report_run *run, FILE *out)
{
	struct sfe_rows rows;
	int r = make(run, &rows);

	if (!r)
		sfe_page_rows(name, &rows, out);
	sfe_rows_free(&rows);
	return r;
}

/* Of a large network only the links that carried something: most of them did not. */
static int write_links(const struct sfe_report_run *run, FILE *out)
{
	const struct sfe_link_row *row = run->links.row;
	struct sfe_rows used = {.table = run->links.table, .whole = run->links.whole};
	int r = 0;

	if (run->links.n <= MOST_LINKS) {
		sfe_page_rows("links", &run->links, out);
		return 0;
	}
	for (unsigned i = 0; i < run->links.n && !r; i++) {
		struct sfe_link_row *copy = row[i].packets ? sfe_rows_add(&used) : NULL;
		if (copy)
			*copy = row[i];
		r = row[i].packets && !copy ? -ENOMEM : 0;
	}
	if (!r)
		sfe_page_rows("links", &used, out);
	free(used.row);
	return r;
}

static int write_data(const struct sfe_report_run *run, FILE *out)
{
	static const struct {
		const char *name;
		int (*make)(const struct sfe_report_run *, struct sfe_rows *);
	} figures[] = {
		{"strategies", sfe_report_compare},
		{"groups", sfe_report_groups},
		{"nodes", sfe_report_nodes},
		{"load", sfe_report_load},
		{"vertices", sfe_report_vertices},
		{"cables", sfe_report_cables},
		{"shared", sfe_report_shared},
		{"timelines", sfe_report_timelines},
	};
	int r = 0;

	fputs("{\"label\": ", out);
	sfe_json_text(run->label, out);
	r = write_figure("jobs", sfe_report_shown_jobs, run, out);
	if (r)
		return r;
	sfe_page_rows("summary", &run->summary, out);
	r = write_links(run, out);
	sfe_page_rows("captures", &run->captures, out);
	sfe_page_rows("events", &run->events, out);
	sfe_page_rows("attempts", &run->attempts, out);
	for (size_t i = 0; i < sizeof(figures) / sizeof(figures[0]) && !r; i++)
		r = write_figure(figures[i].name, figures[i].make, run, out);
	fputs("}", out);
	return r;
}

static int write_all_data(const void *page, FILE *out)
{
	const struct page *p = page;
	int r = 0;

	fputc('[', out);
	for (unsigned i = 0; i < p->n && !r; i++) {
		fputs(i ? ",\n" : "\n", out);
		r = write_data(&p->run[i], out);
	}
	fputs("]", out);
	return r;
}

static void write_fact(const char *name, const char *value, FILE *out)
{
	if (!*value)
		return;
	fprintf(out, "<div><dt>%s</dt><dd>", name);
	sfe_html_text(value, out);
	fputs("</dd></div>\n", out);
}

static const char *fact_of(const struct sfe_report_run *run, const char *object, const char *key)
{
	struct json_object *o = NULL, *value = NULL;

	if (!json_object_object_get_ex(run->manifest, object, &o) ||
		!json_object_object_get_ex(o, key, &value))
		return "";
	const char *text = json_object_get_string(value);
	return text ? text : "";
}

static const char *fidelity(const struct sfe_report_run *run)
{
	const struct sfe_summary *s = run->summary.row;
	bool unknown = false;

	for (unsigned i = 0; i < run->summary.n; i++) {
		if (sfe_fidelity_is_unknown(s[i].fidelity))
			unknown = true;
		else if (sfe_fidelity_why(s[i].fidelity))
			return "degraded: the machine could not keep up, figures are not valid";
	}
	if (unknown)
		return "unknown: the machine was not watched to the end, nobody can vouch for the "
		       "figures";
	return !run->summary.n                     ? "not known: there is no summary"
	       : !strcmp(s[0].fidelity, "virtual") ? "exact by construction: the virtual clock "
						     "does not depend on the machine's speed"
						   : "ok: the machine kept up with the real clock";
}

static void write_facts(const struct sfe_report_run *run, FILE *out)
{
	char network[160];

	fputs("<dl class=\"facts\">\n", out);
	write_fact("Scenario", sfe_report_fact(run, "scenario"), out);
	write_fact("Fidelity", fidelity(run), out);
	write_fact("Substrate", sfe_report_fact(run, "substrate"), out);
	write_fact("Clock", sfe_report_fact(run, "clock"), out);
	snprintf(network, sizeof(network), "%.20s nodes, %.20s links, %.20s junctions",
		fact_of(run, "network", "nodes"), fact_of(run, "network", "links"),
		fact_of(run, "network", "junctions"));
	write_fact("Network", network, out);
	write_fact("Jobs a strategy", sfe_report_fact(run, "jobs"), out);
	write_fact("Placement", sfe_report_fact(run, "placement"), out);
	write_fact("Congestion control", fact_of(run, "tcp", "congestion"), out);
	write_fact("Seed", sfe_report_fact(run, "seed"), out);
	write_fact("sfemu", sfe_report_fact(run, "sfemu"), out);
	write_fact("Built from commit", fact_of(run, "program", "commit"), out);
	fputs("</dl>\n", out);
	if (run->scenario_text) {
		fputs("<details><summary>Every parameter (scenario.yaml)</summary><pre "
		      "tabindex=\"0\">",
			out);
		sfe_html_text(run->scenario_text, out);
		fputs("</pre></details>\n", out);
	}
}

static void write_notes(const struct sfe_report_run *run, FILE *out)
{
	const struct sfe_report_note *note = run->notes.row;

	if (!run->notes.n)
		return;
	fputs("<div class=\"alert\" role=\"status\"><p><strong>Not all of the folder could be "
	      "read.</strong> What could be is shown.</p><ul>",
		out);
	for (unsigned i = 0; i < run->notes.n; i++) {
		fputs("<li>", out);
		sfe_html_text(note[i].text, out);
		fputs("</li>", out);
	}
	fputs("</ul></div>\n", out);
}

static int write_run(const struct page *p, unsigned i, FILE *out)
{
	struct sfe_rows rows;
	int r = sfe_report_compare(&p->run[i], &rows);

	if (!r) {
		fprintf(out, "<section class=\"run\" id=\"run-%u\" aria-labelledby=\"name-%u\">\n",
			i, i);
		fprintf(out, "<h2 id=\"name-%u\">", i);
		sfe_html_text(p->n > 1 ? p->run[i].label : "What came of it", out);
		fputs("</h2>\n", out);
		sfe_report_headline(&p->run[i], &rows, out);
		write_notes(&p->run[i], out);
		fprintf(out, "<div class=\"figures\" data-run=\"%u\" data-part=\"result\"></div>\n",
			i);
		fputs("<h3>What was run</h3>\n", out);
		write_facts(&p->run[i], out);
		fprintf(out,
			"<div class=\"figures\" data-run=\"%u\" "
			"data-part=\"details\"></div>\n</section>\n",
			i);
	}
	sfe_rows_free(&rows);
	return r;
}

static int write_page(const void *page, FILE *out)
{
	const struct page *p = page;
	const char *name = sfe_report_fact(p->run, "scenario");
	char heading[64];

	snprintf(heading, sizeof(heading), "%u runs compared", p->n);
	sfe_page_begin(p->n > 1 ? "Runs compared" : name, p->n > 1 ? heading : name, out);
	if (p->n > 1)
		fputs("<section id=\"comparison\" aria-labelledby=\"name-all\"><h2 "
		      "id=\"name-all\">Side by "
		      "side</h2><div class=\"figures\" data-part=\"comparison\"></div>\n",
			out);
	int r = p->n > 1 ? sfe_report_differences(p->run, p->n, out) : 0;
	if (p->n > 1)
		fputs("</section>\n", out);
	for (unsigned i = 0; i < p->n && !r; i++)
		r = write_run(p, i, out);
	fputs("</main>\n", out);
	if (!r)
		r = sfe_page_data(write_all_data, p, out);
	sfe_page_end(sfe_report_scripts, out);
	return r;
}

/* The labels of runs must differ: figures distinguish runs by them. */
static int check_label(
	struct page *p, unsigned i, const char *const *folders, struct sfe_error *err)
{
	for (unsigned k = 0; k < i; k++) {
		if (!strcmp(folders[k], folders[i]))
			return sfe_fail(
				err, -EINVAL, folders[i], "name it once", "it is named twice");
		if (strcmp(p->run[k].label, p->run[i].label))
			continue;
		snprintf(p->run[k].label, SFE_REPORT_LABEL, "%s", folders[k]);
		snprintf(p->run[i].label, SFE_REPORT_LABEL, "%s", folders[i]);
	}
	return 0;
}

static int read_runs(struct page *p, const char *const *folders, const int *dirs, unsigned n,
	struct sfe_error *err)
{
	uint64_t room = SFE_REPORT_MAX_ROW_BYTES;
	int r = 0;

	p->run = calloc(n, sizeof(*p->run));
	if (!p->run)
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	while (!r && p->n < n) {
		r = sfe_report_run_read(dirs[p->n], folders[p->n], &room, &p->run[p->n], err);
		if (n == 1) /* the bytes must not depend on the folder's name */
			p->run[p->n].label[0] = 0;
		if (!r)
			r = check_label(p, p->n, folders, err);
		p->n++;
	}
	return r;
}

static void free_page(struct page *p)
{
	for (unsigned i = 0; i < p->n; i++)
		sfe_report_run_free(&p->run[i]);
	free(p->run);
}

int sfe_report_write(
	const char *const *folders, unsigned n, const char *file, struct sfe_error *err)
{
	struct page p = {0};
	int dirs[SFE_REPORT_MAX_FOLDERS], r = 0;
	unsigned opened = 0;

	for (; opened < n && !r; opened++) {
		dirs[opened] = open(folders[opened], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (dirs[opened] < 0)
			r = sfe_fail(err, -errno, folders[opened],
				"name a folder that `sfemu run` has made", "cannot read it: %s",
				strerror(errno));
	}
	r = r ? r : read_runs(&p, folders, dirs, n, err);
	r = r ? r : sfe_page_write_to(file, write_page, &p, err);
	free_page(&p);
	while (opened--)
		if (dirs[opened] >= 0)
			close(dirs[opened]);
	return r;
}

int sfe_report_write_in(int dir, const char *folder, struct sfe_error *err)
{
	struct page p = {0};
	int r = read_runs(&p, &folder, &dir, 1, err);

	r = r ? r : sfe_page_write_in(dir, SFE_REPORT_FILE, write_page, &p, err);
	free_page(&p);
	return r;
}

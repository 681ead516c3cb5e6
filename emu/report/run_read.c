/* SPDX-License-Identifier: MIT */
#include "emu/report/run_read.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "emu/model/base/encoding.h"
#include "emu/report/shown_jobs.h"
#include "emu/report/strategies.h"
#include "emu/results/read_limits.h"
#include "emu/results/results_read.h"
#include "emu/results/results_topology.h"
#include "emu/security/folder.h"

static const struct sfe_column note_columns[] = {
	SFE_COLUMN(struct sfe_report_note, text, SFE_CELL_TEXT, "", "what the report goes without"),
};
SFE_REPORT_TABLE(
	notes_table, "notes.csv", "what could not be read", note_columns, struct sfe_report_note);

__attribute__((format(printf, 2, 3))) static void note(
	struct sfe_report_run *run, const char *fmt, ...)
{
	struct sfe_report_note *n = sfe_rows_add(&run->notes);
	va_list ap;

	if (!n)
		return;
	va_start(ap, fmt);
	vsnprintf(n->text, sizeof(n->text), fmt, ap);
	va_end(ap);
}

static int read_manifest(
	int dir, const char *folder, struct sfe_report_run *run, struct sfe_error *err)
{
	struct sfe_error cause = {0};
	char *text;
	size_t len;
	int r = sfe_folder_load(
		dir, "manifest.json", sfe_results_limit("manifest.json"), &text, &len, &cause);

	if (r == -ENOENT)
		return sfe_fail(err, r, folder, "name a folder that `sfemu run` has made",
			"not a results folder: there is no manifest.json in it");
	if (r)
		return sfe_fail(err, r == -ENOMEM ? r : -EINVAL, folder,
			"name a folder that `sfemu run` has made", "manifest.json: %s", cause.what);
	if (!(r = sfe_encoding_check(text, len, "manifest.json", &cause)))
		run->manifest = json_tokener_parse(text + sfe_encoding_mark(text, len));
	free(text);
	if (r)
		return sfe_fail(err, r, folder, cause.todo, "manifest.json: %s", cause.what);
	if (!json_object_is_type(run->manifest, json_type_object))
		return sfe_fail(err, -EINVAL, folder, "name a folder that `sfemu run` has made",
			"its manifest.json is not a JSON object");
	return 0;
}

static void read_table(int dir, const struct sfe_table *table, struct sfe_rows *rows, bool wanted,
	struct sfe_report_run *run, uint64_t *room)
{
	struct sfe_error err = {0};
	char text[1100], why[900] = "";

	*rows = (struct sfe_rows){.table = table};
	int r = sfe_results_read_rest(
		dir, table, room, &rows->row, &rows->n, why, sizeof(why), &err);
	rows->room = rows->n;
	rows->whole = !r && !why[0];
	if (r == -ENOENT) {
		if (wanted)
			note(run, "There is no %s: what is drawn from it is left out.",
				table->file);
		return;
	}
	if (r)
		note(run, "%s; what is drawn from it is left out.",
			sfe_error_text(&err, text, sizeof(text)));
	else if (why[0])
		note(run, "%s: %s.", table->file, why);
}

/* Whether the topology may have too many cables, counted once for each strategy. */
static bool too_large(const struct sfe_report_run *run)
{
	struct sfe_report_strategies s;

	sfe_report_strategies_of(run, &s);
	return ((uint64_t)run->topology->n_edges + run->topology->n_links) * (s.n ? s.n : 1) >
	       SFE_REPORT_MAX_CABLES;
}

static int ascending(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/* Whether the paths to all receivers of transfers are few enough to be computed. */
static bool paths_fit(const struct sfe_report_run *run)
{
	const struct sfe_transfer_row *t = run->transfers.row;
	uint32_t n = run->transfers.n, *to = calloc((size_t)n + 1, sizeof(*to));
	uint64_t different = 0;

	if (!to)
		return false;
	for (uint32_t i = 0; i < n; i++)
		to[i] = sfe_vertex_find(run->topology, t[i].to);
	if (n)
		qsort(to, n, sizeof(*to), ascending);
	for (uint32_t i = 0; i < n; i++)
		different += to[i] != SFE_NONE && (!i || to[i] != to[i - 1]);
	free(to);
	return different * sfe_topology_vertices(run->topology) <= SFE_REPORT_MAX_PATHS;
}

/* Whether the paths of all transfers together are short enough to be followed. */
static bool crossings_fit(const struct sfe_report_run *run)
{
	const struct sfe_transfer_row *t = run->transfers.row;
	uint64_t n = 0;

	for (uint32_t i = 0; i < run->transfers.n; i++) {
		uint32_t at = sfe_vertex_find(run->topology, t[i].from);
		uint32_t to = sfe_vertex_find(run->topology, t[i].to);
		while (at != SFE_NONE && to != SFE_NONE && at != to) {
			at = sfe_routing_next(run->routing, at, to);
			if (++n > SFE_REPORT_MAX_CROSSINGS)
				return false;
		}
	}
	return true;
}

/* Computes the paths in the topology, unless they are more or longer than the limits. */
static int find_paths(struct sfe_report_run *run, struct sfe_error *err)
{
	bool fit = paths_fit(run);
	int r = fit ? sfe_routing_new(run->topology, SFE_PHYSICAL, &run->routing, err) : 0;

	if (r || (fit && crossings_fit(run)))
		return r;
	sfe_routing_free(run->routing);
	run->routing = NULL;
	note(run, "The load over time is left out: the paths of the transfers are more, or longer, "
		  "than a page can show.");
	return 0;
}

static void read_topology(int dir, struct sfe_report_run *run)
{
	struct sfe_error err = {0};
	char text[1100];

	int r = sfe_results_read_topology(dir, &run->topology, &err);
	if (!r && too_large(run))
		r = sfe_fail(&err, -EFBIG, NULL, NULL,
			"it has %u links and %u edges, more than a page can show",
			run->topology->n_links, run->topology->n_edges);
	r = r ? r : find_paths(run, &err);
	if (!r)
		return;
	note(run, "The topology is left out: %s.", sfe_error_text(&err, text, sizeof(text)));
	sfe_topology_free(run->topology);
	run->topology = NULL;
}

/* The folder's real name: the path to it may have links. */
static void name_run(const char *folder, struct sfe_report_run *run)
{
	char *path = realpath(folder, NULL);
	const char *slash = path ? strrchr(path, '/') : NULL;

	snprintf(run->label, sizeof(run->label), "%s", slash && slash[1] ? slash + 1 : folder);
	free(path);
}

int sfe_report_run_read(int dir, const char *folder, uint64_t *room, struct sfe_report_run *run,
	struct sfe_error *err)
{
	struct sfe_error cause;
	size_t len;

	*run = (struct sfe_report_run){.notes.table = &notes_table};
	name_run(folder, run);
	int r = read_manifest(dir, folder, run, err);
	if (r)
		return r;
	read_table(dir, &sfe_summary_csv, &run->summary, true, run, room);
	read_table(dir, &sfe_jobs_csv, &run->jobs, true, run, room);
	read_table(dir, &sfe_invocations_csv, &run->invocations, true, run, room);
	read_table(dir, &sfe_transfers_csv, &run->transfers, true, run, room);
	read_table(dir, &sfe_links_csv, &run->links, true, run, room);
	read_table(dir, &sfe_captures_csv, &run->captures, false, run, room);
	read_table(dir, &sfe_events_csv, &run->events, false, run, room);
	read_table(dir, &sfe_attempts_csv, &run->attempts, false, run, room);
	read_table(dir, &sfe_shared_csv, &run->shared, false, run, room);
	r = sfe_folder_load(dir, "scenario.yaml", sfe_results_limit("scenario.yaml"),
		&run->scenario_text, &len, &cause);
	if (r && r != -ENOENT)
		note(run, "scenario.yaml: it %s.", cause.what);
	size_t mark = r ? 0 : sfe_encoding_mark(run->scenario_text, len);
	if (mark)
		memmove(run->scenario_text, run->scenario_text + mark, len - mark + 1);
	read_topology(dir, run);
	if (run->jobs.n > SFE_REPORT_MOST_JOBS)
		note(run,
			"The figures of single jobs show about %u of %u rows of jobs.csv, drawn by "
			"the jobs' numbers; counts and means are of all.",
			SFE_REPORT_MOST_JOBS, run->jobs.n);
	return 0;
}

/* SPDX-License-Identifier: MIT */
#include "emu/report/run.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "emu/run/results.h"
#include "sfemu/scenario.h"

#define MAX_MANIFEST_BYTES (1u << 20)
#define MAX_SCENARIO_BYTES (16u << 20)

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

bool sfe_report_done(const struct sfe_job_row *job)
{
	return !strcmp(job->status, "done");
}

const char *sfe_report_fact(const struct sfe_report_run *run, const char *key)
{
	struct json_object *o = NULL;
	const char *text = NULL;

	if (json_object_object_get_ex(run->manifest, key, &o))
		text = json_object_get_string(o);
	return text ? text : "";
}

/* A whole file of the folder as a text; NULL and err where it cannot be read. */
static char *read_text(int dir, const char *name, size_t most, struct sfe_error *err)
{
	FILE *f = sfe_results_open(dir, name, "r", err);
	char *text = f ? malloc(most + 1) : NULL;
	size_t n = text ? fread(text, 1, most + 1, f) : 0;

	if (f && (!text || ferror(f) || n > most)) {
		sfe_fail(err, -EINVAL, name, NULL, "cannot read it, or it is longer than %zu bytes",
			most);
		free(text);
		text = NULL;
	}
	if (f)
		fclose(f);
	if (text)
		text[n] = 0;
	return text;
}

static int read_manifest(
	int dir, const char *folder, struct sfe_report_run *run, struct sfe_error *err)
{
	if (faccessat(dir, "manifest.json", F_OK, 0))
		return sfe_fail(err, -ENOENT, folder, "name a folder that `sfemu run` has made",
			"not a results folder: there is no manifest.json in it");
	char *text = read_text(dir, "manifest.json", MAX_MANIFEST_BYTES, err);
	if (!text)
		return err ? err->code : -EINVAL;
	run->manifest = json_tokener_parse(text);
	free(text);
	if (!json_object_is_type(run->manifest, json_type_object))
		return sfe_fail(err, -EINVAL, folder, "name a folder that `sfemu run` has made",
			"its manifest.json is not a JSON object");
	return 0;
}

static void read_table(int dir, const struct sfe_table *table, struct sfe_rows *rows, bool wanted,
	struct sfe_report_run *run)
{
	struct sfe_error err = {0};
	char text[1100], why[900];

	*rows = (struct sfe_rows){.table = table};
	if (faccessat(dir, table->file, F_OK, 0)) {
		if (wanted)
			note(run, "There is no %s: what is drawn from it is left out.",
				table->file);
		return;
	}
	FILE *f = sfe_results_open(dir, table->file, "r", &err);
	int r = f ? sfe_table_read_rest(table, f, &rows->row, &rows->n, why, sizeof(why), &err)
		  : err.code;
	rows->room = rows->n;
	if (f)
		fclose(f);
	if (r)
		note(run, "%s; what is drawn from it is left out.",
			sfe_error_text(&err, text, sizeof(text)));
	else if (why[0])
		note(run, "%s: %s.", table->file, why);
}

static void read_topology(const char *folder, struct sfe_report_run *run)
{
	struct sfe_scenario *scenario = NULL;
	struct sfe_error err = {0};
	char path[PATH_MAX], text[1100];

	snprintf(path, sizeof(path), "%s/scenario.yaml", folder);
	int r = sfe_scenario_read(path, NULL, 0, &scenario, &err);
	if (!r)
		r = sfe_scenario_topology(scenario, &run->topology, &err);
	if (!r)
		r = sfe_routing_new(run->topology, SFE_PHYSICAL, &run->routing, &err);
	if (r)
		note(run, "The topology is left out: %s.",
			sfe_error_text(&err, text, sizeof(text)));
	sfe_scenario_free(scenario);
}

/* The folder's own name, whatever way led there. */
static void name_run(const char *folder, struct sfe_report_run *run)
{
	char *path = realpath(folder, NULL);
	const char *slash = path ? strrchr(path, '/') : NULL;

	snprintf(run->label, sizeof(run->label), "%s", slash && slash[1] ? slash + 1 : folder);
	free(path);
}

int sfe_report_run_read(const char *folder, struct sfe_report_run *run, struct sfe_error *err)
{
	struct sfe_error ignored;

	*run = (struct sfe_report_run){.notes.table = &notes_table};
	name_run(folder, run);
	int dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return sfe_fail(err, -errno, folder, "name a folder that `sfemu run` has made",
			"cannot read it: %s", strerror(errno));
	int r = read_manifest(dir, folder, run, err);
	if (!r) {
		read_table(dir, &sfe_summary_csv, &run->summary, true, run);
		read_table(dir, &sfe_jobs_csv, &run->jobs, true, run);
		read_table(dir, &sfe_invocations_csv, &run->invocations, true, run);
		read_table(dir, &sfe_transfers_csv, &run->transfers, true, run);
		read_table(dir, &sfe_links_csv, &run->links, true, run);
		read_table(dir, &sfe_captures_csv, &run->captures, false, run);
		read_table(dir, &sfe_events_csv, &run->events, false, run);
		read_table(dir, &sfe_attempts_csv, &run->attempts, false, run);
		run->scenario_text = read_text(dir, "scenario.yaml", MAX_SCENARIO_BYTES, &ignored);
		read_topology(folder, run);
	}
	close(dir);
	return r;
}

void sfe_report_run_free(struct sfe_report_run *run)
{
	struct sfe_rows *rows[] = {&run->jobs, &run->invocations, &run->transfers, &run->links,
		&run->summary, &run->captures, &run->events, &run->attempts, &run->notes};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		free(rows[i]->row);
	free(run->scenario_text);
	sfe_routing_free(run->routing);
	sfe_topology_free(run->topology);
	json_object_put(run->manifest);
}

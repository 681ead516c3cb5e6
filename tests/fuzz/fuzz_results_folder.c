/* SPDX-License-Identifier: MIT */
/*
 * A results folder whose files are the input's parts: as a report, as a list of links, as what an
 * analysis compares with, beside itself as a difference, as one job, and as a sweep, one of whose
 * cells can be the folder itself ("."). The first byte says of which of them.
 */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "emu/analyze/reconcile.h"
#include "emu/experiment/experiment.h"
#include "emu/report/report.h"
#include "emu/results/diff/diff.h"
#include "emu/results/job/job_accesses.h"
#include "emu/results/job/job_kept.h"
#include "emu/results/job/job_print.h"
#include "emu/results/job/job_waits.h"
#include "emu/results/results_network.h"
#include "emu/results/summary.h"
#include "emu/results/table_columns.h"
#include "emu/sweep_report/sweep_report.h"
#include "tests/fuzz/fuzz.h"

static const char *const names[] = {"manifest.json", "scenario.yaml", "summary.csv", "jobs.csv",
	"invocations.csv", "transfers.csv", "links.csv", "events.csv", "attempts.csv",
	"captures.csv", "hosts", "topology/nodes", "topology/links", "topology/edges", "starts.csv",
	"states.csv", "inputs/batch_task.csv", "cells.csv", "choices.csv", "regret.csv"};
#define A_SWEEP 255
#define N_NAMES (sizeof(names) / sizeof(names[0]))

static char folder[] = "/dev/shm/sfe-fuzz-results-XXXXXX";
static int dir = -1;

static void remove_folder(void)
{
	for (size_t i = 0; i < N_NAMES; i++)
		unlinkat(dir, names[i], 0);
	unlinkat(dir, "report.html", 0);
	unlinkat(dir, "topology", AT_REMOVEDIR);
	unlinkat(dir, "inputs", AT_REMOVEDIR);
	rmdir(folder);
}

static void make_folder(void)
{
	CHECK(mkdtemp(folder));
	CHECK((dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) >= 0);
	CHECK(!mkdirat(dir, "topology", 0777) && !mkdirat(dir, "inputs", 0777));
	atexit(remove_folder);
}

static void put(const char *name, struct part p)
{
	if (!p.len) {
		unlinkat(dir, name, 0);
		return;
	}
	int fd = openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	CHECK(fd >= 0 && write(fd, p.at, p.len) == (ssize_t)p.len);
	close(fd);
}

static void read_summary(void)
{
	struct sfe_summary *rows;
	struct sfe_error err = {0};
	unsigned n;
	int rc = sfe_summary_read(dir, &rows, &n, &err);

	if (rc) {
		check_error(&err, rc);
		return;
	}
	FILE *out = fopen("/dev/null", "we");
	CHECK(out);
	sfe_summary_table(rows, n, 80, out);
	sfe_summary_model_table(rows, n, 80, out);
	fclose(out);
	free(rows);
}

static void read_network(void)
{
	struct sfe_experiment *e = NULL;
	struct sfe_link_row *rows = NULL;
	struct sfe_error err = {0};
	unsigned n = 0;
	int rc = sfe_results_read_network(dir, NULL, 0, &e, &rows, &n, &err);

	if (rc)
		check_error(&err, rc);
	else
		CHECK(e->plan && e->link);
	sfe_experiment_free(e);
	free(rows);
}

static void read_records(void)
{
	struct sfe_analysis_options options = {0};
	struct sfe_analysis *x = NULL;
	struct sfe_records *records = NULL;
	struct sfe_reconcile_row *rows = NULL;
	struct sfe_error err = {0};
	size_t n = 0, differ = 0;
	int rc = sfe_records_read(dir, folder, &records, &err);

	if (rc) {
		check_error(&err, rc);
		return;
	}
	CHECK(!sfe_analysis_new(&options, &x, &err));
	CHECK(!sfe_reconcile(records, x, &rows, &n, &differ, &err) && differ <= n);
	free(rows);
	sfe_analysis_free(x);
	sfe_records_free(records);
}

static void write_report(void)
{
	struct sfe_error err = {0};
	int rc = sfe_report_write_in(dir, folder, &err);

	if (rc)
		check_error(&err, rc);
}

static void write_sweep(void)
{
	struct sfe_swept_figures f;
	struct sfe_error err = {0};
	int rc = sfe_swept_figures_read(dir, &f, &err);

	if (rc) {
		check_error(&err, rc);
	} else {
		FILE *out = fopen("/dev/null", "we");
		CHECK(out && f.sweep.n_cells);
		CHECK(!sfe_sweep_page(&f, NULL, &err));
		sfe_sweep_json(&f, out);
		sfe_sweep_text(&f, 80, out);
		fclose(out);
	}
	sfe_swept_figures_free(&f);
}

static void compare(void)
{
	struct sfe_diff c;
	struct sfe_error err = {0};
	int rc = sfe_diff_folders(folder, folder, &c, &err);

	if (rc)
		check_error(&err, rc);
	else
		CHECK(!c.n_differences);
	sfe_diff_free(&c);
}

static void read_job(void)
{
	struct sfe_job_record *j = NULL;
	struct sfe_error err = {0};
	int rc = sfe_job_record_read(dir, 3, NULL, &j, &err);

	if (rc) {
		check_error(&err, rc);
		return;
	}
	CHECK(j->n_outcomes && !sfe_job_waits(j, &err) && !sfe_job_accesses(dir, j, &err));
	int wrong = sfe_job_kept_check(dir, j, &err);
	CHECK(wrong >= 0 && (unsigned)wrong <= j->n_kept);
	FILE *out = fopen("/dev/null", "we");
	CHECK(out);
	sfe_job_print(j, 80, out);
	sfe_job_print_json(j, out);
	fclose(out);
	sfe_job_record_free(j);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const readers[])(void) = {
		write_report, read_network, read_records, read_summary, compare, read_job};

	if (!size)
		return 0;
	if (dir < 0)
		make_folder();
	struct part rest = {(const char *)data + 1, size - 1};
	for (size_t i = 0; i < N_NAMES; i++)
		put(names[i], next_part(&rest));
	if (data[0] == A_SWEEP)
		write_sweep();
	else
		readers[data[0] % (sizeof(readers) / sizeof(readers[0]))]();
	return 0;
}

/* SPDX-License-Identifier: MIT */
/* `sfemu sweep`: runs a grid of scenarios and writes one table. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "emu/cli/base/args.h"
#include "emu/cli/base/cli.h"
#include "emu/cli/base/terminal.h"
#include "emu/cli/base/verb.h"
#include "emu/guests/pool.h"
#include "emu/guests/run_strategies.h"
#include "emu/model/base/csv_json.h"
#include "emu/model/base/printable.h"
#include "emu/report/report.h"
#include "emu/results/table.h"
#include "emu/security/folder.h"
#include "emu/security/invoker.h"
#include "emu/sweep/sweep_cell.h"
#include "emu/sweep/sweep_engine.h"
#include "emu/sweep/sweep_read.h"
#include "emu/sweep_report/sweep_report.h"

#define MAX_JOBS 1024

struct arguments {
	const char *file, *output;
	const char **sets, **sbatch;
	unsigned n_sets, n_sbatch;
	uint64_t jobs, cell; /* jobs 0: not given */
	uint64_t memory_mb;  /* of guests at a time; 0: what is available */
	bool slurm, summary, fresh, list, one, quiet, unconfined;
	bool json, wide;
};

enum {
	OPT_OUTPUT = 256,
	OPT_MEMORY,
	OPT_SET,
	OPT_SUMMARY,
	OPT_FRESH,
	OPT_LIST,
	OPT_ENGINE,
	OPT_SBATCH,
	OPT_CELL,
	OPT_UNCONFINED,
	OPT_QUIET,
	OPT_JSON,
	OPT_WIDE
};

static int take_engine(struct arguments *a, const char *name)
{
	a->slurm = !strcmp(name, "slurm");
	if (a->slurm || !strcmp(name, "local"))
		return 0;
	return sfe_cli_usage("sweep", "--engine is local or slurm, not '%s'", name);
}

static int take_option(struct arguments *a, int option)
{
	switch (option) {
	case 'j':
		return sfe_arg_u64("-j", optarg, 1, MAX_JOBS, &a->jobs);
	case OPT_MEMORY:
		return sfe_arg_memory("--memory", optarg, &a->memory_mb);
	case OPT_OUTPUT:
		a->output = optarg;
		return 0;
	case OPT_SET:
		return sfe_arg_add(&a->sets, &a->n_sets, optarg);
	case OPT_SUMMARY:
		a->summary = true;
		return 0;
	case OPT_FRESH:
		a->fresh = true;
		return 0;
	case OPT_LIST:
		a->list = true;
		return 0;
	case OPT_ENGINE:
		return take_engine(a, optarg);
	case OPT_SBATCH:
		return sfe_arg_add(&a->sbatch, &a->n_sbatch, optarg);
	case OPT_CELL:
		a->one = true;
		return sfe_arg_u64("--cell", optarg, 0, SFE_SWEEP_MAX_CELLS - 1, &a->cell);
	case OPT_UNCONFINED:
		a->unconfined = true;
		return 0;
	case OPT_JSON:
		a->json = true;
		return 0;
	case OPT_WIDE:
		a->wide = true;
		return 0;
	case OPT_QUIET:
		a->quiet = true;
		return 0;
	default:
		return -EINVAL;
	}
}

static int cmd_sweep(int argc, char **argv);

static const struct sfe_option option_table[] = {
	{NULL, 'j', "N", SFE_WORD_ANY, 'j',
		"run N cells at a time (default: one per core; 1 on the real clock, where "
		"cells would disturb each other)"},
	{"memory", 0, "SIZE", SFE_WORD_ANY, OPT_MEMORY,
		"the memory that guests may use at a time (default: nine tenths of what is "
		"available now); the other cells wait. One runs however large it is"},
	{"output", 0, "FOLDER", SFE_WORD_FOLDER, OPT_OUTPUT,
		"where to write (default: results/sweep-NAME)"},
	{"set", 0, "KEY=VALUE", SFE_WORD_ANY, OPT_SET,
		"set a key of the scenario in every cell; may be repeated"},
	{"summary", 0, NULL, SFE_WORD_ANY, OPT_SUMMARY,
		"write a row for each combination, with means and 95 % confidence intervals "
		"over its seeds, as `rows: summary` in the file"},
	{"fresh", 0, NULL, SFE_WORD_ANY, OPT_FRESH, "run every cell again"},
	{"list", 0, NULL, SFE_WORD_ANY, OPT_LIST,
		"list the cells and which of them are done; run nothing"},
	{"engine", 0, "local|slurm", SFE_WORD_ONE_OF, OPT_ENGINE,
		"slurm: run as a job array, from a folder that all nodes share"},
	{"sbatch", 0, "OPTION", SFE_WORD_ANY, OPT_SBATCH,
		"an option for sbatch, such as --partition=long; may be repeated"},
	{"cell", 0, "N", SFE_WORD_ANY, OPT_CELL,
		"run only the N-th cell, from 0: what a task of the array does"},
	{"unconfined", 0, NULL, SFE_WORD_ANY, OPT_UNCONFINED, "as for `sfemu run`"},
	{"json", 0, NULL, SFE_WORD_ANY, OPT_JSON,
		"print the rows of sweep.csv as JSON; nothing else goes to the standard "
		"output"},
	{"wide", 0, NULL, SFE_WORD_ANY, OPT_WIDE,
		"print all columns, whatever the terminal's width"},
	{"quiet", 0, NULL, SFE_WORD_ANY, OPT_QUIET, "print no progress"},
	{0},
};
const struct sfe_verb sfe_verb_sweep = {
	.name = "sweep",
	.summary = "run a grid of scenarios and seeds side by side",
	.run = cmd_sweep,
	.usage = (const char *const[]){"[OPTIONS] SWEEP.yaml", NULL},
	.about = "Runs a base scenario with every combination of values, strategies and "
		 "seeds, each in a guest of its own, and writes one table, sweep.csv, and a page, "
		 "report.html (docs/scenario.md describes the file). The same command again "
		 "continues "
		 "where it was stopped: a finished cell is not run again as long as scenario, "
		 "inputs, guest kernel and sfemu are the same.",
	.options = option_table,
	.status = (const struct sfe_exit_status[]){{0, "done"},
		{1, "a cell failed twice (cells.csv has the reason), or all did"},
		{2, "bad input: nothing was run"}, {130, "interrupted"}, {0}},
	.notes = "--json prints {\"results\": FILE, \"rows\": [...]}. The keys of a row are the "
		 "columns "
		 "of sweep.csv: what varies, then those of summary.csv.",
	.examples = (const char *const[]){"sfemu sweep scenarios/sweep.yaml",
		"sfemu sweep --list scenarios/sweep.yaml", NULL},
	.files = "results/sweep-NAME/ holds sweep.csv, cells.csv, report.html and the results of "
		 "each "
		 "cell. The tables are written while cells run, so they are valid after an "
		 "interruption.",
	.operand = SFE_WORD_FILE,
};

/* 0: go on; 1: help was printed; negative: bad usage, after one line on stderr. */
static int parse(int argc, char **argv, struct arguments *a)
{
	int option;

	while ((option = sfe_verb_option(&sfe_verb_sweep, argc, argv)) != SFE_OPTION_END) {
		if (option == SFE_OPTION_HELP)
			return 1;
		if (take_option(a, option))
			return -EINVAL;
	}
	if (argc - optind != 1) {
		sfe_cli_usage("sweep", "takes one sweep file");
		return -EINVAL;
	}
	if (a->n_sbatch && !a->slurm) {
		sfe_cli_usage("sweep", "--sbatch needs --engine slurm");
		return -EINVAL;
	}
	a->file = argv[optind];
	return 0;
}

/* The default is one cell per core, and one at a time on the real clock: cells that share CPUs
 * would distort each other's figures. */
static int choose_jobs(const struct arguments *a, struct sfe_sweep_store *store, unsigned *jobs,
	struct sfe_error *err)
{
	bool real = false;

	*jobs = a->jobs ? (unsigned)a->jobs : sfe_pool_cores();
	for (uint32_t i = 0; i < store->sweep->n_cells; i++) {
		const struct sfe_sweep_substrate *x;
		int r = sfe_sweep_cell_substrate(store, i, &x, err);
		if (r)
			return r;
		real |= x->choice.clock == SFE_CLOCK_REAL;
	}
	if (real && !a->jobs)
		*jobs = 1;
	else if (real && *jobs > 1)
		fprintf(stderr,
			"sfemu: note: cells on the real clock disturb each other; use -j 1 for "
			"valid figures\n");
	return 0;
}

static int list_cells(struct sfe_sweep_store *store)
{
	struct sfe_error err = {0};
	struct sfe_sweep_run run;
	char label[4096];
	int r = sfe_sweep_run_begin(store, false, true, &run, &err);

	for (uint32_t i = 0; i < store->sweep->n_cells && !r; i++)
		printf("%6u  %-7s  %s\n", i,
			run.cell[i].state == SFE_SWEEP_DONE ? "done" : "waiting",
			sfe_sweep_label(store->sweep, i, label, sizeof(label)));
	if (!r)
		printf("%u cells, %u done\n", store->sweep->n_cells, run.reused);
	sfe_sweep_run_end(&run);
	return r ? sfe_cli_error(&err, SFE_EXIT_FAILED) : 0;
}

/* --cell: runs one cell, as a task of a job array does. */
static int run_one(const struct arguments *a, struct sfe_sweep_store *store)
{
	struct sfe_error err = {0};
	bool done = false;
	int status;
	pid_t pid;

	if (a->cell >= store->sweep->n_cells)
		return sfe_cli_usage("sweep", "--cell %llu: there are only %u cells",
			(unsigned long long)a->cell, store->sweep->n_cells);
	uint32_t cell = (uint32_t)a->cell;
	int r = a->fresh ? 0 : sfe_sweep_cell_done(store, cell, &done, &err);
	if (!r && done)
		return 0;
	if (!r)
		r = sfe_sweep_cell_start(store, cell, -1, &pid, &err);
	if (!r) {
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
		r = sfe_sweep_cell_finish(store, cell, status, &err);
	}
	return r ? sfe_cli_error(&err, r == -EINVAL ? SFE_EXIT_USAGE : SFE_EXIT_FAILED) : 0;
}

/* {"results": FILE, "rows": [...]}, with the columns of sweep.csv. */
static int print_json(int dir, const char *path)
{
	struct sfe_error err = {0};
	FILE *in = sfe_folder_open(dir, strrchr(path, '/') + 1, UINT64_MAX, &err);
	int r;

	if (!in)
		return sfe_cli_error(&err, SFE_EXIT_FAILED);
	printf("{\"results\": ");
	sfe_json_text(path, stdout);
	printf(", \"rows\": ");
	r = sfe_csv_to_json(in, path, stdout, &err);
	printf("}\n");
	fclose(in);
	return r ? sfe_cli_error(&err, SFE_EXIT_FAILED) : 0;
}

/* Draws report.html, and prints its table unless a is NULL. */
static int draw(const struct arguments *a, int dir)
{
	struct sfe_swept_figures f;
	struct sfe_error err = {0};
	int r = sfe_swept_figures_read(dir, &f, &err);

	if (!r && a && !a->json)
		sfe_terminal_left_out(
			sfe_sweep_text(&f, sfe_terminal_width(a->wide), stdout), "report.html");
	r = r ? r : sfe_sweep_page(&f, NULL, &err);
	sfe_swept_figures_free(&f);
	return r ? sfe_cli_error(&err, SFE_EXIT_FAILED) : 0;
}

static void say_failures(const struct sfe_sweep_run *run)
{
	const struct sfe_sweep *sweep = run->store->sweep;
	char label[200];

	for (uint32_t i = 0; i < sweep->n_cells; i++)
		if (run->cell[i].state == SFE_SWEEP_FAILED)
			fprintf(stderr, "sfemu: failed: %s: %s\n",
				sfe_sweep_label(sweep, i, label, sizeof(label)),
				run->cell[i].why ? run->cell[i].why : "?");
	if (run->failed)
		fprintf(stderr,
			"sfemu: %u of %u cells failed and are not in the table; the same "
			"command tries them again\n",
			run->failed, sweep->n_cells);
}

static int report(const struct arguments *a, const struct sfe_sweep_run *run)
{
	FILE *out = a->json ? stderr : stdout;
	struct sfe_error err = {0};
	char *path;

	if (sfe_sweep_write_table(run, run->summary, &path, &err))
		return sfe_cli_error(&err, SFE_EXIT_FAILED);
	say_failures(run);
	int status = draw(a, run->store->dir);
	fprintf(out, "%u cells: %u run, %u done before, %u failed\n", run->store->sweep->n_cells,
		run->done, run->reused, run->failed);
	if (!status) {
		fputs("report: ", out);
		sfe_print_text(run->store->folder, out);
		fputs("/" SFE_REPORT_FILE "\n", out);
	}
	fputs("sweep: ", out);
	sfe_print_text(path, out);
	fputc('\n', out);
	if (a->json && !status)
		status = print_json(run->store->dir, path);
	free(path);
	return run->failed ? SFE_EXIT_FAILED : status;
}

/* After a signal: what is done so far is in the table and on the page. */
static void report_part(const struct sfe_sweep_run *run)
{
	struct sfe_error err = {0};
	char *path;

	if (sfe_sweep_write_table(run, run->summary, &path, &err)) {
		sfe_cli_error(&err, SFE_EXIT_FAILED);
		return;
	}
	free(path);
	draw(NULL, run->store->dir);
}

static int run_all(const struct arguments *a, struct sfe_sweep_store *store)
{
	struct sfe_error err = {0};
	struct sfe_sweep_run run;
	unsigned jobs = 1;
	int r = choose_jobs(a, store, &jobs, &err);

	if (r)
		return sfe_cli_error(&err, SFE_EXIT_USAGE);
	r = sfe_sweep_run_begin(store, a->fresh, a->quiet, &run, &err);
	run.summary = a->summary || store->sweep->summary;
	run.jobs = a->slurm && !a->jobs ? 0 : jobs;
	run.memory_mb = sfe_side_by_side_memory_mb(&(struct sfe_side_by_side){0, a->memory_mb});
	run.sbatch = a->sbatch;
	run.n_sbatch = a->n_sbatch;
	run.sets = a->sets;
	run.n_sets = a->n_sets;
	if (!r) {
		char text[160];
		snprintf(text, sizeof(text), "%u cells, %u of them done before",
			store->sweep->n_cells, run.reused);
		sfe_progress_stage(&run.progress, text);
		r = a->slurm ? sfe_sweep_slurm(&run, &err) : sfe_sweep_local(&run, &err);
	}
	sfe_progress_line(&run.progress);
	int status = r ? sfe_cli_error(&err, r == -EINTR ? SFE_EXIT_INTERRUPTED : SFE_EXIT_FAILED)
		       : report(a, &run);
	if (r == -EINTR)
		report_part(&run);
	sfe_sweep_run_end(&run);
	return status;
}

static int cmd_sweep(int argc, char **argv)
{
	struct arguments a = {0};
	struct sfe_sweep_store store = {.dir = -1, .lock = -1};
	struct sfe_sweep *sweep = NULL;
	struct sfe_error err = {0};
	char program[4096];
	int status = SFE_EXIT_USAGE;
	int r = parse(argc, argv, &a);
	ssize_t n = readlink("/proc/self/exe", program, sizeof(program) - 1);

	program[n < 0 ? 0 : n] = 0;
	if (r > 0)
		status = 0;
	if (!r) {
		r = sfe_sweep_read(a.file, a.sets, a.n_sets, &sweep, &err);
		if (!r)
			r = sfe_sweep_store_open(
				sweep, a.output, program, !a.list && !a.one, &store, &err);
		store.unconfined = a.unconfined;
		/* From here on, files belong to the user who called sudo; the run of a cell is
		 * root's again. */
		struct sfe_as_invoker before = {0};
		r = r ? r : sfe_as_invoker_begin(&before, &err);
		if (r)
			status = sfe_cli_error(&err, SFE_EXIT_USAGE);
		else
			status = a.list  ? list_cells(&store)
				 : a.one ? run_one(&a, &store)
					 : run_all(&a, &store);
		sfe_as_invoker_end(&before);
	}
	if (!status && (fflush(stdout) || ferror(stdout))) {
		fprintf(stderr, "sfemu: cannot write to stdout: %s\n", strerror(errno));
		status = SFE_EXIT_FAILED;
	}
	sfe_sweep_store_close(&store);
	sfe_sweep_free(sweep);
	free(a.sets);
	free(a.sbatch);
	return status;
}

/* SPDX-License-Identifier: MIT */
/* `sfemu run`: runs a scenario and prints the comparison of its strategies. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "emu/cli/base/cli.h"
#include "emu/cli/base/terminal.h"
#include "emu/cli/base/verb.h"
#include "emu/cli/run/choices.h"
#include "emu/cli/run/run_arguments.h"
#include "emu/experiment/experiment_new.h"
#include "emu/experiment/link_specs.h"
#include "emu/guests/pool.h"
#include "emu/guests/repeat.h"
#include "emu/guests/run_strategies.h"
#include "emu/model/base/csv_json.h"
#include "emu/model/base/printable.h"
#include "emu/report/locality.h"
#include "emu/report/report.h"
#include "emu/report/shared_sums.h"
#include "emu/results/diff/diff.h"
#include "emu/results/results_file.h"
#include "emu/results/results_folder.h"
#include "emu/results/results_read.h"
#include "emu/results/summary.h"
#include "emu/results/table_columns.h"
#include "emu/run/guest_memory.h"
#include "emu/security/trust.h"

/* An experiment and the arguments of its run. */
struct job {
	struct run_arguments *arguments;
	struct sfe_experiment *experiment;
	struct sfe_substrate_choice choice;
	struct sfe_side_by_side side;
};

static int cmd_run(int argc, char **argv);

const struct sfe_verb sfe_verb_run = {
	.name = "run",
	.summary = "run a scenario and compare its strategies",
	.run = cmd_run,
	.usage = (const char *const[]){"[OPTIONS] SCENARIO.yaml", NULL},
	.about = "Builds the scenario's network, replays its workload under each strategy, "
		 "and prints the comparison. On the virtual clock each strategy runs in a guest "
		 "of its own, one for each core at a time, and leaves the same results as one "
		 "after the other.",
	.options = run_option_table,
	.notes = "--json prints {\"results\": FOLDER, \"rows\": [...]}. The keys of a row are the "
		 "columns of summary.csv; `sfemu columns` describes them.",
	.examples = (const char *const[]){"sfemu run scenarios/iiot.yaml",
		"sfemu run --set strategies=StateLocal --capture all scenarios/iiot.yaml",
		"sfemu run --exec 'server_0: ip -br addr' scenarios/iiot.yaml", NULL},
	.status = (const struct sfe_exit_status[]){{0, "done"},
		{1, "failed, or a command of --during or --exec, or a program of the scenario, "
		    "failed"},
		{2, "bad input: nothing was built"}, {130, "interrupted"}, {0}},
	.files = "results/SCENARIO-TIME/ in the current folder holds the results: "
		 "manifest.json, scenario.yaml, summary.csv, jobs.csv, invocations.csv, "
		 "transfers.csv, links.csv, trace.json and report.html. docs/results.md "
		 "describes them.",
	.operand = SFE_WORD_FILE,
};

/* --hold needs the real clock: the virtual clock stands still while nothing happens. */
static int check_hold(const struct run_arguments *a, const struct sfe_substrate_choice *choice,
	struct sfe_error *err)
{
	if (a->options.lab.hold && choice->clock == SFE_CLOCK_VIRTUAL &&
		!a->options.lab.commands.n_after)
		return sfe_fail(err, -EINVAL, "--hold",
			"give it commands with --exec, or set clock: real",
			"a virtual clock stands still while nothing happens, so nobody could use "
			"the network");
	return 0;
}

/* {"results": FOLDER, "rows": [...]}, with the columns that summary.csv has. */
static int print_json(int results_fd, const char *path)
{
	struct sfe_error err = {0};
	FILE *in = sfe_results_read(results_fd, sfe_summary_csv.file, &err);

	if (!in)
		return sfe_cli_error(&err, SFE_EXIT_FAILED);
	printf("{\"results\": ");
	sfe_json_text(path, stdout);
	printf(", \"rows\": ");
	int r = sfe_csv_to_json(in, sfe_summary_csv.file, stdout, &err);
	printf("}\n");
	fclose(in);
	return r ? sfe_cli_error(&err, SFE_EXIT_FAILED) : 0;
}

static void print_path(const char *what, const char *path, const char *end)
{
	printf("%s: ", what);
	sfe_print_text(path, stdout);
	printf("%s\n", end);
}

/* What ProcState gains, and the price. */
static void print_placement(const struct sfe_experiment *e)
{
	const struct sfe_placement_totals *t = &e->assignment->totals;
	if (!t->most)
		return;
	printf("ProcState estimates %.4g s for the invocations that it placed, and %.4g s for the "
	       "nodes "
	       "that "
	       "ProcNet would choose in their place; its most loaded node has %u, that of ProcNet "
	       "%u\n",
		t->estimate_s, t->proc_net_s, t->most, t->proc_net_most);
}

static void print_tables(const struct sfe_summary *rows, unsigned n, bool wide,
	const struct sfe_experiment *e, int results_fd, const char *path)
{
	unsigned width = sfe_terminal_width(wide), left_out;
	struct sfe_error err = {0};

	printf("\n");
	left_out = sfe_summary_table(rows, n, width, stdout);
	if (sfe_locality_print(results_fd, stdout, &err)) {
		char text[1100];
		printf("how many jobs used the network is not known: %s\n",
			sfe_error_text(&err, text, sizeof(text)));
	}
	print_placement(e);
	if (choices_print(e->scenario, results_fd, stdout, &err)) {
		char text[1100];
		printf("what jobs follow is not known: %s\n",
			sfe_error_text(&err, text, sizeof(text)));
	}
	if (sfe_shared_sums_print(rows, n, results_fd, stdout, &err)) {
		char text[1100];
		printf("what became of states that outlive jobs is not known: %s\n",
			sfe_error_text(&err, text, sizeof(text)));
	}
	printf("\n");
	left_out += sfe_summary_model_table(rows, n, width, stdout);
	if (e->unpredicted)
		printf("\nThe closed form does not know all functions: %s.\n", e->unpredicted);
	sfe_terminal_left_out(left_out, sfe_summary_csv.file);
	printf("\n");
	if (!faccessat(results_fd, SFE_REPORT_FILE, F_OK, 0))
		print_path("report", path, "/" SFE_REPORT_FILE);
	print_path("results", path, "");
}

static int show(const struct run_arguments *a, const struct sfe_experiment *e, int results_fd,
	const char *path)
{
	struct sfe_error err = {0};
	struct sfe_summary *rows;
	unsigned n;
	int status = 0;

	if (a->json) {
		status = print_json(results_fd, path);
	} else {
		if (sfe_summary_read(results_fd, &rows, &n, &err))
			return sfe_cli_error(&err, SFE_EXIT_FAILED);
		print_tables(rows, n, a->wide, e, results_fd, path);
		free(rows);
	}
	if (fflush(stdout) || ferror(stdout)) {
		fprintf(stderr,
			"sfemu: cannot write the table to stdout: %s; it is in %s/summary.csv\n",
			strerror(errno), path);
		return SFE_EXIT_FAILED;
	}
	return status;
}

/* A run that failed gets a report too. */
static int write_report(int dir, const char *path)
{
	struct sfe_error err = {0};

	return sfe_report_write_in(dir, path, &err) ? sfe_cli_error(&err, SFE_EXIT_FAILED) : 0;
}

/* The results stand; the exit status says that not all was done that was asked. */
static int say_failed_commands(
	const struct run_arguments *a, const struct sfe_failed_commands *failed)
{
	if (!failed->n || a->ignore_commands)
		return 0;
	fprintf(stderr,
		"sfemu: %u of the commands failed: %s%s; commands.csv has all, and "
		"--ignore-commands makes the exit status 0\n",
		failed->n, failed->first, failed->n > 1 ? ", and others" : "");
	return SFE_EXIT_FAILED;
}

/* One run, into an existing empty folder. */
static int run_into(struct job *job, const char *path, int fd)
{
	struct run_arguments *a = job->arguments;
	struct sfe_failed_commands failed = {0};
	struct sfe_error err = {0};
	int r = sfe_results_write_scenario(fd, job->experiment, &err);

	if (r)
		return sfe_cli_error(&err, SFE_EXIT_USAGE);
	a->options.lab.results_path = path;
	a->options.failed = &failed;
	setenv("SFEMU_RESULTS", path, 1);
	r = sfe_run_strategies(job->experiment, &job->choice, &a->options, &job->side, fd, &err);
	int drawn = write_report(fd, path);
	int status = !r ? show(a, job->experiment, fd, path)
			: sfe_cli_error(&err, r == -EINTR ? SFE_EXIT_INTERRUPTED : SFE_EXIT_FAILED);
	if (r) {
		fprintf(stderr, "sfemu: %s ", SFE_RESULTS_SO_FAR);
		sfe_print_text(path, stderr);
		fputs(drawn ? "\n" : ", with a report.html\n", stderr);
	}
	int commands = say_failed_commands(a, &failed);
	status = status ? status : drawn;
	return status ? status : commands;
}

static int run_repeat(void *arg, const char *folder)
{
	struct job *job = arg;
	struct sfe_error err = {0};
	char *path = NULL;
	int fd = -1;

	if (sfe_results_into(folder, &path, &fd, &err))
		return sfe_cli_error(&err, SFE_EXIT_FAILED);
	int status = run_into(job, path, fd);
	close(fd);
	free(path);
	return status;
}

static int show_first(
	const struct run_arguments *a, const struct sfe_experiment *e, int dir, const char *folder)
{
	char first[4096];

	snprintf(first, sizeof(first), "%s/repeat-01", folder);
	int fd = openat(dir, "repeat-01", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0) {
		perror(first);
		return SFE_EXIT_FAILED;
	}
	fprintf(a->json ? stderr : stdout,
		"%" PRIu64 " runs left the same bytes in every file; %s\n", a->repeats,
		sfe_diff_left_out);
	int status = show(a, e, fd, first);
	close(fd);
	return status;
}

/*
 * Of the guests that run at a time, each of the repeats that run at a time gets as many: one,
 * unless there are fewer repeats than guests. Returns how many repeats run at a time.
 */
static uint32_t share_guests(struct job *job, uint64_t budget_mb, uint64_t *memory_mb)
{
	const struct run_arguments *a = job->arguments;
	const bool apart = !sfe_one_lab_why(job->experiment, &job->choice, &a->options.lab);
	const uint64_t guest_mb = sfe_guest_memory_mb(job->experiment, NULL);
	const uint64_t guests = a->parallel ? a->parallel : sfe_pool_cores();
	const uint64_t runs = guests < a->repeats ? guests : a->repeats;
	const uint32_t strategies = job->experiment->scenario->n_strategies;
	uint64_t each = apart ? guests / runs : 1;

	each = each < strategies ? each : strategies;
	while (each > 1 && each * guest_mb > budget_mb)
		each--;
	*memory_mb = each * guest_mb;
	job->side = (struct sfe_side_by_side){(unsigned)each, *memory_mb};
	return (uint32_t)runs;
}

static int run_repeats(struct job *job, const char *folder, int dir)
{
	struct sfe_error why = {0}, err = {0};

	/* The folders of the runs are opened by path, several times: no other user may be able to
	 * replace them. */
	int r = sfe_trust_path(folder, &why);
	if (r) {
		sfe_fail(&err, r, folder,
			"choose one with --into or --set results=FOLDER that only you and root can "
			"reach and write",
			"repeats are not compared where others could put files: %.600s", why.what);
		return sfe_cli_error(&err, SFE_EXIT_USAGE);
	}
	struct run_arguments *a = job->arguments;
	uint64_t memory_mb;
	const uint64_t budget_mb = sfe_side_by_side_memory_mb(&job->side);
	const uint32_t parallel = share_guests(job, budget_mb, &memory_mb);
	const struct sfe_repeat repeat = {
		.dir = dir,
		.folder = folder,
		.n = (uint32_t)a->repeats,
		.parallel = parallel,
		.guests = job->side.at_a_time,
		.memory_mb = memory_mb,
		.budget_mb = budget_mb,
		.quiet = a->options.quiet,
		.run = run_repeat,
		.arg = job,
	};
	if (!a->options.quiet)
		fprintf(stderr, "[%6.1f s] %s\n", 0.0, sfe_substrate_text(&job->choice));
	a->options.quiet = true;
	r = sfe_repeat(&repeat, &err);
	return r ? sfe_cli_error(&err, r == -EINTR ? SFE_EXIT_INTERRUPTED : SFE_EXIT_FAILED)
		 : show_first(a, job->experiment, dir, folder);
}

static int check_repeat(const struct run_arguments *a, const struct sfe_substrate_choice *choice,
	struct sfe_error *err)
{
	if (a->repeats && choice->clock != SFE_CLOCK_VIRTUAL)
		return sfe_fail(err, -EINVAL, "--verify-repeat", "add --clock virtual",
			"runs on the real clock are never the same");
	if (a->repeats && a->options.lab.hold)
		return sfe_fail(err, -EINVAL, "--verify-repeat", "omit --hold",
			"a run with --hold does not end");
	return 0;
}

/* Where one guest runs at a time, what is said of several has no effect. */
static int check_parallel(const struct job *job, struct sfe_error *err)
{
	const struct run_arguments *a = job->arguments;
	const char *why = sfe_one_lab_why(job->experiment, &job->choice, &a->options.lab);

	/* Of one strategy at most -j run at a time, whatever that is. */
	const char *option = a->parallel > 1 && job->experiment->scenario->n_strategies > 1 ? "-j"
			     : a->memory_mb ? "--memory"
					    : NULL;

	return why && option && !a->repeats
		       ? sfe_fail(err, -EINVAL, option, "omit it",
				 "nothing of this run is side by side: %s", why)
		       : 0;
}

static int execute(struct run_arguments *a, struct sfe_experiment *e)
{
	struct job job = {
		.arguments = a, .experiment = e, .side = {(unsigned)a->parallel, a->memory_mb}};
	struct sfe_error err = {0};
	char program[4096];
	char *path = NULL;
	int fd = -1;
	ssize_t n = readlink("/proc/self/exe", program, sizeof(program) - 1);

	program[n < 0 ? 0 : n] = 0;
	a->options.program = program;
	a->options.output_to_stderr = a->json;
	int r = sfe_commands_check(&a->options.lab.commands, e->plan, &err);
	if (!r)
		r = sfe_substrate_for_run(e, &a->options.lab.commands, &job.choice, &err);
	if (!r)
		r = check_hold(a, &job.choice, &err);
	if (!r)
		r = check_repeat(a, &job.choice, &err);
	if (!r)
		r = check_parallel(&job, &err);
	if (!r)
		r = a->into ? sfe_results_into(a->into, &path, &fd, &err)
			    : sfe_results_create(e->scenario, &path, &fd, &err);
	int status = r            ? sfe_cli_error(&err, SFE_EXIT_USAGE)
		     : a->repeats ? run_repeats(&job, path, fd)
				  : run_into(&job, path, fd);
	if (fd >= 0)
		close(fd);
	free(path);
	return status;
}

static int cmd_run(int argc, char **argv)
{
	struct run_arguments a = {0};
	struct sfe_error err = {0};
	struct sfe_scenario *scenario;
	struct sfe_experiment *e;
	int status = SFE_EXIT_USAGE;
	int r = run_arguments_parse(&sfe_verb_run, argc, argv, &a);

	if (r > 0)
		status = 0;
	if (!r) {
		r = sfe_scenario_read(a.file, a.sets, a.n_sets, &scenario, &err);
		if (!r)
			r = sfe_experiment_new(scenario, &e, &err);
		if (r) {
			sfe_cli_error(&err, status);
		} else {
			status = execute(&a, e);
			sfe_experiment_free(e);
		}
	}
	free(a.sets);
	free(a.options.lab.commands.after);
	free(a.options.lab.commands.during);
	return status;
}

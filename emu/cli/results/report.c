/* SPDX-License-Identifier: MIT */
/* `sfemu report`: results folders as one page. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "emu/cli/base/args.h"
#include "emu/cli/base/cli.h"
#include "emu/cli/base/verb.h"
#include "emu/model/base/printable.h"
#include "emu/report/report.h"
#include "emu/sweep_report/sweep_report.h"

/* Writes report.html into the results folder. */
static int write_in(const char *folder, struct sfe_error *err)
{
	int dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (dir < 0)
		return sfe_fail(err, -errno, folder, "name a folder that `sfemu run` has made",
			"cannot read it: %s", strerror(errno));
	int r = sfe_report_write_in(dir, folder, err);
	close(dir);
	return r;
}

/* A sweep's folder, as a page or on the standard output. */
static int write_sweep(int dir, const char *output, bool json, struct sfe_error *err)
{
	struct sfe_swept_figures f;
	int r = sfe_swept_figures_read(dir, &f, err);

	if (!r && json)
		sfe_sweep_json(&f, stdout);
	else if (!r)
		r = sfe_sweep_page(&f, output, err);
	sfe_swept_figures_free(&f);
	return r;
}

/* Opens a folder that is a sweep's; -1: it is none, or cannot be read. */
static int open_sweep(const char *folder)
{
	int dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (dir >= 0 && !sfe_is_sweep(dir)) {
		close(dir);
		dir = -1;
	}
	return dir;
}

static int cmd_report(int argc, char **argv);

enum { OPT_JSON = 256 };

static const struct sfe_option option_table[] = {
	{"output", 'o', "FILE", SFE_WORD_FILE, 'o',
		"where to write (default: report.html in the folder; of several folders: in "
		"the current one)"},
	{"json", 0, NULL, SFE_WORD_ANY, OPT_JSON,
		"print the figures of a sweep as JSON; a run's are in its CSV files"},
	{0},
};
const struct sfe_verb sfe_verb_report = {
	.name = "report",
	.summary = "draw results folders as a page: report.html",
	.run = cmd_report,
	.usage = (const char *const[]){"[OPTIONS] FOLDER...", NULL},
	.about = "Draws report.html: what was run, which strategy won and why, every figure "
		 "with its data. It is one file that needs no network and no server. Several "
		 "folders are compared side by side. The folder of a sweep gives curves over its "
		 "axes.",
	.notes = "--json prints {\"axes\", \"strategies\", \"seeds\", \"cells\", \"combinations\", "
		 "\"points\", \"pairs\", \"answers\", \"missing\"}: see docs/running.md.",
	.options = option_table,
	.examples = (const char *const[]){"sfemu report results/iiot-1",
		"sfemu report -o both.html results/iiot-1 results/iiot-2",
		"sfemu report --json results/sweep-strategies", NULL},
	.status = (const struct sfe_exit_status[]){{0, "done"}, {1, "the report cannot be written"},
		{2, "bad input"}, {0}},
	.operand = SFE_WORD_FOLDER,
};

static int done(int r, const char *output, struct sfe_error *err)
{
	if (r)
		return sfe_cli_fail("report", err);
	fputs("report: ", stdout);
	sfe_print_text(output, stdout);
	putchar('\n');
	return 0;
}

/* The report of one sweep: its folder is the only one. */
static int report_sweep(int dir, const char *folder, const char *output, bool json)
{
	char in_folder[4096];
	struct sfe_error err = {0};
	int r = write_sweep(dir, output, json, &err);

	close(dir);
	snprintf(in_folder, sizeof(in_folder), "%s/%s", folder, SFE_REPORT_FILE);
	if (json)
		return r ? sfe_cli_fail("report", &err) : 0;
	return done(r, output ? output : in_folder, &err);
}

static int report_runs(const char *const *folders, unsigned n, const char *output)
{
	char in_folder[4096];
	struct sfe_error err = {0};

	if (output || n > 1) {
		output = output ? output : SFE_REPORT_FILE;
		return done(sfe_report_write(folders, n, output, &err), output, &err);
	}
	snprintf(in_folder, sizeof(in_folder), "%s/%s", folders[0], SFE_REPORT_FILE);
	return done(write_in(folders[0], &err), in_folder, &err);
}

static int cmd_report(int argc, char **argv)
{
	const char *output = NULL;
	bool json = false;
	int option;

	while ((option = sfe_verb_option(&sfe_verb_report, argc, argv)) != SFE_OPTION_END) {
		if (option == 'o')
			output = optarg;
		else if (option == OPT_JSON)
			json = true;
		else
			return option == SFE_OPTION_HELP ? 0 : SFE_EXIT_USAGE;
	}
	const char *const *folders = (const char *const *)argv + optind;
	unsigned n = (unsigned)(argc - optind);
	if (!n)
		return sfe_cli_usage("report", "name a results folder");
	if (n > SFE_REPORT_MAX_FOLDERS)
		return sfe_cli_usage("report",
			"%u folders are more than the %u that a page can show", n,
			SFE_REPORT_MAX_FOLDERS);
	if (json && (n > 1 || output))
		return sfe_cli_usage("report", "--json takes one folder and no --output");
	int sweep = n == 1 ? open_sweep(folders[0]) : -1;
	if (sweep >= 0)
		return report_sweep(sweep, folders[0], output, json);
	if (json)
		return sfe_cli_usage("report",
			"--json takes the folder of a sweep, which has cells.csv; the figures of a "
			"run are in its CSV files");
	return report_runs(folders, n, output);
}

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

static int cmd_report(int argc, char **argv);

static const struct sfe_option option_table[] = {
	{"output", 'o', "FILE", SFE_WORD_FILE, 'o',
		"where to write (default: report.html in the folder; of several folders: in "
		"the current one)"},
	{0},
};
const struct sfe_verb sfe_verb_report = {
	.name = "report",
	.summary = "draw results folders as a page: report.html",
	.run = cmd_report,
	.usage = (const char *const[]){"[OPTIONS] FOLDER...", NULL},
	.about = "Draws report.html: what was run, which strategy won and why, every figure "
		 "with its data. It is one file that needs no network and no server. Several "
		 "folders are compared side by side.",
	.options = option_table,
	.examples = (const char *const[]){"sfemu report results/iiot-1",
		"sfemu report -o both.html results/iiot-1 results/iiot-2", NULL},
	.status = (const struct sfe_exit_status[]){{0, "done"}, {1, "the report cannot be written"},
		{2, "bad input"}, {0}},
	.operand = SFE_WORD_FOLDER,
};

static int cmd_report(int argc, char **argv)
{
	const char *output = NULL;
	struct sfe_error err = {0};
	char in_folder[4096];
	int option;

	while ((option = sfe_verb_option(&sfe_verb_report, argc, argv)) != SFE_OPTION_END) {
		if (option != 'o')
			return option == SFE_OPTION_HELP ? 0 : SFE_EXIT_USAGE;
		output = optarg;
	}
	unsigned n = (unsigned)(argc - optind);
	if (!n)
		return sfe_cli_usage("report", "name a results folder");
	if (n > SFE_REPORT_MAX_FOLDERS)
		return sfe_cli_usage("report",
			"%u folders are more than the %u that a page can show", n,
			SFE_REPORT_MAX_FOLDERS);
	int r;
	if (output || n > 1) {
		output = output ? output : SFE_REPORT_FILE;
		r = sfe_report_write((const char *const *)argv + optind, n, output, &err);
	} else {
		snprintf(in_folder, sizeof(in_folder), "%s/%s", argv[optind], SFE_REPORT_FILE);
		output = in_folder;
		r = write_in(argv[optind], &err);
	}
	if (r)
		return sfe_cli_fail("report", &err);
	fputs("report: ", stdout);
	sfe_print_text(output, stdout);
	putchar('\n');
	return 0;
}

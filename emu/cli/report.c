/* SPDX-License-Identifier: MIT */
/* `sfemu report`: results folders as one page. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "emu/cli/args.h"
#include "emu/cli/cli.h"
#include "emu/report/report.h"

static const char help[] =
	"usage: sfemu report [OPTIONS] FOLDER...\n"
	"\n"
	"Draws report.html: what was run, which strategy won and why, every figure with its data. "
	"One "
	"file that needs\n"
	"no network and no server. Several folders are compared side by side.\n"
	"\n"
	"  -o, --output FILE  where to (default: report.html in the folder; of several: in this "
	"directory)\n"
	"\n"
	"Exit status: 0 done, 1 the report cannot be written, 2 bad input.\n";

/* Into the folder itself. */
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

int sfe_cmd_report(int argc, char **argv)
{
	static const struct option options[] = {
		{"output", required_argument, NULL, 'o'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	const char *output = NULL;
	struct sfe_error err = {0};
	char in_folder[4096];
	int option;

	while ((option = getopt_long(argc, argv, "o:h", options, NULL)) != -1) {
		if (option == 'h') {
			fputs(help, stdout);
			return 0;
		}
		if (option != 'o') {
			fprintf(stderr, "try `sfemu report --help`\n");
			return SFE_EXIT_USAGE;
		}
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
	printf("report: %s\n", output);
	return 0;
}

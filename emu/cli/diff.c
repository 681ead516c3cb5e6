/* SPDX-License-Identifier: MIT */
/* `sfemu diff A B`: what differs first between two results folders. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "emu/cli/cli.h"
#include "emu/results/diff.h"

#define EXIT_DIFFER 1

static const char help[] =
	"usage: sfemu diff A B\n"
	"\n"
	"Compares two results folders byte for byte. Of each file that differs it says what "
	"differs "
	"first:\n"
	"of a table the row that began first (its strategy, job, node, time) and its columns, of a "
	"capture\n"
	"the packet, its time, its flow and the header field. The line on top is the nearest to "
	"the "
	"cause:\n"
	"captures by time, then invocations, jobs, the other files.\n"
	"\n"
	"Exit status: 0 the same, 1 they differ, 2 they cannot be compared.\n";

int sfe_cmd_diff(int argc, char **argv)
{
	static const struct option options[] = {
		{"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
	struct sfe_diff c;
	struct sfe_error err = {0};
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'h') {
			fputs(help, stdout);
			return 0;
		}
		fprintf(stderr, "try `sfemu diff --help`\n");
		return SFE_EXIT_USAGE;
	}
	if (argc - optind != 2) {
		fprintf(stderr, "sfemu: diff takes two results folders; try `sfemu diff --help`\n");
		return SFE_EXIT_USAGE;
	}
	if (sfe_diff_folders(argv[optind], argv[optind + 1], &c, &err))
		return sfe_cli_error(&err, SFE_EXIT_USAGE);
	int status = c.n_differences ? EXIT_DIFFER : 0;
	sfe_diff_print(&c, stdout);
	printf("%s\n", sfe_diff_left_out);
	sfe_diff_free(&c);
	return fflush(stdout) || ferror(stdout) ? SFE_EXIT_USAGE : status;
}

/* SPDX-License-Identifier: MIT */
/* `sfemu columns`: the data dictionary of a results folder. */
#include <stdio.h>
#include <string.h>

#include "emu/cli/cli.h"
#include "emu/results/table_columns.h"

static const char help[] =
	"usage: sfemu columns\n"
	"\n"
	"Prints what each column of each CSV file of a results folder means, with its unit, in\n"
	"Markdown: docs/results.md is its output.\n";

int sfe_cmd_columns(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "--help")) {
		fputs(help, stdout);
		return 0;
	}
	if (argc > 1) {
		fprintf(stderr, "sfemu: columns takes no arguments; try `sfemu columns --help`\n");
		return SFE_EXIT_USAGE;
	}
	sfe_results_describe(stdout);
	return fflush(stdout) || ferror(stdout) ? SFE_EXIT_FAILED : 0;
}

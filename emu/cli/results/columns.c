/* SPDX-License-Identifier: MIT */
/* `sfemu columns`: the data dictionary of a results folder. */
#include <getopt.h>
#include <stdio.h>

#include "emu/cli/base/args.h"
#include "emu/cli/base/cli.h"
#include "emu/cli/base/verb.h"
#include "emu/results/table_columns.h"

static int cmd_columns(int argc, char **argv);

const struct sfe_verb sfe_verb_columns = {
	.name = "columns",
	.summary = "what each column of the results' files means",
	.run = cmd_columns,
	.usage = (const char *const[]){"", NULL},
	.about = "Prints what each column of each CSV file of a results folder means, with "
		 "its unit, in Markdown: docs/results.md is its output.",
	.status = (const struct sfe_exit_status[]){{0, "done"}, {1, "it cannot be written"},
		{2, "bad input"}, {0}},
};

static int cmd_columns(int argc, char **argv)
{
	int option = sfe_verb_option(&sfe_verb_columns, argc, argv);

	if (option != SFE_OPTION_END)
		return option == SFE_OPTION_HELP ? 0 : SFE_EXIT_USAGE;
	if (argc > optind)
		return sfe_cli_usage("columns", "it takes no '%s'", argv[optind]);
	sfe_results_describe(stdout);
	return fflush(stdout) || ferror(stdout) ? SFE_EXIT_FAILED : 0;
}

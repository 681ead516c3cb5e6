/* SPDX-License-Identifier: MIT */
/* `sfemu diff A B`: what differs first between two results folders. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "emu/cli/base/cli.h"
#include "emu/cli/base/verb.h"
#include "emu/results/diff/diff.h"

#define EXIT_DIFFER 1

static int cmd_diff(int argc, char **argv);

const struct sfe_verb sfe_verb_diff = {
	.name = "diff",
	.summary = "what differs first between two results folders",
	.run = cmd_diff,
	.usage = (const char *const[]){"A B", NULL},
	.about = "Compares two results folders byte for byte. Of each file that differs it "
		 "says what differs first: of a table the row that began first (its strategy, "
		 "job, node, time) and its columns; of a capture the packet, its time, its "
		 "flow and the header field. The line on top is the nearest to the cause: "
		 "captures by time, then invocations, jobs, the other files.\n"
		 "\n"
		 "Columns of tables are matched by name. Those that were added, removed or "
		 "renamed are listed apart and are no difference.",
	.examples = (const char *const[]){"sfemu diff results/iiot-1 results/iiot-2", NULL},
	.status = (const struct sfe_exit_status[]){{0, "the same"}, {1, "they differ"},
		{2, "they cannot be compared"}, {0}},
	.operand = SFE_WORD_FOLDER,
};

static int cmd_diff(int argc, char **argv)
{
	struct sfe_diff c;
	struct sfe_error err = {0};
	int option;

	while ((option = sfe_verb_option(&sfe_verb_diff, argc, argv)) != SFE_OPTION_END)
		return option == SFE_OPTION_HELP ? 0 : SFE_EXIT_USAGE;
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

/* SPDX-License-Identifier: MIT */
/* The command `sfemu`: finds the verb and runs it. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "emu/cli/base/cli.h"
#include "emu/cli/manual.h"
#include "emu/cli/verbs.h"
#include "emu/vm/limits.h"
#include "sfemu/run.h"

int main(int argc, char **argv)
{
	sfe_begin(argc, argv);
	if (argc < 2) {
		sfe_verbs_help(stderr);
		return SFE_EXIT_USAGE;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help")) {
		sfe_verbs_help(stdout);
		return 0;
	}
	if (!strcmp(argv[1], "--version")) {
		printf("sfemu %s\n", SFE_VERSION);
		return 0;
	}
	struct sfe_error err = {0};
	if (sfe_limits_begin(&err))
		return sfe_cli_error(&err, SFE_EXIT_FAILED);
	const struct sfe_verb *verb = sfe_verb_find(argv[1]);
	if (verb)
		return verb->run(argc - 1, argv + 1);
	if (!strcmp(argv[1], "manual") && argc == 3) /* called by the build */
		return sfe_manual_write(argv[2], &err) ? sfe_cli_error(&err, SFE_EXIT_FAILED) : 0;
	fprintf(stderr, "sfemu: there is no verb '%s'\n", argv[1]);
	sfe_verbs_help(stderr);
	return SFE_EXIT_USAGE;
}

/* SPDX-License-Identifier: MIT */
/* `sfemu VERB …`: the table of verbs. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "emu/cli/cli.h"
#include "emu/model/base/printable.h"
#include "emu/vm/limits.h"
#include "sfemu/run.h"

static const struct {
	const char *verb, *summary;
	int (*run)(int, char **);
} verbs[] = {
	{"run", "run a scenario and compare its strategies", sfe_cmd_run},
	{"estimate", "the closed form: what each strategy costs, over many replications",
		sfe_cmd_estimate},
	{"diff", "what differs first between two results folders", sfe_cmd_diff},
	{"links", "what is set on every link, and what a run counts", sfe_cmd_links},
	{"link", "change links of a running experiment", sfe_cmd_link},
	{"schedule", "what a scenario's schedule will do, change by change", sfe_cmd_schedule},
	{"verify", "measure a scenario's links and compare with what was asked", sfe_cmd_verify},
	{"check", "what this machine can do, and what is missing", sfe_cmd_check},
	{"exec", "run a command inside a node of a running experiment", sfe_cmd_exec},
	{"down", "end a running experiment", sfe_cmd_down},
	{"analyze", "what captures tell: connections, jobs, messages", sfe_cmd_analyze},
	{"guest", "build, list and remove guest kernels; a shell in a guest", sfe_cmd_guest},
	{"report", "draw results folders as a page: report.html", sfe_cmd_report},
	{"topology", "generate, show and draw topologies", sfe_cmd_topology},
	{"sweep", "run a grid of scenarios and seeds side by side", sfe_cmd_sweep},
	{"workload", "generate and show workloads", sfe_cmd_workload},
	{"columns", "what each column of the results' files means", sfe_cmd_columns},
};

#define N_VERBS (sizeof(verbs) / sizeof(verbs[0]))

int sfe_cli_error(const struct sfe_error *err, int status)
{
	char text[1100];

	/* It may quote a file that somebody else wrote. */
	sfe_error_text(err, text, sizeof(text));
	fprintf(stderr, "sfemu: %s\n", sfe_make_printable(text));
	return status;
}

static int usage(FILE *out, int status)
{
	fprintf(out, "usage: sfemu VERB [OPTIONS]\n\n");
	for (size_t i = 0; i < N_VERBS; i++)
		fprintf(out, "  %-10s %s\n", verbs[i].verb, verbs[i].summary);
	fprintf(out, "\n`sfemu VERB --help` tells more; `sfemu --version` the version.\n");
	return status;
}

int main(int argc, char **argv)
{
	sfe_begin(argc, argv);
	if (argc < 2)
		return usage(stderr, SFE_EXIT_USAGE);
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help"))
		return usage(stdout, 0);
	if (!strcmp(argv[1], "--version")) {
		printf("sfemu %s\n", SFE_VERSION);
		return 0;
	}
	struct sfe_error err = {0};
	if (sfe_limits_begin(&err))
		return sfe_cli_error(&err, SFE_EXIT_FAILED);
	for (size_t i = 0; i < N_VERBS; i++)
		if (!strcmp(argv[1], verbs[i].verb))
			return verbs[i].run(argc - 1, argv + 1);
	fprintf(stderr, "sfemu: there is no verb '%s'\n", argv[1]);
	return usage(stderr, SFE_EXIT_USAGE);
}

/* SPDX-License-Identifier: MIT */
#include "emu/cli/run/run_arguments.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "emu/cli/base/args.h"

#define MAX_REPEATS 99999
#define MAX_AT_A_TIME 1024

/* Never freed: the sets point to it. The last set has all names. */
static int add_capture(struct run_arguments *a, const char *names)
{
	char *set;

	if (asprintf(&a->capture, "%s%s%s", a->capture ? a->capture : "", a->capture ? ", " : "",
		    names) < 0 ||
		asprintf(&set, "capture=[%s]", a->capture) < 0)
		return -ENOMEM;
	return sfe_arg_add(&a->sets, &a->n_sets, set);
}

enum {
	OPT_SET = 256,
	OPT_VM,
	OPT_NATIVE,
	OPT_CLOCK,
	OPT_HOLD,
	OPT_EXEC,
	OPT_DURING,
	OPT_IGNORE_COMMANDS,
	OPT_INTO,
	OPT_REPEAT,
	OPT_MEMORY,
	OPT_CAPTURE,
	OPT_WATCHDOG,
	OPT_RESULTS_LIMIT,
	OPT_UNCONFINED,
	OPT_JSON,
	OPT_WIDE,
	OPT_QUIET
};

const struct sfe_option run_option_table[] = {
	{"set", 0, "KEY=VALUE", SFE_WORD_ANY, OPT_SET,
		"set a key of the scenario (docs/scenario.md lists them); may be repeated"},
	{"vm", 0, NULL, SFE_WORD_ANY, OPT_VM, "the same as --set substrate=vm"},
	{"native", 0, NULL, SFE_WORD_ANY, OPT_NATIVE, "the same as --set substrate=native"},
	{"clock", 0, "real|virtual", SFE_WORD_ONE_OF, OPT_CLOCK, "the same as --set clock=…"},
	{"hold", 0, NULL, SFE_WORD_ANY, OPT_HOLD,
		"keep the network up after the jobs, until Ctrl-C or `sfemu down`"},
	{"exec", 0, "'NODE: COMMAND'", SFE_WORD_ANY, OPT_EXEC,
		"run a command in a node after the jobs; may be repeated"},
	{"during", 0, "'NODE: COMMAND'", SFE_WORD_ANY, OPT_DURING,
		"run a command in a node while the jobs run: once under each strategy, from its "
		"time 0; may be repeated. At the end of the jobs it gets SIGINT, after 5 s "
		"SIGTERM, after 2 s more SIGKILL. It may write into the results folder, "
		"$SFEMU_RESULTS; $SFEMU_STRATEGY is the strategy. commands.csv and commands/ "
		"record status and output of all commands"},
	{"ignore-commands", 0, NULL, SFE_WORD_ANY, OPT_IGNORE_COMMANDS,
		"exit status 0 also if commands of --during or --exec, or programs of the "
		"scenario, "
		"fail"},
	{"into", 0, "FOLDER", SFE_WORD_FOLDER, OPT_INTO,
		"write the results into exactly this folder"},
	{"verify-repeat", 0, "N", SFE_WORD_ANY, OPT_REPEAT,
		"run N times and compare all files of the runs, byte for byte (virtual "
		"clock); exit status 1 if a run differs"},
	{"parallel", 'j', "N", SFE_WORD_ANY, 'j',
		"run N guests at a time: strategies on the virtual clock have a guest each, and "
		"so have repeats (default: one per core, as far as there is memory). The results "
		"do not depend on it"},
	{"memory", 0, "SIZE", SFE_WORD_ANY, OPT_MEMORY,
		"the memory that guests may use at a time (default: nine tenths of what is "
		"available now); the others wait. One runs however large it is"},
	{"capture", 0, "NAME[,...]", SFE_WORD_ANY, OPT_CAPTURE,
		"capture the packets of these links or nodes, or of `all` links, into "
		"captures/ of the results folder; docs/scenario.md has filter, snap length "
		"and rings of files"},
	{"watchdog", 0, "SECONDS", SFE_WORD_ANY, OPT_WATCHDOG,
		"how long (wall time) the virtual clock of a guest may stand while one "
		"process computes (default 20); on the real clock, how long the guest may be "
		"silent (300)"},
	{"results-limit", 0, "SIZE", SFE_WORD_ANY, OPT_RESULTS_LIMIT,
		"end the run when its guest has written more (default 32GiB)"},
	{"unconfined", 0, NULL, SFE_WORD_ANY, OPT_UNCONFINED,
		"run the guest even if this system cannot keep it from writing what you can "
		"write"},
	{"json", 0, NULL, SFE_WORD_ANY, OPT_JSON,
		"print the comparison as JSON, with the columns of summary.csv; nothing else "
		"goes to the standard output"},
	{"wide", 0, NULL, SFE_WORD_ANY, OPT_WIDE,
		"print every column, even if the terminal is narrower"},
	{"quiet", 0, NULL, SFE_WORD_ANY, OPT_QUIET,
		"print no progress, and nothing that programs of the scenario print"},
	{0},
};

static int take_option(struct run_arguments *a, int option)
{
	struct sfe_lab_options *lab = &a->options.lab;
	uint64_t seconds;

	switch (option) {
	case OPT_SET:
		return sfe_arg_add(&a->sets, &a->n_sets, optarg);
	case OPT_VM:
		return sfe_arg_add(&a->sets, &a->n_sets, "substrate=vm");
	case OPT_NATIVE:
		return sfe_arg_add(&a->sets, &a->n_sets, "substrate=native");
	case OPT_CLOCK:
		return sfe_arg_add_clock(&a->sets, &a->n_sets, optarg);
	case OPT_HOLD:
		lab->hold = true;
		return 0;
	case OPT_EXEC:
		return sfe_arg_add(&lab->commands.after, &lab->commands.n_after, optarg);
	case OPT_DURING:
		return sfe_arg_add(&lab->commands.during, &lab->commands.n_during, optarg);
	case OPT_IGNORE_COMMANDS:
		a->ignore_commands = true;
		return 0;
	case OPT_INTO:
		a->into = optarg;
		return 0;
	case OPT_REPEAT:
		return sfe_arg_u64("--verify-repeat", optarg, 2, MAX_REPEATS, &a->repeats) ? -EINVAL
											   : 0;
	case 'j':
		return sfe_arg_u64("-j", optarg, 1, MAX_AT_A_TIME, &a->parallel) ? -EINVAL : 0;
	case OPT_MEMORY:
		return sfe_arg_memory("--memory", optarg, &a->memory_mb) ? -EINVAL : 0;
	case OPT_CAPTURE:
		return add_capture(a, optarg);
	case OPT_WATCHDOG:
		if (sfe_arg_u64("--watchdog", optarg, 1, 1000000, &seconds))
			return -EINVAL;
		a->options.watchdog_s = (unsigned)seconds;
		return 0;
	case OPT_RESULTS_LIMIT:
		return sfe_arg_size("--results-limit", optarg, &a->options.results_bytes) ? -EINVAL
											  : 0;
	case OPT_UNCONFINED:
		a->options.unconfined = true;
		return 0;
	case OPT_JSON:
		a->json = true;
		return 0;
	case OPT_WIDE:
		a->wide = true;
		return 0;
	case OPT_QUIET:
		a->options.quiet = true;
		return 0;
	default:
		return -EINVAL;
	}
}

int run_arguments_parse(const struct sfe_verb *verb, int argc, char **argv, struct run_arguments *a)
{
	int option;

	while ((option = sfe_verb_option(verb, argc, argv)) != SFE_OPTION_END) {
		if (option == SFE_OPTION_HELP)
			return 1;
		if (take_option(a, option))
			return -EINVAL;
	}
	if (argc - optind != 1) {
		fprintf(stderr, "sfemu: run takes one scenario file; try `sfemu run --help`\n");
		return -EINVAL;
	}
	a->file = argv[optind];
	return 0;
}

/* SPDX-License-Identifier: MIT */
/* `sfemu job RESULTS N`: what happened to one job of a run. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "emu/cli/base/args.h"
#include "emu/cli/base/terminal.h"
#include "emu/cli/base/verb.h"
#include "emu/model/base/printable.h"
#include "emu/model/strategies/strategy_options.h"
#include "emu/results/job/job_accesses.h"
#include "emu/results/job/job_kept.h"
#include "emu/results/job/job_print.h"
#include "emu/results/job/job_waits.h"

static int cmd_job(int argc, char **argv);

static const struct sfe_option option_table[] = {
	{"strategy", 0, "NAME", SFE_WORD_ANY, 's', "under this strategy only"},
	{"json", 0, NULL, SFE_WORD_ANY, 'j', "print all of it as JSON"},
	{"wide", 0, NULL, SFE_WORD_ANY, 'w',
		"print every column, even if the terminal is narrower"},
	{0},
};
const struct sfe_verb sfe_verb_job = {
	.name = "job",
	.summary = "what happened to one job of a run",
	.run = cmd_job,
	.usage = (const char *const[]){"[OPTIONS] RESULTS N", NULL},
	.about = "Shows the job with that number (column `job` of jobs.csv), for each strategy: "
		 "how it ended, where and when its steps ran, which states they used, which "
		 "transfers they waited for, which requests got no answer. Times are from the "
		 "job's start; the line of the strategy says when of the replay that was.\n"
		 "\n"
		 "If the run kept states (`keep: states` of the scenario), it also shows the "
		 "final states and the return value: versions, sizes, digests, and the files "
		 "with their bytes. It reads these files and says whether their bytes are those "
		 "that the run recorded.",
	.options = option_table,
	.notes = "A transfer that a step waited for is marked: with `last` the one after which "
		 "the step began, with `yes` the ones before. `declared_bytes` is the size of a "
		 "state by the scenario; a function may leave another size.\n"
		 "\n"
		 "--json prints {\"job\": N, \"accesses\": [...], \"strategies\": [{\"outcome\": "
		 "{...}, \"steps\": [...], \"starts\": [...], \"transfers\": [...], "
		 "\"attempts\": [...], \"states\": [...]}], \"notes\": [...]}. The keys of the "
		 "rows are the columns of the CSV files, which `sfemu columns` describes, with "
		 "times from the start of the replay; transfers also have `waited_for`, states "
		 "`bytes_are`.",
	.examples = (const char *const[]){"sfemu job results/words 3",
		"sfemu job --strategy StateLocal --json results/words 3", NULL},
	.status = (const struct sfe_exit_status[]){{0, "done"},
		{1, "a kept file is missing or has other bytes than the run recorded"},
		{2, "bad input"}, {0}},
	.operand = SFE_WORD_FOLDER,
};

struct format {
	bool json, wide;
	const char *strategy;
};

static void print(const struct sfe_job_record *j, const struct format *format)
{
	if (format->json) {
		sfe_job_print_json(j, stdout);
		return;
	}
	unsigned left_out = sfe_job_print(j, sfe_terminal_width(format->wide), stdout);
	if (left_out)
		putchar('\n');
	sfe_terminal_left_out(left_out, "--json");
	for (unsigned i = 0; i < j->n_notes; i++) {
		fputs("sfemu: job: ", stderr);
		sfe_print_text(j->notes[i], stderr);
		fputc('\n', stderr);
	}
}

/* The exit status. */
static int show(int dir, const char *folder, uint32_t number, const struct format *format)
{
	struct sfe_job_record *j;
	struct sfe_error err = {0}, cause = {0};
	int r = sfe_job_record_read(dir, number, format->strategy, &j, &cause);

	if (r) {
		sfe_fail(&err, r, folder,
			cause.todo[0] ? cause.todo : "name a folder that `sfemu run` has made",
			"%.200s%s%.250s", cause.where, cause.where[0] ? ": " : "", cause.what);
		return sfe_cli_fail("job", &err);
	}
	r = sfe_job_waits(j, &err);
	r = r ? r : sfe_job_accesses(dir, j, &err);
	int wrong = r ? r : sfe_job_kept_check(dir, j, &err);
	int status = wrong < 0 ? sfe_cli_fail("job", &err) : wrong ? SFE_EXIT_FAILED : 0;
	if (wrong >= 0)
		print(j, format);
	if (wrong > 0)
		fprintf(stderr, "sfemu: job: %d of the kept files are not as recorded\n", wrong);
	sfe_job_record_free(j);
	return status;
}

static int cmd_job(int argc, char **argv)
{
	struct format format = {0};
	char strategy[SFE_STRATEGY_BYTES];
	struct sfe_error err = {0};
	uint64_t number;
	int option, status;

	while ((option = sfe_verb_option(&sfe_verb_job, argc, argv)) != SFE_OPTION_END) {
		if (option == 's') {
			sfe_strategy_table_name(optarg, strategy);
			format.strategy = strategy;
		} else if (option == 'j') {
			format.json = true;
		} else if (option == 'w') {
			format.wide = true;
		} else {
			return option == SFE_OPTION_HELP ? 0 : SFE_EXIT_USAGE;
		}
	}
	if (argc - optind != 2)
		return sfe_cli_usage("job", "name a results folder and the number of a job");
	const char *folder = argv[optind];
	if ((status = sfe_arg_u64("the job's number", argv[optind + 1], 0, UINT32_MAX, &number)))
		return status;
	int dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0) {
		sfe_fail(&err, -errno, folder, "name a folder that `sfemu run` has made",
			"cannot read it: %s", strerror(errno));
		return sfe_cli_error(&err, SFE_EXIT_USAGE);
	}
	status = show(dir, folder, (uint32_t)number, &format);
	close(dir);
	if (fflush(stdout) || ferror(stdout)) {
		fprintf(stderr, "sfemu: cannot write to stdout: %s\n", strerror(errno));
		return SFE_EXIT_FAILED;
	}
	return status;
}

/* SPDX-License-Identifier: MIT */
/* `sfemu workload`: generates and shows workloads. */
#include <errno.h>
#include <getopt.h>
#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "emu/cli/base/args.h"
#include "emu/cli/base/cli.h"
#include "emu/cli/base/verb.h"
#include "emu/security/folder.h"
#include "sfemu/scenario.h"
#include "sfemu/spar.h"
#include "sfemu/workload_summary.h"

#define DEFAULT_FILE "batch_task.csv"
#define MAX_SETS 1000u

struct options {
	const char *tables, *output;
	struct sfe_spar_params spar;
	struct sfe_workload_params show;
	bool json;
	const char *sets[MAX_SETS]; /* for the scenario that show reads */
	uint32_t n_sets;
	const char *factor;                /* the last option that is for a file of tasks */
	const char *spar_only, *show_only; /* the last option that is only for spar, for show */
};

static int write_spar(const struct options *o, const struct sfe_spar_tables *tables,
	struct sfe_spar_counts *counts, struct sfe_error *err)
{
	struct sfe_replacement file = {.out = stdout};
	int rc = o->output ? sfe_replacement_begin_path(o->output, &file, err) : 0;

	if (rc)
		return rc;
	rc = sfe_spar_write(tables, &o->spar, file.out, counts, err);
	if (!o->output)
		return rc;
	/* Part of a workload looks like a whole one. */
	int ended = sfe_replacement_end(&file, !rc, rc ? NULL : err);
	return rc ? rc : ended;
}

static int spar(struct options *o, int argc)
{
	struct sfe_spar_tables *tables;
	struct sfe_spar_counts counts;
	struct sfe_error err = {0};

	if (argc)
		return sfe_cli_usage("workload", "spar reads no file");
	if (o->show_only)
		return sfe_cli_usage("workload", "spar does not take %s", o->show_only);
	if (!o->spar.hours && !o->spar.jobs)
		o->spar.hours = 1;
	int rc = o->tables ? sfe_spar_tables_read(o->tables, &tables, &err)
			   : sfe_spar_tables_builtin(&tables, &err);
	if (rc)
		return sfe_cli_fail("workload", &err);
	if (o->spar.as_published)
		fprintf(stderr,
			"sfemu workload: with the bias of the published generator (draws from a "
			"density, rounded up): nearly every memory is 1, durations are 24 times "
			"too long; leave --as-published out for the trace's own statistics\n");
	rc = write_spar(o, tables, &counts, &err);
	sfe_spar_tables_free(tables);
	if (rc)
		return sfe_cli_fail("workload", &err);
	if (o->output)
		printf("%s: %u jobs, %llu tasks, arrivals up to %g s\n", o->output, counts.jobs,
			(unsigned long long)counts.tasks, counts.last_s);
	return EXIT_SUCCESS;
}

static bool is_scenario(const char *file)
{
	const char *dot = strrchr(file, '.');

	return dot && (!strcmp(dot, ".yaml") || !strcmp(dot, ".yml"));
}

/* The jobs of a scenario's trace and workflows. *s outlives *w. */
static int read_scenario(const struct options *o, const char *file, struct sfe_scenario **s,
	struct sfe_workload **w, struct sfe_error *err)
{
	int rc = sfe_scenario_read(file, o->sets, o->n_sets, s, err);

	return rc ? rc : sfe_scenario_workload(*s, w, err);
}

static int print_summary(
	const struct options *o, const char *file, const struct sfe_workload_summary *summary)
{
	struct sfe_error err = {0};

	setlocale(LC_CTYPE, "");
	bool blocks = isatty(STDOUT_FILENO) && !strcmp(nl_langinfo(CODESET), "UTF-8");
	if (o->json)
		sfe_workload_summary_json(summary, file, stdout);
	else
		sfe_workload_summary_print(
			summary, file, blocks ? SFE_BARS_BLOCKS : SFE_BARS_PLAIN, stdout);
	if (!fflush(stdout) && !ferror(stdout))
		return EXIT_SUCCESS;
	sfe_fail(&err, -EIO, "standard output", NULL, "cannot write");
	return sfe_cli_fail("workload", &err);
}

static int show(const struct options *o, int argc, char **argv)
{
	struct sfe_scenario *s = NULL;
	struct sfe_workload *w = NULL;
	struct sfe_workload_summary summary;
	struct sfe_error err = {0};

	if (argc != 1)
		return sfe_cli_usage("workload", "show needs one FILE");
	if (o->spar_only)
		return sfe_cli_usage("workload", "show does not take %s", o->spar_only);
	bool scenario = is_scenario(argv[0]);
	if (scenario && o->factor)
		return sfe_cli_usage("workload",
			"--%s is for a file of tasks; write --set workload.… for a scenario",
			o->factor);
	if (!scenario && o->n_sets)
		return sfe_cli_usage(
			"workload", "--set is for a scenario, not for a file of tasks");
	int rc = scenario ? read_scenario(o, argv[0], &s, &w, &err)
			  : sfe_workload_read(argv[0], &o->show, &w, &err);
	if (!rc && (rc = sfe_workload_summarise(w, &summary)))
		sfe_fail(&err, rc, argv[0], NULL, "out of memory");
	sfe_workload_free(w);
	int status = rc ? sfe_cli_fail("workload", &err) : print_summary(o, argv[0], &summary);
	sfe_scenario_free(s);
	return status;
}

enum {
	OPT_TABLES = 256, /* up to OPT_MAX for spar, from OPT_JSON on for show */
	OPT_HOURS,
	OPT_JOBS,
	OPT_LOAD,
	OPT_HETEROGENEITY,
	OPT_SEED,
	OPT_PUBLISHED,
	OPT_STATEFUL,
	OPT_MIN,
	OPT_MAX,
	OPT_JSON,
	OPT_SET,
	OPT_FUNCTIONS,
	OPT_OPS,
	OPT_ARG,
	OPT_STATE,
	OPT_SHAPE
};

static int cmd_workload(int argc, char **argv);

static const struct sfe_option option_table[] = {
	SFE_OPTION_GROUP("spar:"),
	{"tables", 0, "DIR", SFE_WORD_FOLDER, OPT_TABLES,
		"other statistics: a folder with cpl.csv, level.csv, task_num.csv, "
		"task_duration.csv, task_cpu.csv, task_mem.csv, instance_num.csv and "
		"job_interval.csv, quantiles p,value (cpl, level: key,p,value)"},
	{"hours", 0, "H", SFE_WORD_ANY, OPT_HOURS,
		"jobs arrive over that time (default 1, unless --jobs is given)"},
	{"jobs", 0, "N", SFE_WORD_ANY, OPT_JOBS, "write N jobs, or fewer if the hours end before"},
	{"load-factor", 0, "L", SFE_WORD_ANY, OPT_LOAD,
		"L times as many jobs an hour (0.001 to 1000, default 1: about 17900). Above "
		"1 the gaps shrink; below 1 each job is kept with probability L"},
	{"heterogeneity", 0, "X", SFE_WORD_ANY, OPT_HETEROGENEITY,
		"cpu and memory above their average times X, others divided by X (0.001 to "
		"1000, default 1)"},
	{"seed", 0, "S", SFE_WORD_ANY, OPT_SEED, "the seed of all draws (default 1)"},
	{"as-published", 0, NULL, SFE_WORD_ANY, OPT_PUBLISHED,
		"with the bias of the published generator: a density through the tables, "
		"every draw rounded up. Only to repeat work that was done with it"},
	{"stateful-only", 0, NULL, SFE_WORD_ANY, OPT_STATEFUL,
		"only jobs that have a state once they are a chain"},
	{"min-chain", 0, "A", SFE_WORD_ANY, OPT_MIN, "only jobs of A or more invocations"},
	{"max-chain", 0, "B", SFE_WORD_ANY, OPT_MAX, "only jobs of B or fewer invocations"},
	{"output", 'o', "FILE", SFE_WORD_FILE, 'o',
		"where to write (default: batch_task.csv; - is the standard output)"},
	SFE_OPTION_GROUP("show:"),
	{"json", 0, NULL, SFE_WORD_ANY, OPT_JSON, "print the summary as JSON"},
	{"set", 0, "KEY=VALUE", SFE_WORD_ANY, OPT_SET,
		"set a key of the scenario; may be repeated"},
	{"functions", 0, "N", SFE_WORD_ANY, OPT_FUNCTIONS,
		"how many functions there are (default 10)"},
	{"ops-factor", 0, "X", SFE_WORD_ANY, OPT_OPS,
		"operations per second of a CPU (default 1e5)"},
	{"arg-factor", 0, "X", SFE_WORD_ANY, OPT_ARG,
		"bytes of an argument per unit of memory (default 1e6)"},
	{"state-factor", 0, "X", SFE_WORD_ANY, OPT_STATE,
		"bytes of a state per unit of memory (default 1e6)"},
	{"shape", 0, "chain|dag", SFE_WORD_ONE_OF, OPT_SHAPE,
		"what a job becomes: the published chain, or the graph of its tasks (default "
		"chain)"},
	{0},
};
const struct sfe_verb sfe_verb_workload = {
	.name = "workload",
	.summary = "generate and show workloads",
	.run = cmd_workload,
	.usage = (const char *const[]){"spar [OPTIONS] [-o FILE]",
		"show [OPTIONS] FILE|SCENARIO.yaml", NULL},
	.about = "spar: draws jobs as Spar makes them, with the statistics of Alibaba's "
		 "cluster: rows arrival_s,j_N,NAME,duration_s,cpu,mem,instances.\n"
		 "\n"
		 "show: jobs, arrivals, lengths of the chains and sizes of the states of a "
		 "file, in the format of Spar or of Alibaba; or those of the trace and of the "
		 "workflows of a scenario.",
	.options = option_table,
	.examples = (const char *const[]){"sfemu workload spar --hours 0.1 -o jobs.csv",
		"sfemu workload show jobs.csv", "sfemu workload show scenarios/camera.yaml", NULL},
	.status = (const struct sfe_exit_status[]){{0, "done"}, {1, "it cannot be written"},
		{2, "bad input"}, {0}},
	.words = "spar|show",
	.operand = SFE_WORD_FILE,
};

static int arg_u32(const char *option, uint32_t max, uint32_t *out)
{
	uint64_t v;
	int rc = sfe_arg_u64(option, optarg, 1, max, &v);

	if (!rc)
		*out = (uint32_t)v;
	return rc;
}

/* Notes whether the option is for spar or show, so that neither ignores an option of the other. */
static void note_verb(int c, struct options *o)
{
	const struct sfe_option *l = option_table;

	while (l->id != c)
		l++;
	if (c == 'o' || (c >= OPT_TABLES && c <= OPT_MAX))
		o->spar_only = l->name;
	else if (c >= OPT_JSON)
		o->show_only = l->name;
	if (c >= OPT_FUNCTIONS)
		o->factor = l->name;
}

static int set_option(int c, struct options *o)
{
	if (c > 0)
		note_verb(c, o);
	switch (c) {
	case OPT_TABLES:
		o->tables = optarg;
		return 0;
	case OPT_HOURS:
		return sfe_arg_range("--hours", optarg, 1e-6, SFE_SPAR_MAX_HOURS, &o->spar.hours);
	case OPT_JOBS:
		return arg_u32("--jobs", SFE_SPAR_MAX_JOBS, &o->spar.jobs);
	case OPT_LOAD:
		return sfe_arg_range("--load-factor", optarg, SFE_SPAR_MIN_FACTOR,
			SFE_SPAR_MAX_FACTOR, &o->spar.load_factor);
	case OPT_HETEROGENEITY:
		return sfe_arg_range("--heterogeneity", optarg, SFE_SPAR_MIN_FACTOR,
			SFE_SPAR_MAX_FACTOR, &o->spar.heterogeneity);
	case OPT_SEED:
		return sfe_arg_u64("--seed", optarg, 0, UINT64_MAX, &o->spar.seed);
	case OPT_PUBLISHED:
		o->spar.as_published = true;
		return 0;
	case OPT_STATEFUL:
		o->spar.stateful_only = true;
		return 0;
	case OPT_MIN:
		return arg_u32("--min-chain", SFE_MAX_TASKS_PER_JOB, &o->spar.min_chain);
	case OPT_MAX:
		return arg_u32("--max-chain", SFE_MAX_TASKS_PER_JOB, &o->spar.max_chain);
	case 'o':
		o->output = strcmp(optarg, "-") ? optarg : NULL;
		return 0;
	case OPT_JSON:
		o->json = true;
		return 0;
	case OPT_SET:
		if (o->n_sets == MAX_SETS)
			return sfe_cli_usage("workload", "more than %u times --set", MAX_SETS);
		o->sets[o->n_sets++] = optarg;
		return 0;
	case OPT_FUNCTIONS:
		return arg_u32("--functions", 100000, &o->show.functions);
	case OPT_OPS:
		return sfe_arg_double("--ops-factor", optarg, &o->show.ops_factor);
	case OPT_ARG:
		return sfe_arg_double("--arg-factor", optarg, &o->show.arg_factor);
	case OPT_STATE:
		return sfe_arg_double("--state-factor", optarg, &o->show.state_factor);
	case OPT_SHAPE:
		return sfe_arg_shape(optarg, &o->show.shape);
	case SFE_OPTION_HELP:
		return -1;
	default:
		return SFE_EXIT_USAGE;
	}
}

static int cmd_workload(int argc, char **argv)
{
	struct options o = {
		.output = DEFAULT_FILE,
		.spar = {.seed = 1},
		.show = {.functions = 10,
			.ops_factor = 1e5,
			.arg_factor = 1e6,
			.state_factor = 1e6},
	};
	int c;

	optind = 0; /* glibc: begin anew */
	while ((c = sfe_verb_option(&sfe_verb_workload, argc, argv)) != SFE_OPTION_END) {
		int rc = set_option(c, &o);
		if (rc)
			return rc < 0 ? EXIT_SUCCESS : rc;
	}
	argc -= optind + 1;
	argv += optind + 1;
	if (argc < 0)
		return sfe_cli_usage("workload", "expected spar or show");
	if (!strcmp(argv[-1], "spar"))
		return spar(&o, argc);
	if (!strcmp(argv[-1], "show"))
		return show(&o, argc, argv);
	return sfe_cli_usage("workload", "unknown: '%s'", argv[-1]);
}

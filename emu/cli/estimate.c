/* SPDX-License-Identifier: MIT */
/* `sfemu estimate`: the closed form, from its inputs to the comparison or the published files. */
#include "sfemu/estimate.h"

#include <errno.h>
#include <getopt.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "emu/cli/args.h"
#include "emu/cli/cli.h"
#include "emu/run/progress.h"
#include "sfemu/scenario.h"

#define DEFAULT_REPLICATIONS 200 /* as published */

static const char help[] =
	"usage: sfemu estimate [OPTIONS] SCENARIO.yaml\n"
	"       sfemu estimate [OPTIONS] --nodes FILE --links FILE --edges FILE --tasks FILE\n"
	"\n"
	"Computes what each strategy costs by the published closed form (store and forward, no "
	"queues, no\n"
	"propagation), over many replications, and prints the comparison. Nothing is emulated.\n"
	"\n"
	"  --set KEY=VALUE       set a key of the scenario, as in `sfemu run`; may be repeated\n"
	"  --nodes FILE, --links FILE, --edges FILE\n"
	"                        the topology, instead of the scenario's\n"
	"  --tasks FILE          the jobs, instead of the scenario's\n"
	"  --replications N      how many (default 200); each draws jobs, clients and an order\n"
	"  --seed S              of the first one, the next has S + 1 (default: the scenario's, or "
	"1)\n"
	"  --jobs N|all          jobs wanted in each replication (default: the scenario's, or "
	"all)\n"
	"  --functions N         how many functions there are (10)\n"
	"  --ops-factor X        operations = seconds x CPUs x X (1e5)\n"
	"  --arg-factor X        bytes of an argument = memory x X (1e6)\n"
	"  --state-factor X      bytes of a state = memory x X (1e6)\n"
	"  --strategies LIST|all of PureFaaS,StatePropagate,StateLocal (the default),\n"
	"                        UnchainedExternal,UnchainedInEdge,UnchainedInFunction,\n"
	"                        UnchainedInClient\n"
	"  --placements LIST|all of ProcNet (the default), ProcOnly\n"
	"  --cloud-latency S     one way, in seconds, of UnchainedExternal (default: the "
	"scenario's "
	"cloud.delay, or 0.1)\n"
	"  --cloud-rate MBPS     in Mb/s (default: the scenario's cloud.rate, or 5)\n"
	"  --compat statesim     the published simulator's directions: ways reversed, up for down\n"
	"  --by chain            a row for each length of the chain too\n"
	"  --csv                 rows for a machine instead of the table\n"
	"  --outdir DIR          instead write the published simulator's files, two a "
	"replication,\n"
	"                        strategy and placement: job-alloc=… (a line a job: processing "
	"and\n"
	"                        network delay in s, bytes x links, chain length), node-alloc=…\n"
	"                        (a line a node: invocations)\n"
	"  --threads N           default: one for each CPU; the results are the same for any\n"
	"  --quiet               no progress on stderr (there is some from 2 s on)\n"
	"\n"
	"Exit status: 0 done, 1 failed, 2 bad input.\n";

enum {
	OPT_SET = 256,
	OPT_NODES,
	OPT_LINKS,
	OPT_EDGES,
	OPT_TASKS,
	OPT_REPLICATIONS,
	OPT_SEED,
	OPT_JOBS,
	OPT_FUNCTIONS,
	OPT_OPS,
	OPT_ARG,
	OPT_STATE,
	OPT_STRATEGIES,
	OPT_PLACEMENTS,
	OPT_CLOUD_LATENCY,
	OPT_CLOUD_RATE,
	OPT_COMPAT,
	OPT_BY,
	OPT_CSV,
	OPT_OUTDIR,
	OPT_THREADS,
	OPT_QUIET,
	OPT_HELP,
	OPT_END
};

static const struct option longs[] = {
	{"set", required_argument, NULL, OPT_SET},
	{"nodes", required_argument, NULL, OPT_NODES},
	{"links", required_argument, NULL, OPT_LINKS},
	{"edges", required_argument, NULL, OPT_EDGES},
	{"tasks", required_argument, NULL, OPT_TASKS},
	{"replications", required_argument, NULL, OPT_REPLICATIONS},
	{"seed", required_argument, NULL, OPT_SEED},
	{"jobs", required_argument, NULL, OPT_JOBS},
	{"functions", required_argument, NULL, OPT_FUNCTIONS},
	{"ops-factor", required_argument, NULL, OPT_OPS},
	{"arg-factor", required_argument, NULL, OPT_ARG},
	{"state-factor", required_argument, NULL, OPT_STATE},
	{"strategies", required_argument, NULL, OPT_STRATEGIES},
	{"placements", required_argument, NULL, OPT_PLACEMENTS},
	{"cloud-latency", required_argument, NULL, OPT_CLOUD_LATENCY},
	{"cloud-rate", required_argument, NULL, OPT_CLOUD_RATE},
	{"compat", required_argument, NULL, OPT_COMPAT},
	{"by", required_argument, NULL, OPT_BY},
	{"csv", no_argument, NULL, OPT_CSV},
	{"outdir", required_argument, NULL, OPT_OUTDIR},
	{"threads", required_argument, NULL, OPT_THREADS},
	{"quiet", no_argument, NULL, OPT_QUIET},
	{"help", no_argument, NULL, OPT_HELP},
	{0},
};

#define MAX_STRATEGIES 16
#define QUIET_S 2 /* what is done sooner needs no progress */

struct options {
	const char *scenario, *nodes, *links, *edges, *tasks;
	const char **sets;
	uint32_t n_sets;
	bool given[OPT_END - OPT_SET]; /* on the command line, which wins over the scenario */
	bool csv, quiet;
	enum sfe_direction direction;
	struct sfe_workload_params workload;
	const char *strategies[MAX_STRATEGIES];
	struct sfe_comparison_params params;
};

static bool given(const struct options *o, int option)
{
	return o->given[option - OPT_SET];
}

static int usage_error(const char *option, const char *text, const char *want)
{
	return sfe_cli_usage("estimate", "%s '%s': %s", option, text, want);
}

/* Whether the text is a list of known words, each once; gives the place of each in the names. */
static int parse_list(const char *option, const char *text, const char *(*name)(unsigned i),
	unsigned *at, unsigned *n)
{
	char *copy = strdup(text), *save = NULL;
	bool all = !strcmp(text, "all");
	int status = copy ? 0 : SFE_EXIT_FAILED;

	*n = 0;
	for (unsigned i = 0; all && name(i); i++)
		at[(*n)++] = i;
	for (char *word = copy && !all ? strtok_r(copy, ", ", &save) : NULL; word && !status;
		word = strtok_r(NULL, ", ", &save)) {
		unsigned i = 0;
		while (name(i) && strcmp(name(i), word) != 0)
			i++;
		if (!name(i))
			status = usage_error(option, word, "there is none of that name");
		for (unsigned k = 0; k < *n && !status; k++)
			if (at[k] == i)
				status = usage_error(option, word, "it is there twice");
		if (!status)
			at[(*n)++] = i;
	}
	free(copy);
	if (!status && !*n)
		status = usage_error(option, text, "the list is empty");
	return status;
}

static int set_strategies(struct options *o, const char *text)
{
	unsigned at[MAX_STRATEGIES];
	int status = parse_list(
		"--strategies", text, sfe_estimate_strategy, at, &o->params.n_strategies);

	for (unsigned i = 0; i < o->params.n_strategies && !status; i++)
		o->strategies[i] = sfe_estimate_strategy(at[i]);
	return status;
}

static const char *placement_at(unsigned i)
{
	return i < 2 ? sfe_placement_name((enum sfe_placement)i) : NULL;
}

static int set_placements(struct options *o, const char *text)
{
	unsigned at[2];
	int status = parse_list("--placements", text, placement_at, at, &o->params.n_placements);

	for (unsigned i = 0; i < o->params.n_placements && !status; i++)
		o->params.placements[i] = (enum sfe_placement)at[i];
	return status;
}

static int set_u32(const char *option, uint32_t min, uint32_t max, uint32_t *out)
{
	uint64_t v;
	int status = sfe_arg_u64(option, optarg, min, max, &v);

	if (!status)
		*out = (uint32_t)v;
	return status;
}

static int set_word(const char *option, const char *word)
{
	return strcmp(optarg, word) ? usage_error(option, optarg, "only one word is known here")
				    : 0;
}

static int add_set(struct options *o)
{
	const char **more = reallocarray(o->sets, o->n_sets + 1, sizeof(*more));

	if (!more)
		return SFE_EXIT_FAILED;
	o->sets = more;
	more[o->n_sets++] = optarg;
	return 0;
}

static int set_option(struct options *o, int option)
{
	struct sfe_comparison_params *p = &o->params;

	switch (option) {
	case OPT_SET:
		return add_set(o);
	case OPT_NODES:
		o->nodes = optarg;
		return 0;
	case OPT_LINKS:
		o->links = optarg;
		return 0;
	case OPT_EDGES:
		o->edges = optarg;
		return 0;
	case OPT_TASKS:
		o->tasks = optarg;
		return 0;
	case OPT_REPLICATIONS:
		return set_u32("--replications", 1, SFE_MAX_REPLICATIONS, &p->replications);
	case OPT_SEED:
		return set_u32("--seed", 0, UINT32_MAX, &p->first_seed);
	case OPT_JOBS:
		p->jobs = 0;
		return strcmp(optarg, "all") ? set_u32("--jobs", 1, SFE_MAX_JOBS, &p->jobs) : 0;
	case OPT_FUNCTIONS:
		return set_u32("--functions", 1, 100000, &o->workload.functions);
	case OPT_OPS:
		return sfe_arg_double("--ops-factor", optarg, &o->workload.ops_factor);
	case OPT_ARG:
		return sfe_arg_double("--arg-factor", optarg, &o->workload.arg_factor);
	case OPT_STATE:
		return sfe_arg_double("--state-factor", optarg, &o->workload.state_factor);
	case OPT_STRATEGIES:
		return set_strategies(o, optarg);
	case OPT_PLACEMENTS:
		return set_placements(o, optarg);
	case OPT_CLOUD_LATENCY:
		return sfe_arg_double("--cloud-latency", optarg, &p->cloud.cloud_latency_s);
	case OPT_CLOUD_RATE:
		return sfe_arg_double("--cloud-rate", optarg, &p->cloud.cloud_rate_mbps);
	case OPT_COMPAT:
		o->direction = SFE_STATESIM;
		return set_word("--compat", "statesim");
	case OPT_BY:
		p->by_chain = true;
		return set_word("--by", "chain");
	case OPT_QUIET:
		o->quiet = true;
		return 0;
	case OPT_CSV:
		o->csv = true;
		return 0;
	case OPT_OUTDIR:
		p->outdir = optarg;
		return 0;
	case OPT_THREADS:
		return set_u32("--threads", 1, SFE_MAX_THREADS, &p->threads);
	default:
		return SFE_EXIT_USAGE;
	}
}

/* 0: go on; -1: help was printed; else the exit status after the line that says why. */
static int parse(int argc, char **argv, struct options *o)
{
	int option, status;

	optind = 0; /* glibc: start over */
	while ((option = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		if (option == OPT_HELP) {
			fputs(help, stdout);
			return -1;
		}
		if ((status = set_option(o, option)))
			return status;
		o->given[option - OPT_SET] = true;
	}
	if (argc - optind > 1)
		return sfe_cli_usage(
			"estimate", "more than one scenario file: '%s'", argv[optind + 1]);
	o->scenario = argv[optind];
	bool any = o->nodes || o->links || o->edges, all = o->nodes && o->links && o->edges;
	if (any && !all)
		return sfe_cli_usage("estimate", "--nodes, --links and --edges belong together");
	if (!o->scenario && !(all && o->tasks))
		return sfe_cli_usage("estimate",
			"name a scenario file, or --nodes, --links, --edges and --tasks");
	if (!o->scenario && o->n_sets)
		return sfe_cli_usage("estimate", "--set needs a scenario file");
	if (o->csv && o->params.outdir)
		return sfe_cli_usage("estimate", "--csv and --outdir exclude each other");
	return 0;
}

/* The scenario's values where the command line gives none. */
static int take_scenario(struct options *o, const struct sfe_scenario *s)
{
	struct sfe_comparison_params *p = &o->params;

	if (!given(o, OPT_SEED))
		p->first_seed = s->seed;
	if (!given(o, OPT_JOBS))
		p->jobs = s->workload.jobs;
	if (!given(o, OPT_FUNCTIONS))
		o->workload.functions = s->workload.params.functions;
	if (!given(o, OPT_OPS))
		o->workload.ops_factor = s->workload.params.ops_factor;
	if (!given(o, OPT_ARG))
		o->workload.arg_factor = s->workload.params.arg_factor;
	if (!given(o, OPT_STATE))
		o->workload.state_factor = s->workload.params.state_factor;
	if (!given(o, OPT_CLOUD_LATENCY))
		p->cloud.cloud_latency_s = sfe_delay_mean(&s->cloud.link.delay) / 1e9;
	if (!given(o, OPT_CLOUD_RATE))
		p->cloud.cloud_rate_mbps = (double)s->cloud.link.rate_bps / 1e6;
	if (!given(o, OPT_PLACEMENTS)) {
		p->placements[0] = s->placement;
		p->n_placements = 1;
	}
	if (given(o, OPT_STRATEGIES))
		return 0;
	p->n_strategies = 0;
	for (uint32_t i = 0; i < s->n_strategies; i++)
		for (unsigned k = 0; sfe_estimate_strategy(k); k++)
			if (!strcmp(sfe_estimate_strategy(k), s->strategies[i]->name))
				o->strategies[p->n_strategies++] = sfe_estimate_strategy(k);
	return p->n_strategies == s->n_strategies
		       ? 0
		       : sfe_cli_usage("estimate",
				 "the closed form does not know all strategies of the scenario: "
				 "name those that it should compare with --strategies");
}

struct inputs {
	struct sfe_topology *t;
	struct sfe_routing *r;
	struct sfe_workload *w;
};

static int read_inputs(struct options *o, struct inputs *in, struct sfe_error *err)
{
	struct sfe_scenario *s = NULL;
	int rc = o->scenario ? sfe_scenario_read(o->scenario, o->sets, o->n_sets, &s, err) : 0;
	int status = rc ? sfe_cli_fail("estimate", err) : s ? take_scenario(o, s) : 0;

	if (!status) {
		rc = o->nodes ? sfe_topology_read(o->nodes, o->links, o->edges, &in->t, err)
			      : sfe_scenario_topology(s, &in->t, err);
		if (!rc)
			rc = sfe_routing_new(in->t, o->direction, &in->r, err);
		if (!rc)
			rc = sfe_workload_read(
				o->tasks ? o->tasks : s->workload.tasks, &o->workload, &in->w, err);
		status = rc ? sfe_cli_fail("estimate", err) : 0;
	}
	sfe_scenario_free(s);
	return status;
}

/* Every folder of the path that is not there yet. */
static int make_folder(const char *path)
{
	char *copy = strdup(path);
	int rc = copy ? 0 : -ENOMEM;

	for (char *at = copy ? copy + 1 : NULL; at && *at && !rc; at++) {
		if (*at != '/')
			continue;
		*at = 0;
		if (mkdir(copy, 0777) && errno != EEXIST)
			rc = -errno;
		*at = '/';
	}
	if (!rc && mkdir(path, 0777) && errno != EEXIST)
		rc = -errno;
	free(copy);
	return rc;
}

struct shown {
	struct sfe_progress progress;
	uint32_t all;
};

static void on_replication(void *arg, uint32_t done)
{
	struct shown *shown = arg;

	if (sfe_progress_seconds(&shown->progress) > QUIET_S)
		sfe_progress_part(&shown->progress, "estimating", done, shown->all, "replications");
}

static int execute(struct options *o, const struct inputs *in)
{
	struct sfe_comparison_params *p = &o->params;
	struct shown shown = {.all = p->replications};
	struct sfe_comparison *c = NULL;
	struct sfe_error err = {0};
	int rc = p->outdir && *p->outdir ? make_folder(p->outdir) : 0;

	sfe_progress_start(&shown.progress, o->quiet);
	shown.progress.began_s = 0;
	p->progress = on_replication;
	p->progress_arg = &shown;
	if (rc)
		sfe_fail(&err, rc, p->outdir, "name another folder", "cannot make it: %s",
			strerror(-rc));
	else
		rc = sfe_compare(in->t, in->r, in->w, p, &c, &err);
	sfe_progress_line(&shown.progress);
	if (!rc && c) {
		rc = o->csv ? sfe_comparison_csv(c, stdout) : sfe_comparison_table(c, stdout);
		if (rc)
			sfe_fail(&err, rc, "standard output", NULL, "cannot write");
	}
	sfe_comparison_free(c);
	return rc ? sfe_cli_fail("estimate", &err) : 0;
}

static unsigned cpus(void)
{
	cpu_set_t set;
	int n = sched_getaffinity(0, sizeof(set), &set) ? 1 : CPU_COUNT(&set);

	return n < 1 ? 1 : n > (int)SFE_MAX_THREADS ? SFE_MAX_THREADS : (unsigned)n;
}

int sfe_cmd_estimate(int argc, char **argv)
{
	struct options o = {
		.direction = SFE_PHYSICAL,
		.workload = {.functions = 10,
			.ops_factor = 1e5,
			.arg_factor = 1e6,
			.state_factor = 1e6},
		.strategies = {"PureFaaS", "StatePropagate", "StateLocal"},
		.params = {.n_placements = 1,
			.placements = {SFE_PROC_NET},
			.n_strategies = 3,
			.first_seed = 1,
			.replications = DEFAULT_REPLICATIONS,
			.cloud = {SFE_CLOUD_LATENCY_S, SFE_CLOUD_RATE_MBPS},
			.threads = cpus()},
	};
	struct inputs in = {0};
	struct sfe_error err = {0};
	int status = parse(argc, argv, &o);

	o.params.strategies = o.strategies;
	if (!status && !(status = read_inputs(&o, &in, &err)))
		status = execute(&o, &in);
	sfe_routing_free(in.r);
	sfe_topology_free(in.t);
	sfe_workload_free(in.w);
	free(o.sets);
	return status < 0 ? 0 : status;
}

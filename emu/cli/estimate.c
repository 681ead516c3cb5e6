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
#include <sys/wait.h>
#include <unistd.h>

#include "emu/cli/args.h"
#include "emu/cli/cli.h"
#include "emu/cli/terminal.h"
#include "emu/cli/verb.h"
#include "emu/experiment/contained_estimate.h"
#include "emu/experiment/functions.h"
#include "emu/model/base/csv_json.h"
#include "emu/model/base/input.h"
#include "emu/run/progress.h"
#include "emu/security/contain.h"
#include "emu/security/function_rights.h"
#include "emu/security/invoker.h"
#include "sfemu/scenario.h"

#define DEFAULT_REPLICATIONS 200 /* as published */

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
	OPT_SHAPE,
	OPT_STRATEGIES,
	OPT_PLACEMENTS,
	OPT_CLOUD_LATENCY,
	OPT_CLOUD_RATE,
	OPT_COMPAT,
	OPT_BY,
	OPT_CSV,
	OPT_OUTDIR,
	OPT_THREADS,
	OPT_JSON,
	OPT_WIDE,
	OPT_QUIET,
	OPT_END
};

static int cmd_estimate(int argc, char **argv);

static const struct sfe_option option_table[] = {
	{"set", 0, "KEY=VALUE", SFE_WORD_ANY, OPT_SET,
		"set a key of the scenario, as in `sfemu run`; may be repeated"},
	{"nodes", 0, "FILE", SFE_WORD_FILE, OPT_NODES,
		"the nodes of the topology, instead of those of the scenario; --nodes, "
		"--links and --edges belong together"},
	{"links", 0, "FILE", SFE_WORD_FILE, OPT_LINKS, "its links"},
	{"edges", 0, "FILE", SFE_WORD_FILE, OPT_EDGES, "its edges"},
	{"tasks", 0, "FILE", SFE_WORD_FILE, OPT_TASKS,
		"the jobs, instead of those of the scenario"},
	{"replications", 0, "N", SFE_WORD_ANY, OPT_REPLICATIONS,
		"how many replications (default 200); each draws jobs, clients and an order"},
	{"seed", 0, "S", SFE_WORD_ANY, OPT_SEED,
		"the seed of the first one; the next has S + 1 (default: that of the "
		"scenario, or 1)"},
	{"jobs", 0, "N|all", SFE_WORD_ANY, OPT_JOBS,
		"jobs wanted in each replication (default: those of the scenario, or all)"},
	{"functions", 0, "N", SFE_WORD_ANY, OPT_FUNCTIONS,
		"how many functions there are (default 10)"},
	{"ops-factor", 0, "X", SFE_WORD_ANY, OPT_OPS,
		"operations = seconds x CPUs x X (default 1e5)"},
	{"arg-factor", 0, "X", SFE_WORD_ANY, OPT_ARG,
		"bytes of an argument = memory x X (default 1e6)"},
	{"state-factor", 0, "X", SFE_WORD_ANY, OPT_STATE,
		"bytes of a state = memory x X (default 1e6)"},
	{"shape", 0, "chain|dag", SFE_WORD_ONE_OF, OPT_SHAPE,
		"what a job becomes: the published chain, or the graph of its tasks (default "
		"chain)"},
	{"strategies", 0, "LIST|all", SFE_WORD_LIST, OPT_STRATEGIES,
		"of PureFaaS,StatePropagate,StateLocal (the default), "
		"UnchainedExternal,UnchainedInEdge,UnchainedInFunction, UnchainedInClient",
		"PureFaaS|StatePropagate|StateLocal|UnchainedExternal|UnchainedInEdge|"
		"UnchainedInFunction|UnchainedInClient|all"},
	{"placements", 0, "LIST|all", SFE_WORD_LIST, OPT_PLACEMENTS,
		"of ProcNet (the default), ProcOnly", "ProcNet|ProcOnly|all"},
	{"cloud-latency", 0, "S", SFE_WORD_ANY, OPT_CLOUD_LATENCY,
		"one-way latency in seconds, of UnchainedExternal (default: cloud.delay of "
		"the scenario, or 0.1)"},
	{"cloud-rate", 0, "MBPS", SFE_WORD_ANY, OPT_CLOUD_RATE,
		"in Mb/s (default: cloud.rate of the scenario, or 5)"},
	{"compat", 0, "statesim", SFE_WORD_ONE_OF, OPT_COMPAT,
		"the directions of the published simulator: paths reversed, uplinks and "
		"downlinks exchanged"},
	{"by", 0, "chain", SFE_WORD_ONE_OF, OPT_BY,
		"a row for each length of the chain too; of a graph, of its longest path"},
	{"csv", 0, NULL, SFE_WORD_ANY, OPT_CSV, "print rows for programs instead of the table"},
	{"json", 0, NULL, SFE_WORD_ANY, OPT_JSON, "print the rows as JSON"},
	{"wide", 0, NULL, SFE_WORD_ANY, OPT_WIDE,
		"print every column, even if the terminal is narrower"},
	{"outdir", 0, "DIR", SFE_WORD_FOLDER, OPT_OUTDIR,
		"write the files of the published simulator instead, two for each "
		"replication, strategy and placement: job-alloc=… (a line for each job: "
		"processing and network delay in s, bytes x links, length of the chain) and "
		"node-alloc=… (a line for each node: invocations)"},
	{"threads", 0, "N", SFE_WORD_ANY, OPT_THREADS,
		"default: one for each CPU; the results do not depend on it"},
	{"quiet", 0, NULL, SFE_WORD_ANY, OPT_QUIET, "print no progress (printed from 2 s on)"},
	{0},
};
const struct sfe_verb sfe_verb_estimate = {
	.name = "estimate",
	.summary = "the closed form: what each strategy costs, over many replications",
	.run = cmd_estimate,
	.usage = (const char *const[]){"[OPTIONS] SCENARIO.yaml",
		"[OPTIONS] --nodes N --links L --edges E --tasks T", NULL},
	.about = "Computes what each strategy costs by the published closed form (store and "
		 "forward, no queues, no propagation), over many replications, and prints the "
		 "comparison. Nothing is emulated.",
	.options = option_table,
	.notes = "--json prints {\"rows\": [...]}. The keys of a row are the columns that --csv "
		 "has: "
		 "net_delay and proc_delay in seconds, traffic in bytes x links; of each the mean "
		 "over the replications, p50, p95 and p99, and as ..._ci95_... half the 95 % "
		 "confidence interval.",
	.examples = (const char *const[]){"sfemu estimate scenarios/iiot.yaml",
		"sfemu estimate --strategies all --placements all --csv scenarios/iiot.yaml", NULL},
	.status =
		(const struct sfe_exit_status[]){{0, "done"}, {1, "failed"}, {2, "bad input"}, {0}},
	.operand = SFE_WORD_FILE,
};

#define QUIET_S 2 /* no progress is printed before */

struct options {
	const char *scenario, *nodes, *links, *edges, *tasks;
	const char **sets;
	uint32_t n_sets;
	bool given[OPT_END -
		   OPT_SET]; /* on the command line, which has precedence over the scenario */
	bool csv, json, wide, quiet;
	enum sfe_direction direction;
	struct sfe_workload_params workload;
	const char *strategies[SFE_MAX_STRATEGIES];
	const struct sfe_scenario *plugins; /* whose plugins are to be compared; NULL: none */
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

/* Reads a list of known words, each at most once: at[i] is the number of the i-th word. Returns 0,
 * or the exit status. */
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
	unsigned at[SFE_MAX_STRATEGIES];
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
	case OPT_SHAPE:
		return sfe_arg_shape(optarg, &o->workload.shape);
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
		o->workload.consecutive = true;
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
	case OPT_JSON:
		o->json = true;
		return 0;
	case OPT_WIDE:
		o->wide = true;
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

/* 0: go on; -1: help was printed; else the exit status, after one line on stderr. */
static int parse(int argc, char **argv, struct options *o)
{
	int option, status;

	optind = 0; /* glibc: begin anew */
	while ((option = sfe_verb_option(&sfe_verb_estimate, argc, argv)) != SFE_OPTION_END) {
		if (option == SFE_OPTION_HELP)
			return -1;
		if (option == SFE_OPTION_BAD)
			return SFE_EXIT_USAGE;
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
	if (o->csv + o->json > 1)
		return sfe_cli_usage("estimate", "--csv and --json exclude each other");
	if ((o->csv || o->json) && o->params.outdir)
		return sfe_cli_usage("estimate", "--csv or --json and --outdir exclude each other");
	return 0;
}

/* Takes the values of the scenario where the command line gives none. */
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
	if (!given(o, OPT_SHAPE))
		o->workload.shape = s->workload.params.shape;
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
	p->n_strategies = s->n_strategies;
	for (uint32_t i = 0; i < s->n_strategies; i++) {
		o->strategies[i] = s->strategies[i]->name;
		if (s->plugins[i])
			o->plugins = s;
	}
	return o->plugins && p->outdir
		       ? sfe_cli_usage("estimate",
				 "the published simulator knows no plugins: name the strategies to "
				 "compare with --strategies")
		       : 0;
}

struct inputs {
	struct sfe_scenario *s; /* which the workload refers to */
	struct sfe_placed *placed;
	struct sfe_placement_rules rules;
	struct sfe_topology *t;
	struct sfe_routing *r;
	struct sfe_workload *w;
};

/* A scenario's tasks are opened as its other files are; those of the command line may be a pipe. */
static int read_tasks(struct options *o, const struct sfe_scenario *s, struct sfe_workload **out,
	struct sfe_error *err)
{
	if (o->tasks)
		return sfe_workload_read(o->tasks, &o->workload, out, err);
	return sfe_scenario_workload_with(s, &o->workload, out, err);
}

static int read_inputs(struct options *o, struct inputs *in, struct sfe_error *err)
{
	struct sfe_scenario *s = NULL;
	int rc = o->scenario ? sfe_scenario_read(o->scenario, o->sets, o->n_sets, &s, err) : 0;
	int status = rc ? sfe_cli_fail("estimate", err) : s ? take_scenario(o, s) : 0;

	if (!status && o->workload.consecutive && o->workload.shape != SFE_SHAPE_CHAIN)
		status = sfe_cli_usage("estimate",
			"the published simulator knows chains only: omit --compat, or give --shape "
			"chain");
	if (!status) {
		rc = o->nodes ? sfe_topology_read(o->nodes, o->links, o->edges, &in->t, err)
			      : sfe_scenario_topology(s, &in->t, err);
		if (!rc)
			rc = sfe_routing_new(in->t, o->direction, &in->r, err);
		if (!rc)
			rc = read_tasks(o, s, &in->w, err);
		status = rc ? sfe_cli_fail("estimate", err) : 0;
	}
	in->s = s;
	if (!status && s) {
		rc = sfe_scenario_placed(s, &in->placed, err);
		status = rc ? sfe_cli_fail("estimate", err) : 0;
		in->rules = (struct sfe_placement_rules){.pins = &s->pins,
			.placed = in->placed,
			.n_functions = s->functions.n,
			.functions = s->functions.of};
		o->params.rules = &in->rules;
	}
	return status;
}

/* Makes every missing folder of the path. */
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

/* {"rows": [...]}, with the columns of --csv. */
static int print_json(const struct sfe_comparison *c)
{
	struct sfe_error err = {0};
	char *text = NULL;
	size_t size;
	FILE *csv = open_memstream(&text, &size);
	int r = csv ? sfe_comparison_csv(c, csv) : -ENOMEM;

	if (csv)
		fclose(csv);
	csv = r ? NULL : fmemopen(text, size, "r");
	if (csv) {
		printf("{\"rows\": ");
		r = sfe_csv_to_json(csv, "estimate", stdout, &err);
		printf("}\n");
		fclose(csv);
	} else {
		r = r ? r : -ENOMEM;
	}
	free(text);
	return r ? r : fflush(stdout) || ferror(stdout) ? -EIO : 0;
}

static int print_table(const struct options *o, const struct sfe_comparison *c)
{
	unsigned left_out;
	int r = sfe_comparison_table(c, sfe_terminal_width(o->wide), &left_out, stdout);

	sfe_terminal_left_out(left_out, "--csv");
	return r ? r : fflush(stdout) || ferror(stdout) ? -EIO : 0;
}

static int execute(struct options *o, const struct inputs *in)
{
	struct sfe_comparison_params *p = &o->params;
	struct shown shown = {.all = p->replications};
	struct sfe_comparison *c = NULL;
	struct sfe_error err = {0};
	/* What is made belongs to who called sudo; threads have the rights of who starts them. */
	struct sfe_as_invoker before = sfe_as_invoker_begin();
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
	sfe_as_invoker_end(&before);
	sfe_progress_line(&shown.progress);
	if (!rc && c) {
		rc = o->csv    ? sfe_comparison_csv(c, stdout)
		     : o->json ? print_json(c)
			       : print_table(o, c);
		if (rc)
			sfe_fail(&err, rc, "standard output", NULL, "cannot write");
	}
	sfe_comparison_free(c);
	return rc ? sfe_cli_fail("estimate", &err) : 0;
}

struct comparing {
	struct options *o;
	const struct inputs *in;
};

/* In namespaces of its own: gives its rights up, then loads the plugins. */
static int contained(void *arg, int alive)
{
	struct comparing *c = arg;
	struct sfe_error err = {0};
	int r = sfe_function_rights(true, &err);

	sfe_contain_until_orchestrator_ends(alive);
	r = r ? r : sfe_strategies_load(c->o->plugins, &err);
	int status = r ? sfe_cli_fail("estimate", &err) : execute(c->o, c->in);
	return fflush(NULL) ? SFE_EXIT_FAILED : status;
}

/* The rules of plugins run in a process without rights and without a network. */
static int execute_contained(struct options *o, const struct inputs *in)
{
	struct comparing c = {o, in};
	struct sfe_error err = {0};
	int status = 0;
	pid_t pid;

	if (sfe_strategies_trust(o->plugins, &err) ||
		sfe_contain(sfe_contain_first(), CLONE_NEWNET | CLONE_NEWIPC, -1, contained, &c,
			&pid, &err))
		return sfe_cli_fail("estimate", &err);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	sfe_fail(&err, -ECHILD, NULL, "a plugin's rules are at fault: use a debugger",
		"the process that computed the closed form ended by signal %d", WTERMSIG(status));
	return sfe_cli_fail("estimate", &err);
}

static unsigned cpus(void)
{
	cpu_set_t set;
	int n = sched_getaffinity(0, sizeof(set), &set) ? 1 : CPU_COUNT(&set);

	return n < 1 ? 1 : n > (int)SFE_MAX_THREADS ? SFE_MAX_THREADS : (unsigned)n;
}

static int cmd_estimate(int argc, char **argv)
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
		status = o.plugins ? execute_contained(&o, &in) : execute(&o, &in);
	sfe_routing_free(in.r);
	sfe_topology_free(in.t);
	sfe_workload_free(in.w);
	sfe_placed_free(in.placed);
	sfe_scenario_free(in.s);
	free(o.sets);
	return status < 0 ? 0 : status;
}

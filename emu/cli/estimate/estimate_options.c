/* SPDX-License-Identifier: MIT */
#include "emu/cli/estimate/estimate_options.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "emu/cli/base/args.h"

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
	OPT_GAIN,
	OPT_CSV,
	OPT_OUTDIR,
	OPT_THREADS,
	OPT_JSON,
	OPT_WIDE,
	OPT_QUIET,
	OPT_END
};

_Static_assert(OPT_END - OPT_SET <= ESTIMATE_MAX_OPTIONS, "ESTIMATE_MAX_OPTIONS");

const struct sfe_option estimate_option_table[] = {
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
		"of ProcNet (the default), ProcOnly, ProcState", "ProcNet|ProcOnly|ProcState|all"},
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
	{"gain", 0, NULL, SFE_WORD_ANY, OPT_GAIN,
		"of each strategy with options what they gain, predicted for the jobs and places "
		"of a run on an idle network: seconds that a mean job waits for its states"},
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

static bool given(const struct estimate_options *o, int option)
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

static int set_strategies(struct estimate_options *o, const char *text)
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
	return i < SFE_PLACEMENTS ? sfe_placement_name((enum sfe_placement)i) : NULL;
}

static int set_placements(struct estimate_options *o, const char *text)
{
	unsigned at[SFE_PLACEMENTS];
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

static int set_option(struct estimate_options *o, int option)
{
	struct sfe_comparison_params *p = &o->params;

	switch (option) {
	case OPT_SET:
		return sfe_arg_add(&o->sets, &o->n_sets, optarg) ? SFE_EXIT_FAILED : 0;
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
	case OPT_GAIN:
		o->gain = true;
		return 0;
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

int estimate_options_parse(
	const struct sfe_verb *verb, int argc, char **argv, struct estimate_options *o)
{
	int option, status;

	optind = 0; /* glibc: begin anew */
	while ((option = sfe_verb_option(verb, argc, argv)) != SFE_OPTION_END) {
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
	for (int k = OPT_SET; o->gain && k < OPT_END; k++)
		if (!o->scenario || (given(o, k) && k != OPT_SET && k != OPT_GAIN && k != OPT_CSV &&
					    k != OPT_QUIET))
			return sfe_cli_usage("estimate",
				"--gain takes all from the scenario file: use --set, and no other "
				"option but --csv and --quiet");
	if (o->csv + o->json > 1)
		return sfe_cli_usage("estimate", "--csv and --json exclude each other");
	if ((o->csv || o->json) && o->params.outdir)
		return sfe_cli_usage("estimate", "--csv or --json and --outdir exclude each other");
	return 0;
}

int estimate_options_scenario(struct estimate_options *o, const struct sfe_scenario *s)
{
	struct sfe_comparison_params *p = &o->params;
	bool others = false; /* strategies that do not choose others */

	for (uint32_t i = 0; i < s->n_strategies; i++)
		others = others || !s->strategies[i]->chooses;
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
	p->n_strategies = 0;
	for (uint32_t i = 0; i < s->n_strategies; i++) {
		if (others && s->strategies[i]->chooses) {
			fprintf(stderr,
				"sfemu: %s is left out: it has no closed form of its own, as each "
				"job "
				"follows another strategy\n",
				s->strategies[i]->name);
			continue;
		}
		o->strategies[p->n_strategies++] = s->strategies[i]->name;
		if (s->plugins[i])
			o->plugins = s;
	}
	return o->plugins && p->outdir
		       ? sfe_cli_usage("estimate",
				 "the published simulator knows no plugins: name the strategies to "
				 "compare with --strategies")
		       : 0;
}

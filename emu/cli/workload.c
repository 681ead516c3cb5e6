/* SPDX-License-Identifier: MIT */
/* sfemu workload: makes and shows workloads. */
#include "sfemu/workload.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "args.h"
#include "cli.h"
#include "sfemu/spar.h"

#define BAR 50

static const char help[] =
	"Usage: sfemu workload spar --tables DIR --jobs N [--seed S] [--stateful-only]\n"
	"                           [--min-chain A] [--max-chain B] [-o FILE]\n"
	"       sfemu workload show FILE [--functions N] [--ops-factor X] [--arg-factor X]\n"
	"                           [--state-factor X]\n"
	"\n"
	"  spar   draws jobs from Spar's tables: rows "
	"arrival_s,j_N,NAME,duration_s,cpu,mem,instances\n"
	"  show   jobs, lengths of the chains and sizes of the states of a file\n"
	"\n"
	"  --tables DIR       folder with cpl.csv, level.csv, task_num.csv and so on\n"
	"  --jobs N           how many jobs to write\n"
	"  --seed S           of all draws (default 1)\n"
	"  --stateful-only    only jobs that have a state once they are a chain\n"
	"  --min-chain A, --max-chain B\n"
	"                     only jobs of that many invocations\n"
	"  -o, --output FILE  where to (default: the standard output)\n"
	"  --functions N      how many functions there are (default 10)\n"
	"  --ops-factor X, --arg-factor X, --state-factor X\n"
	"                     operations per second of a CPU, bytes per unit of memory (1e5, 1e6, "
	"1e6)\n"
	"  -h, --help         this text\n";

struct options {
	const char *tables, *output;
	struct sfe_spar_params spar;
	struct sfe_workload_params show;
};

static int spar(const struct options *o, int argc)
{
	struct sfe_spar_tables *tables;
	struct sfe_error err = {0};
	FILE *f = stdout;

	if (argc || !o->tables || !o->spar.jobs)
		return sfe_cli_usage(
			"workload", "spar needs --tables DIR and --jobs N and no file");
	int rc = sfe_spar_tables_read(o->tables, &tables, &err);
	if (rc)
		return sfe_cli_fail("workload", &err);
	if (o->output && !(f = fopen(o->output, "we")))
		rc = sfe_fail(&err, -errno, o->output, "check the path", "cannot write: %s",
			strerror(errno));
	if (!rc)
		rc = sfe_spar_write(tables, &o->spar, f, &err);
	if (f && f != stdout && fclose(f) && !rc)
		rc = sfe_fail(&err, -EIO, o->output, "free some space", "cannot write");
	sfe_spar_tables_free(tables);
	return rc ? sfe_cli_fail("workload", &err) : EXIT_SUCCESS;
}

static void bar(const char *label, uint64_t count, uint64_t most)
{
	static const char full[BAR + 1] = "##################################################";
	int len = most ? (int)((count * BAR + most - 1) / most) : 0;

	printf("  %12s %8llu %.*s\n", label, (unsigned long long)count, len, full);
}

static void show_chains(const struct sfe_workload *w)
{
	enum { LONGEST = 16 }; /* the last row has all longer ones */
	uint64_t count[LONGEST + 1] = {0}, most = 0;
	char label[32];

	for (uint32_t j = 0; j < w->n_jobs; j++) {
		uint32_t n = w->jobs[j].n_steps;
		count[n < LONGEST ? n : LONGEST]++;
	}
	for (int i = 1; i <= LONGEST; i++)
		most = count[i] > most ? count[i] : most;
	printf("\nlength of the chain, jobs\n");
	for (int i = 1; i <= LONGEST; i++) {
		snprintf(label, sizeof(label), "%d%s", i, i == LONGEST ? " or more" : "");
		if (count[i])
			bar(label, count[i], most);
	}
}

static void show_states(const struct sfe_workload *w)
{
	enum { BINS = 45 }; /* of one power of two each; 0 bytes in the first */
	uint64_t count[BINS] = {0}, most = 0;
	char label[32];

	for (uint32_t j = 0; j < w->n_jobs; j++)
		for (uint32_t s = 0; s < w->jobs[j].n_states; s++) {
			uint64_t bytes = w->jobs[j].state_bytes[s];
			int bin = bytes ? 64 - __builtin_clzll(bytes) : 0;
			count[bin < BINS ? bin : BINS - 1]++;
		}
	for (int i = 0; i < BINS; i++)
		most = count[i] > most ? count[i] : most;
	printf("\nsize of a state in bytes (below), states\n");
	for (int i = 0; i < BINS; i++) {
		snprintf(label, sizeof(label), "%llu", 1ull << i);
		if (count[i])
			bar(label, count[i], most);
	}
}

static void show_sums(const struct sfe_workload *w)
{
	double ops = 0, arg = 0, state = 0;
	uint64_t steps = 0, states = 0;

	for (uint32_t j = 0; j < w->n_jobs; j++) {
		const struct sfe_job *job = &w->jobs[j];
		for (uint32_t s = 0; s < job->n_steps; s++) {
			ops += (double)job->steps[s].ops;
			arg += (double)job->steps[s].arg_bytes;
		}
		steps += job->n_steps;
		states += job->n_states;
		state += (double)job->states_total_bytes;
	}
	printf("%u jobs with state, arrivals from %g s to %g s\n", w->n_jobs, w->jobs[0].arrival_s,
		w->jobs[w->n_jobs - 1].arrival_s);
	printf("%u jobs without state dropped, %u rows skipped\n", w->n_stateless_dropped,
		w->n_skipped_rows);
	printf("%llu invocations, mean %.3g operations, mean argument %.4g bytes\n",
		(unsigned long long)steps, ops / (double)steps, arg / (double)steps);
	printf("%llu states, mean %.4g bytes, %.3g a job\n", (unsigned long long)states,
		state / (double)states, (double)states / w->n_jobs);
}

static int show(const struct options *o, int argc, char **argv)
{
	struct sfe_workload *w;
	struct sfe_error err = {0};

	if (argc != 1)
		return sfe_cli_usage("workload", "show needs one FILE");
	if (sfe_workload_read(argv[0], &o->show, &w, &err))
		return sfe_cli_fail("workload", &err);
	show_sums(w);
	show_chains(w);
	show_states(w);
	sfe_workload_free(w);
	if (!fflush(stdout) && !ferror(stdout))
		return EXIT_SUCCESS;
	sfe_fail(&err, -EIO, "standard output", NULL, "cannot write");
	return sfe_cli_fail("workload", &err);
}

enum {
	OPT_TABLES = 256,
	OPT_JOBS,
	OPT_SEED,
	OPT_STATEFUL,
	OPT_MIN,
	OPT_MAX,
	OPT_FUNCTIONS,
	OPT_OPS,
	OPT_ARG,
	OPT_STATE
};

static const struct option longs[] = {
	{"tables", required_argument, NULL, OPT_TABLES},
	{"jobs", required_argument, NULL, OPT_JOBS},
	{"seed", required_argument, NULL, OPT_SEED},
	{"stateful-only", no_argument, NULL, OPT_STATEFUL},
	{"min-chain", required_argument, NULL, OPT_MIN},
	{"max-chain", required_argument, NULL, OPT_MAX},
	{"output", required_argument, NULL, 'o'},
	{"functions", required_argument, NULL, OPT_FUNCTIONS},
	{"ops-factor", required_argument, NULL, OPT_OPS},
	{"arg-factor", required_argument, NULL, OPT_ARG},
	{"state-factor", required_argument, NULL, OPT_STATE},
	{"help", no_argument, NULL, 'h'},
	{0},
};

static int arg_u32(const char *option, uint32_t max, uint32_t *out)
{
	uint64_t v;
	int rc = sfe_arg_u64(option, optarg, 1, max, &v);

	if (!rc)
		*out = (uint32_t)v;
	return rc;
}

static int set_option(int c, struct options *o)
{
	switch (c) {
	case OPT_TABLES:
		o->tables = optarg;
		return 0;
	case OPT_JOBS:
		return arg_u32("--jobs", SFE_SPAR_MAX_JOBS, &o->spar.jobs);
	case OPT_SEED:
		return sfe_arg_u64("--seed", optarg, 0, UINT64_MAX, &o->spar.seed);
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
	case OPT_FUNCTIONS:
		return arg_u32("--functions", 100000, &o->show.functions);
	case OPT_OPS:
		return sfe_arg_double("--ops-factor", optarg, &o->show.ops_factor);
	case OPT_ARG:
		return sfe_arg_double("--arg-factor", optarg, &o->show.arg_factor);
	case OPT_STATE:
		return sfe_arg_double("--state-factor", optarg, &o->show.state_factor);
	case 'h':
		fputs(help, stdout);
		return -1;
	default:
		return SFE_EXIT_USAGE;
	}
}

int sfe_cmd_workload(int argc, char **argv)
{
	struct options o = {
		.spar = {.seed = 1},
		.show = {.functions = 10,
			.ops_factor = 1e5,
			.arg_factor = 1e6,
			.state_factor = 1e6},
	};
	int c;

	optind = 0; /* glibc: start over, as main has used getopt before */
	while ((c = getopt_long(argc, argv, "o:h", longs, NULL)) != -1) {
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

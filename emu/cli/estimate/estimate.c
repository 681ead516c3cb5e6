/* SPDX-License-Identifier: MIT */
/* `sfemu estimate`: the closed form, from its inputs to the comparison or the published files. */
#include "sfemu/estimate.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "emu/cli/base/args.h"
#include "emu/cli/base/cli.h"
#include "emu/cli/base/terminal.h"
#include "emu/cli/base/verb.h"
#include "emu/cli/estimate/estimate_gain.h"
#include "emu/cli/estimate/estimate_options.h"
#include "emu/experiment/contained_estimate.h"
#include "emu/experiment/functions.h"
#include "emu/guests/pool.h"
#include "emu/model/base/csv_json.h"
#include "emu/model/base/input.h"
#include "emu/model/scenario/scenario_functions.h"
#include "emu/run/progress.h"
#include "emu/security/contain.h"
#include "emu/security/function_rights.h"
#include "emu/security/invoker.h"
#include "sfemu/scenario.h"

#define DEFAULT_REPLICATIONS 200 /* as published */

static int cmd_estimate(int argc, char **argv);

const struct sfe_verb sfe_verb_estimate = {
	.name = "estimate",
	.summary = "the closed form: what each strategy costs, over many replications",
	.run = cmd_estimate,
	.usage = (const char *const[]){"[OPTIONS] SCENARIO.yaml",
		"[OPTIONS] --nodes N --links L --edges E --tasks T", NULL},
	.about = "Computes what each strategy costs by the published closed form (store and "
		 "forward, no queues, no propagation), over many replications, and prints the "
		 "comparison. Nothing is emulated. With --gain it predicts what options of "
		 "strategies gain in a run of the scenario, of which the closed form knows "
		 "nothing.",
	.options = estimate_option_table,
	.notes = "--json prints {\"rows\": [...]}. The keys of a row are the columns that --csv "
		 "has: "
		 "net_delay and proc_delay in seconds, traffic in bytes x links; of each the mean "
		 "over the replications, p50, p95 and p99, and as ..._ci95_... half the 95 % "
		 "confidence interval.",
	.examples = (const char *const[]){"sfemu estimate scenarios/iiot.yaml",
		"sfemu estimate --strategies all --placements all --csv scenarios/iiot.yaml",
		"sfemu estimate --gain scenarios/fetches.yaml", NULL},
	.status =
		(const struct sfe_exit_status[]){{0, "done"}, {1, "failed"}, {2, "bad input"}, {0}},
	.operand = SFE_WORD_FILE,
};

#define QUIET_S 2 /* no progress is printed before */

struct inputs {
	struct sfe_scenario *s; /* which the workload refers to */
	struct sfe_placed *placed;
	struct sfe_placement_rules rules;
	struct sfe_topology *t;
	struct sfe_routing *r;
	struct sfe_workload *w;
};

/* A scenario's tasks are opened as its other files are; those of the command line may be a pipe. */
static int read_tasks(struct estimate_options *o, const struct sfe_scenario *s,
	struct sfe_workload **out, struct sfe_error *err)
{
	if (o->tasks)
		return sfe_workload_read(o->tasks, &o->workload, out, err);
	return sfe_scenario_workload_with(s, &o->workload, out, err);
}

static int read_inputs(struct estimate_options *o, struct inputs *in, struct sfe_error *err)
{
	struct sfe_scenario *s = NULL;
	int rc = o->scenario ? sfe_scenario_read(o->scenario, o->sets, o->n_sets, &s, err) : 0;
	int status = rc ? sfe_cli_fail("estimate", err) : s ? estimate_options_scenario(o, s) : 0;

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
static int make_folder(const char *path, struct sfe_error *err)
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
	return rc ? sfe_fail(err, rc, path, "name another folder", "cannot make it: %s",
			    strerror(-rc))
		  : 0;
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

static int print_table(const struct estimate_options *o, const struct sfe_comparison *c)
{
	unsigned left_out;
	int r = sfe_comparison_table(c, sfe_terminal_width(o->wide), &left_out, stdout);

	sfe_terminal_left_out(left_out, "--csv");
	return r ? r : fflush(stdout) || ferror(stdout) ? -EIO : 0;
}

/* What the figures go without; beside rows for programs on stderr. 0 or -ENOMEM. */
static int say_unpredicted(const struct estimate_options *o, const struct inputs *in)
{
	char *text = NULL;
	int r = in->s ? sfe_functions_unpredicted(in->s, in->w, &text) : 0;

	if (text)
		fprintf(o->csv || o->json || o->params.outdir ? stderr : stdout,
			"%sThe closed form does not know all functions: %s.\n",
			o->csv || o->json || o->params.outdir ? "" : "\n", text);
	free(text);
	return r;
}

static int execute(struct estimate_options *o, const struct inputs *in)
{
	struct sfe_comparison_params *p = &o->params;
	struct shown shown = {.all = p->replications};
	struct sfe_comparison *c = NULL;
	struct sfe_error err = {0};
	/* What is made belongs to who called sudo; threads have the rights of who starts them. */
	struct sfe_as_invoker before;
	int rc = sfe_as_invoker_begin(&before, &err);

	if (!rc && p->outdir && *p->outdir)
		rc = make_folder(p->outdir, &err);

	sfe_progress_start(&shown.progress, o->quiet);
	shown.progress.began_s = 0;
	p->progress = on_replication;
	p->progress_arg = &shown;
	if (!rc)
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
	if (!rc && say_unpredicted(o, in))
		rc = sfe_fail(&err, -ENOMEM, NULL, NULL, "out of memory");
	sfe_comparison_free(c);
	return rc ? sfe_cli_fail("estimate", &err) : 0;
}

struct comparing {
	struct estimate_options *o;
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
static int execute_contained(struct estimate_options *o, const struct inputs *in)
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

static int cmd_estimate(int argc, char **argv)
{
	const unsigned threads = sfe_pool_cores();
	struct estimate_options o = {
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
			.threads = threads < SFE_MAX_THREADS ? threads : SFE_MAX_THREADS},
	};
	struct inputs in = {0};
	struct sfe_error err = {0};
	int status = estimate_options_parse(&sfe_verb_estimate, argc, argv, &o);

	o.params.strategies = o.strategies;
	if (!status && o.gain)
		status = estimate_gain(&o);
	else if (!status && !(status = read_inputs(&o, &in, &err)))
		status = o.plugins ? execute_contained(&o, &in) : execute(&o, &in);
	sfe_routing_free(in.r);
	sfe_topology_free(in.t);
	sfe_workload_free(in.w);
	sfe_placed_free(in.placed);
	sfe_scenario_free(in.s);
	free(o.sets);
	return status < 0 ? 0 : status;
}

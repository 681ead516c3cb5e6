/* SPDX-License-Identifier: MIT */
/* `sfemu call`: one function of a scenario, without a network. */
#include <errno.h>
#include <ftw.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "emu/cli/base/args.h"
#include "emu/cli/base/cli.h"
#include "emu/cli/base/verb.h"
#include "emu/experiment/function_files.h"
#include "emu/experiment/functions.h"
#include "emu/model/base/input.h"
#include "emu/model/base/known_names.h"
#include "emu/model/base/name_check.h"
#include "emu/model/scenario/scenario_functions.h"
#include "emu/security/folder.h"
#include "emu/security/invoker.h"
#include "emu/security/privileges.h"
#include "nodes/functions/direct.h"

#define MAX_STATES 1000u

enum { ARGUMENT = 1, STATE, READ, WRITE, NAMED, OUTPUT, JOB, STEP, STEP_NAME, NODE };

static int cmd_call(int argc, char **argv);

const struct sfe_verb sfe_verb_call = {
	.name = "call",
	.summary = "calls one function of a scenario, without a network",
	.run = cmd_call,
	.usage = (const char *const[]){"[OPTIONS] FUNCTION SCENARIO", NULL},
	.about = "Calls a function that the scenario defines, in this process, as a step of a job "
		 "does. Its output goes to the standard output; the files of states that it "
		 "changes are replaced. A line on stderr says how many operations it takes and "
		 "how large all is. Functions that it calls run at once, in this process; a cast "
		 "too. The file of a state that it deletes by name is removed; states that it puts "
		 "and that have no file are only listed.\n"
		 "\n"
		 "The function runs with your rights; with sudo, with those of the user who "
		 "called sudo.",
	.options = (const struct sfe_option[]){{"argument", 0, "FILE", SFE_WORD_FILE, ARGUMENT,
						       "the argument; without it, it has 0 bytes",
						       NULL},
		{"state", 0, "NAME=FILE", SFE_WORD_ANY, STATE,
			"a state that the function reads and changes; may be repeated, as "
			"the next two",
			NULL},
		{"read", 0, "NAME=FILE", SFE_WORD_ANY, READ, "a state that it only reads", NULL},
		{"write", 0, "NAME=FILE", SFE_WORD_ANY, WRITE,
			"a state that it replaces; the file need not be there", NULL},
		{"named", 0, "NAME=FILE", SFE_WORD_ANY, NAMED,
			"a state that C code gets, puts or deletes by name; if the file is not "
			"there, "
			"neither is the state. May be repeated",
			NULL},
		{"output", 'o', "FILE", SFE_WORD_FILE, OUTPUT, "the output goes there", NULL},
		{"job", 0, "N", SFE_WORD_ANY, JOB, "the job's number, default 1", NULL},
		{"step", 0, "N", SFE_WORD_ANY, STEP, "the step's number, default 0", NULL},
		{"step-name", 0, "NAME", SFE_WORD_ANY, STEP_NAME,
			"the step's name in a workflow, default its number", NULL},
		{"node", 0, "NAME", SFE_WORD_ANY, NODE, "the node, default node", NULL}, {0}},
	.examples = (const char *const[]){"sfemu call --argument a.ppm -o b.ppm resize images.yaml",
		"gdb --args sfemu call --argument a.ppm resize images.yaml", NULL},
	.status = (const struct sfe_exit_status[]){{0, "the function returned"},
		{1, "the function failed"}, {2, "bad input: it was not called"}, {0}},
	.operand = SFE_WORD_FILE,
};

struct state_option {
	char name[FUNCTION_STATE_NAME];
	const char *file;
	enum sfe_state_access access;
	struct slice bytes;
};

struct arguments {
	const char *argument, *output, *step_name, *node, *function, *scenario;
	uint64_t job, step;
	uint32_t n_states;
	struct state_option *states;
	struct program_state *orders;
	struct direct_names names;
};

/* NAME=FILE: the exit status, 0: *file is the file. */
static int take_name(const char *text, char name[FUNCTION_STATE_NAME], const char **file)
{
	const char *eq = strchr(text, '=');
	struct sfe_span span = {text, eq ? (size_t)(eq - text) : 0};
	struct sfe_error cause = {0};

	if (!eq || !eq[1])
		return sfe_cli_usage("call", "'%.80s' is not NAME=FILE", text);
	if (sfe_name_check(span, &cause))
		return sfe_cli_usage("call", "%s", cause.what);
	snprintf(name, FUNCTION_STATE_NAME, "%.*s", (int)span.len, span.at);
	*file = eq + 1;
	return 0;
}

static int add_state(struct arguments *a, const char *text, enum sfe_state_access access)
{
	if (a->n_states == MAX_STATES)
		return sfe_cli_usage("call", "more than %u states", MAX_STATES);
	struct state_option *s = &a->states[a->n_states];
	*s = (struct state_option){.access = access};
	int status = take_name(text, s->name, &s->file);
	a->n_states += !status;
	return status;
}

static int add_named(struct arguments *a, const char *text)
{
	char name[FUNCTION_STATE_NAME];
	const char *file;
	int status = take_name(text, name, &file);

	if (status)
		return status;
	if (a->names.n == MAX_STATES)
		return sfe_cli_usage("call", "more than %u states", MAX_STATES);
	struct direct_name *n = direct_names_find(&a->names, name);
	if (!n)
		return sfe_cli_usage("call", "out of memory");
	if (n->file)
		return sfe_cli_usage("call", "--named has %s twice", name);
	n->file = file;
	return 0;
}

static int take_step_name(struct arguments *a)
{
	struct sfe_error cause = {0};

	if (sfe_name_check_vertex((struct sfe_span){optarg, strlen(optarg)}, &cause))
		return sfe_cli_usage("call", "--step-name: %s", cause.what);
	a->step_name = optarg;
	return 0;
}

static int take_option(struct arguments *a, int option)
{
	switch (option) {
	case ARGUMENT:
		a->argument = optarg;
		return 0;
	case STATE:
		return add_state(a, optarg, SFE_STATE_UPDATED);
	case READ:
		return add_state(a, optarg, SFE_STATE_READ_ONLY);
	case WRITE:
		return add_state(a, optarg, SFE_STATE_WRITTEN);
	case NAMED:
		return add_named(a, optarg);
	case OUTPUT:
		a->output = optarg;
		return 0;
	case JOB:
		return sfe_arg_u64("--job", optarg, 0, UINT32_MAX, &a->job);
	case STEP:
		return sfe_arg_u64("--step", optarg, 0, UINT32_MAX, &a->step);
	case STEP_NAME:
		return take_step_name(a);
	default:
		a->node = optarg;
		return 0;
	}
}

/* 0, or the exit status plus 1. */
static int parse(struct arguments *a, int argc, char **argv)
{
	int option, status = 0;

	while (!status &&
		(option = sfe_verb_option(&sfe_verb_call, argc, argv)) != SFE_OPTION_END) {
		if (option == SFE_OPTION_HELP)
			return 1;
		status = option == SFE_OPTION_BAD ? SFE_EXIT_USAGE : take_option(a, option);
	}
	if (!status && argc - optind != 2)
		status = sfe_cli_usage("call", "it takes a function and a scenario");
	if (status)
		return status + 1;
	a->function = argv[optind];
	a->scenario = argv[optind + 1];
	return 0;
}

/* ---- files */

static int read_slice(
	const char *file, struct buffer_pool *pool, struct slice *out, struct sfe_error *err)
{
	struct sfe_inputs *inputs = sfe_inputs_new();
	const struct sfe_input *in = inputs ? sfe_inputs_get_bytes(inputs, file, err) : NULL;
	int r = in ? slice_new(pool, in->len, out) : inputs ? err->code : -ENOMEM;

	if (!r && in->len)
		memcpy(out->data, in->text, in->len);
	else if (r == -ENOMEM)
		sfe_fail(err, r, file, NULL, "out of memory");
	sfe_inputs_free(inputs);
	return r;
}

static int write_stdout(const struct slice *bytes, struct sfe_error *err)
{
	if (fwrite(bytes->data, 1, bytes->size, stdout) == bytes->size && !fflush(stdout))
		return 0;
	return sfe_fail(err, -errno, "stdout", NULL, "cannot write: %s", strerror(errno));
}

/* Replaces the file as a whole, and follows no link in its place. */
static int write_slice(const char *file, const struct slice *bytes, struct sfe_error *err)
{
	struct sfe_replacement whole;
	int r = sfe_replacement_begin_path(file, &whole, err);

	if (r)
		return r;
	fwrite(bytes->data, 1, bytes->size, whole.out); /* an error stays in the stream */
	return sfe_replacement_end(&whole, true, err);
}

/* Those whose files are there. */
static int read_named(struct arguments *a, struct direct_call *d, struct sfe_error *err)
{
	int r = 0;

	for (size_t i = 0; i < a->names.n && !r; i++) {
		struct direct_name *n = &a->names.of[i];
		n->there = !access(n->file, F_OK);
		if (n->there)
			r = read_slice(n->file, d->buffers, &n->bytes, err);
	}
	d->names = &a->names;
	return r;
}

/* Of what was changed. */
static int write_named(const struct direct_name *n, struct sfe_error *err)
{
	if (!n->file || !n->version)
		return 0;
	if (n->there)
		return write_slice(n->file, &n->bytes, err);
	if (!unlink(n->file) || errno == ENOENT)
		return 0;
	return sfe_fail(err, -errno, n->file, NULL, "cannot remove it: %s", strerror(errno));
}

static void print_named(const struct direct_name *n)
{
	if (n->there)
		fprintf(stderr, ", %s %" PRIu64 " bytes%s", n->name, n->bytes.size,
			n->file ? "" : " (not written: --named gives it a file)");
	else if (n->version)
		fprintf(stderr, ", %s deleted", n->name);
}

static int read_inputs(struct arguments *a, struct direct_call *d, struct sfe_error *err)
{
	int r = a->argument ? read_slice(a->argument, d->buffers, &d->argument, err) : 0;

	for (uint32_t i = 0; i < a->n_states && !r; i++) {
		struct state_option *s = &a->states[i];
		if (s->access != SFE_STATE_WRITTEN)
			r = read_slice(s->file, d->buffers, &s->bytes, err);
		a->orders[i] = (struct program_state){
			.name = s->name, .bytes = &s->bytes, .access = s->access};
	}
	d->n_states = a->n_states;
	d->states = a->orders;
	return r;
}

static int write_outputs(
	struct arguments *a, const struct slice *output, uint64_t operations, struct sfe_error *err)
{
	int r = a->output ? write_slice(a->output, output, err) : write_stdout(output, err);

	for (uint32_t i = 0; i < a->n_states && !r; i++)
		if (a->states[i].access != SFE_STATE_READ_ONLY)
			r = write_slice(a->states[i].file, &a->states[i].bytes, err);
	for (size_t i = 0; i < a->names.n && !r; i++)
		r = write_named(&a->names.of[i], err);
	if (r)
		return r;
	fprintf(stderr, "%s: %" PRIu64 " operations, output %" PRIu64 " bytes", a->function,
		operations, output->size);
	for (uint32_t i = 0; i < a->n_states; i++)
		fprintf(stderr, ", %s %" PRIu64 " bytes", a->states[i].name,
			a->states[i].bytes.size);
	for (size_t i = 0; i < a->names.n; i++)
		print_named(&a->names.of[i]);
	fputc('\n', stderr);
	return 0;
}

/* ---- the call */

static int remove_one(const char *path, const struct stat *st, int what, struct FTW *at)
{
	(void)st, (void)at;
	return what == FTW_DP ? rmdir(path) : unlink(path);
}

/* With a folder for a program. */
static int call_in(struct arguments *a, struct direct_call *d, struct sfe_error *err)
{
	const char *parent = getenv("TMPDIR");
	char scratch[64];
	struct slice output = {0};
	uint64_t operations;

	snprintf(scratch, sizeof(scratch), "%.40s/sfemu-call-XXXXXX",
		parent && *parent ? parent : "/tmp");
	d->scratch = scratch;
	int r = direct_call_run(d, &output, &operations, err);
	nftw(scratch, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	r = r ? r : write_outputs(a, &output, operations, err);
	slice_drop(&output);
	return r;
}

/* Refuses what the function cannot be, before it runs. */
static int check_function(
	const struct sfe_scenario *s, const struct sfe_function_spec *spec, struct sfe_error *err)
{
	int r = sfe_function_trust(s, spec, err);

	return r || spec->kind != SFE_FUNCTION_EXEC
		       ? r
		       : sfe_function_program_check(s, spec, sfe_function_path(), err);
}

/* What the function may call: all of the scenario's, if it is C code. *all is an array of *n. */
static int read_callable(const struct sfe_scenario *s, const struct sfe_function_spec *called,
	struct sfe_deployed_function **all, uint32_t *n, struct sfe_error *err)
{
	int r = 0;

	if (called->kind != SFE_FUNCTION_PLUGIN)
		return 0;
	*all = calloc((size_t)s->functions.n + 1, sizeof(**all));
	if (!*all)
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	while (*n < s->functions.n && !r) {
		const struct sfe_function_spec *spec = &s->functions.of[*n];
		r = sfe_function_read(s, spec, &(*all)[(*n)++], err);
		r = r ? r : check_function(s, spec, err);
	}
	return r;
}

static const char *function_name(const void *scenario, uint32_t i)
{
	return ((const struct sfe_scenario *)scenario)->functions.of[i].name;
}

/* The exit status. */
static int call(struct arguments *a, const struct sfe_scenario *s)
{
	char todo[SFE_ADVICE];
	const struct sfe_invoker invoker = sfe_invoker();
	const struct sfe_function_spec *spec = sfe_scenario_function(s, a->function);
	struct sfe_deployed_function function = {0};
	struct sfe_deployed_function *all = NULL;
	uint32_t n_all = 0;
	struct buffer_pool pool = {0};
	char step[16];
	struct direct_call d = {.function = &function,
		.step = a->step_name ? a->step_name : step,
		.node = a->node,
		.job = (uint32_t)a->job,
		.step_number = (uint32_t)a->step,
		.seed = s->seed,
		.buffers = &pool};
	struct sfe_error err = {0};
	int status = SFE_EXIT_USAGE;
	int r = spec ? sfe_function_read(s, spec, &function, &err)
		     : sfe_fail(&err, -EINVAL, a->scenario,
			       sfe_known_names(todo, "name one of its section functions",
				       a->function, function_name, s, s->functions.n),
			       "the scenario defines no function %.64s", a->function);

	snprintf(step, sizeof(step), "%" PRIu64, a->step);
	r = r ? r : check_function(s, spec, &err);
	r = r ? r : read_callable(s, spec, &all, &n_all, &err);
	d.n_functions = n_all;
	d.functions = all;
	if (!r && invoker.sudo)
		r = sfe_privileges_drop(true, invoker.uid, invoker.gid, &err);
	r = r ? r : read_inputs(a, &d, &err);
	r = r ? r : read_named(a, &d, &err);
	if (!r) {
		status = SFE_EXIT_FAILED;
		r = call_in(a, &d, &err);
	}
	for (uint32_t i = 0; i < a->n_states; i++)
		slice_drop(&a->states[i].bytes);
	slice_drop(&d.argument);
	direct_names_clear(&a->names);
	buffer_pool_clear(&pool);
	free((void *)function.files);
	for (uint32_t i = 0; i < n_all; i++)
		free((void *)all[i].files);
	free(all);
	return r ? sfe_cli_error(&err, status) : 0;
}

static int cmd_call(int argc, char **argv)
{
	struct arguments a = {.node = "node", .job = 1};
	struct sfe_scenario *s = NULL;
	struct sfe_error err = {0};
	int status = SFE_EXIT_FAILED;

	a.states = calloc(MAX_STATES, sizeof(*a.states));
	a.orders = calloc(MAX_STATES, sizeof(*a.orders));
	if (!a.states || !a.orders) {
		sfe_fail(&err, -ENOMEM, NULL, NULL, "out of memory");
		sfe_cli_error(&err, status);
	} else if ((status = parse(&a, argc, argv))) {
		status--;
	} else {
		int r = sfe_scenario_read(a.scenario, NULL, 0, &s, &err);
		status = r ? sfe_cli_error(&err, SFE_EXIT_USAGE) : call(&a, s);
	}
	sfe_scenario_free(s);
	direct_names_clear(&a.names);
	free(a.states);
	free(a.orders);
	return status;
}

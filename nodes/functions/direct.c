/* SPDX-License-Identifier: MIT */
#include "nodes/functions/direct.h"

#include <dlfcn.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "nodes/functions/functions.h"
#include "nodes/functions/mix.h"

struct direct_code {               /* C code that may call others */
	struct function_call call; /* the first member */
	const struct direct_call *of;
};

/* A state by name, unless it is one of the step. */
static void use_name(const struct direct_call *of, struct function_request *request)
{
	for (uint32_t i = 0; i < of->n_states && !request->reason[0]; i++)
		if (!strcmp(of->states[i].name, request->state))
			snprintf(request->reason, sizeof(request->reason),
				"state %.64s: it is one of the step; --named is for those that are "
				"used by name",
				request->state);
	if (request->reason[0])
		slice_drop(&request->argument);
	else
		direct_names_use(of->names, of->buffers, request);
}

/* Runs what the code calls, at once. A cast that fails is told, and does not concern the caller. */
static void call(const struct direct_call *of, struct function_request *request)
{
	struct direct_call d = *of;
	struct sfe_error err = {0};
	struct slice output = {0};
	uint64_t operations;
	uint32_t f = 0;

	while (f < of->n_functions && strcmp(of->functions[f].spec->name, request->function) != 0)
		f++;
	d.function = &of->functions[f];
	d.argument = slice_move(&request->argument);
	d.n_states = 0;
	d.path = request->path;
	if (f == of->n_functions)
		snprintf(request->reason, sizeof(request->reason),
			"it calls %.64s: functions: of the scenario has no such function",
			request->function);
	else if (direct_call_run(&d, &output, &operations, &err))
		snprintf(request->reason, sizeof(request->reason), "function %.64s: %.80s",
			request->function, err.what);
	if (request->kind == FUNCTION_CALLS)
		request->output = slice_move(&output);
	else if (f < of->n_functions && request->reason[0]) {
		fprintf(stderr, "cast: %s\n", request->reason);
		request->reason[0] = '\0';
	}
	slice_drop(&output);
	slice_drop(&d.argument);
}

static void serve(struct function_call *c, struct function_request *request)
{
	const struct direct_call *of = ((struct direct_code *)c)->of;

	if (request->kind == FUNCTION_USES_NAME)
		use_name(of, request);
	else
		call(of, request);
}

static int run_code(struct direct_call *d, const struct sfe_function_plugin *plugin,
	struct slice *output, uint64_t *operations, struct sfe_error *err)
{
	const struct sfe_function_spec *spec = d->function->spec;
	struct direct_code code = {.of = d,
		.call = {.buffers = d->buffers,
			.seed = d->seed,
			.output_bytes = sfe_law_value(&spec->output, d->argument.size),
			.trusted = plugin == &function_mix,
			.serve = serve,
			.path = d->path,
			.stream = d->path,
			.face = {.function = spec->name,
				.node = d->node,
				.job = d->job,
				.step_number = d->step_number,
				.argument = d->argument.data,
				.argument_bytes = d->argument.size}}};
	struct function_call *c = &code.call;
	int r = function_call_open(c, d->n_states);

	if (r)
		return sfe_fail(err, r, NULL, NULL, "out of memory");
	c->face.step = d->step;
	for (uint32_t i = 0; i < d->n_states; i++)
		function_call_state(c, i, d->states[i].name, d->states[i].bytes, i,
			d->states[i].bytes->size, d->states[i].access);
	r = function_call_run(c, plugin);
	function_call_close(c);
	*output = c->output;
	*operations += c->operations;
	return r ? sfe_fail(err, r, spec->name, NULL, "the function fails: %s", c->reason) : 0;
}

static int run_plugin(
	struct direct_call *d, struct slice *output, uint64_t *operations, struct sfe_error *err)
{
	const struct sfe_function_spec *spec = d->function->spec;
	const struct sfe_function_plugin *plugin;
	void *library;
	int r = function_load_file(spec->words[0].text, spec->name, &library, &plugin, err);

	if (r)
		return r;
	r = run_code(d, plugin, output, operations, err);
	dlclose(library);
	return r;
}

static bool is_template(const char *path)
{
	static const char end[] = "XXXXXX";
	size_t length = strlen(path);

	return length >= sizeof(end) - 1 && !strcmp(path + length - (sizeof(end) - 1), end);
}

/* Once for all calls of it. C code that crashes leaves no folder behind, unless it has called a
 * program before. */
static int install(const struct direct_call *d, struct sfe_error *err)
{
	char path[256];

	if (is_template(d->scratch) && !mkdtemp(d->scratch))
		return sfe_fail(err, -errno, d->scratch, "set TMPDIR to another folder",
			"cannot make a folder there: %s", strerror(errno));

	snprintf(path, sizeof(path), "%s/functions/%s", d->scratch, d->function->spec->name);
	return access(path, F_OK) ? program_install(d->scratch, d->function, err) : 0;
}

static int run_program(struct direct_call *d, struct slice *output, struct sfe_error *err)
{
	const struct sfe_function_spec *spec = d->function->spec;
	const struct program_order order = {.scratch = d->scratch,
		.function = d->function,
		.node = d->node,
		.step = d->step,
		.job = d->job,
		.step_number = d->step_number,
		.seed = function_call_seed(d->seed, d->job, d->step_number, d->path),
		.argument = &d->argument,
		.n_states = d->n_states,
		.states = d->states};
	char reason[PROGRAM_REASON] = "";
	struct program p;
	int r = install(d, err);

	if (r)
		return r;
	r = program_start(&p, &order, reason);
	if (!r) {
		struct pollfd ended = {.fd = p.ended_fd, .events = POLLIN};
		uint64_t ms = spec->timeout_ns / 1000000;
		while ((r = poll(&ended, 1, ms < INT32_MAX ? (int)ms : INT32_MAX)) < 0 &&
			errno == EINTR)
			;
		if (!r) {
			p.timed_out = true;
			program_kill(&p);
			poll(&ended, 1, -1);
		}
		r = program_take(&p, &order, d->buffers, output, reason);
		program_close(&p);
	}
	return r ? sfe_fail(err, r, spec->name, NULL, "the program fails: %s",
			   reason[0] ? reason : strerror(-r))
		 : 0;
}

int direct_call_run(
	struct direct_call *d, struct slice *output, uint64_t *operations, struct sfe_error *err)
{
	const struct sfe_function_spec *spec = d->function->spec;

	*output = (struct slice){0};
	*operations = sfe_law_value(&spec->ops, d->argument.size);
	switch (spec->kind) {
	case SFE_FUNCTION_PLUGIN:
		return run_plugin(d, output, operations, err);
	case SFE_FUNCTION_EXEC:
		return run_program(d, output, err);
	case SFE_FUNCTION_SYNTHETIC:
		break;
	}
	return run_code(d, &function_mix, output, operations, err);
}

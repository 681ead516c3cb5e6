/* SPDX-License-Identifier: MIT */
#include "emu/experiment/functions.h"

#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "emu/model/base/input.h"
#include "emu/model/scenario/scenario_functions.h"
#include "emu/security/trust.h"

/* Whether it can be a plugin at all. Code is not loaded here: only workers do that. */
static int check_plugin(
	const struct sfe_function_spec *spec, const struct sfe_input *in, struct sfe_error *err)
{
	static const char todo[] = "build it with cc -shared -fPIC $(pkg-config --cflags sfemu)";
	Elf64_Ehdr head;

	if (in->len < sizeof(head) || memcmp(in->text, ELFMAG, SELFMAG) != 0)
		return sfe_fail(err, -EINVAL, spec->where, todo,
			"functions.%s.plugin: %.200s is not a shared object", spec->name, in->file);
	memcpy(&head, in->text, sizeof(head));
	if (head.e_type != ET_DYN)
		return sfe_fail(err, -EINVAL, spec->where, todo,
			"functions.%s.plugin: %.200s is not a shared object", spec->name, in->file);
	return 0;
}

int sfe_function_read(const struct sfe_scenario *s, const struct sfe_function_spec *spec,
	struct sfe_deployed_function *out, struct sfe_error *err)
{
	struct sfe_function_file *files = calloc((size_t)spec->n_words + 1, sizeof(*files));
	struct sfe_error cause = {0};

	out->spec = spec;
	out->files = files;
	if (!files)
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	for (uint32_t i = 0; i < spec->n_words; i++) {
		if (!spec->words[i].file)
			continue;
		const struct sfe_input *in =
			sfe_inputs_get_bytes(s->inputs, spec->words[i].text, &cause);
		if (!in)
			return sfe_fail(err, -EINVAL, spec->where, cause.todo,
				"functions.%s: %.200s: %.200s", spec->name, spec->words[i].text,
				cause.what);
		int r = spec->kind == SFE_FUNCTION_PLUGIN ? check_plugin(spec, in, err) : 0;
		if (r)
			return r;
		const char *slash = strrchr(in->file, '/');
		files[out->n_files++] = (struct sfe_function_file){
			.name = slash ? slash + 1 : in->file,
			.bytes = in->text,
			.size = in->len,
			.executable = in->mode & 0111,
		};
	}
	return 0;
}

/* Only where a function of the user's runs. */
static bool sizes_vary(const struct sfe_experiment *e, const struct sfe_job *job)
{
	for (uint32_t s = 0; s < job->n_steps; s++) {
		const struct sfe_function_spec *spec = e->functions[job->steps[s].function].spec;
		if (spec && spec->kind != SFE_FUNCTION_SYNTHETIC)
			return true;
	}
	return false;
}

int sfe_functions_make(struct sfe_experiment *e, struct sfe_error *err)
{
	const struct sfe_workload *w = e->workload;
	int r = 0;

	if (!e->scenario->functions.n)
		return 0;
	e->functions = calloc((size_t)w->n_functions + 1, sizeof(*e->functions));
	if (!e->functions)
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	for (uint32_t f = 0; f < w->n_functions && !r; f++) {
		const struct sfe_function_spec *spec =
			sfe_scenario_function(e->scenario, w->function_names[f]);
		r = spec ? sfe_function_read(e->scenario, spec, &e->functions[f], err) : 0;
	}
	for (uint32_t j = 0; j < e->n_jobs && !r; j++)
		e->jobs[j].sizes_vary = sizes_vary(e, e->jobs[j].job);
	return r;
}

/* What was read has to be what the path leads to now: else it was not this file that is trusted. */
static int trust_input(const struct sfe_scenario *s, const char *path, struct sfe_error *err)
{
	const struct sfe_input *in = sfe_inputs_get_bytes(s->inputs, path, err);

	return in ? sfe_trust_read(path, in->device, in->inode, err) : err->code;
}

int sfe_function_trust(
	const struct sfe_scenario *s, const struct sfe_function_spec *spec, struct sfe_error *err)
{
	struct sfe_error cause = {0};

	for (uint32_t i = 0; i < spec->n_words; i++)
		if (spec->words[i].file && trust_input(s, spec->words[i].text, &cause))
			return sfe_fail(err, -EINVAL, spec->where, cause.todo,
				"functions.%s: %.300s", spec->name, cause.what);
	return 0;
}

int sfe_strategies_trust(const struct sfe_scenario *s, struct sfe_error *err)
{
	struct sfe_error cause = {0};

	for (uint32_t i = 0; i < s->n_strategies; i++) {
		const struct sfe_strategy_plugin *p = s->plugins[i];
		if (p && trust_input(s, p->file, &cause))
			return sfe_fail(err, -EINVAL, p->where, cause.todo, "strategies: %.300s",
				cause.what);
	}
	return 0;
}

int sfe_functions_trust(const struct sfe_experiment *e, struct sfe_error *err)
{
	const struct sfe_scenario *s = e->scenario;
	int r = 0;

	for (uint32_t i = 0; i < s->functions.n && !r; i++)
		r = sfe_function_trust(s, &s->functions.of[i], err);
	return r ? r : sfe_strategies_trust(s, err);
}

bool sfe_functions_have_code(const struct sfe_experiment *e)
{
	for (uint32_t f = 0; e->functions && f < e->workload->n_functions; f++)
		if (e->functions[f].n_files ||
			(e->functions[f].spec && e->functions[f].spec->kind == SFE_FUNCTION_EXEC))
			return true;
	return false;
}

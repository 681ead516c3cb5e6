/* SPDX-License-Identifier: MIT */
#include "emu/experiment/functions.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "emu/experiment/function_files.h"
#include "emu/model/base/input.h"
#include "emu/model/scenario/scenario_functions.h"
#include "emu/security/invoker.h"
#include "emu/security/trust.h"

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
		int r = spec->kind == SFE_FUNCTION_PLUGIN ? sfe_function_plugin_check(spec, in, err)
							  : 0;
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
	if (!r && sfe_functions_unpredicted(e->scenario, w, &e->unpredicted))
		r = sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	return r;
}

/*
 * What was read has to be what the path leads to now: else it was not this file that is trusted.
 * The path is looked at as the scenario has it, since whoever owns a link on it chooses the file.
 */
static int trust_input(
	const struct sfe_scenario *s, const char *path, const char *written, struct sfe_error *err)
{
	const struct sfe_input *in = sfe_inputs_get_bytes(s->inputs, path, err);

	return in ? sfe_trust_read(written, in->device, in->inode, err) : err->code;
}

/* A path of the scenario's that led to a program of the system, by a link. */
static int trust_link(const char *path, const char *written, struct sfe_error *err)
{
	struct stat st;

	if (stat(path, &st))
		return sfe_fail(err, -errno, path, NULL, "stat: %s", strerror(errno));
	return sfe_trust_until(written, sfe_function_of_system, st.st_dev, st.st_ino, err);
}

/*
 * With sudo, files were read with root's rights. What the scenario's code gets, or the results, has
 * to be what the invoker may read too: else a stranger's scenario could get root's files.
 */
static int may_read(const struct sfe_scenario *s, const char *path, struct sfe_error *err)
{
	const struct sfe_input *in = sfe_inputs_get_bytes(s->inputs, path, err);
	struct sfe_invoker who = sfe_invoker();
	struct stat st;

	if (!in)
		return err->code;
	if (!who.sudo)
		return 0;
	struct sfe_as_invoker before;
	int code = sfe_as_invoker_begin(&before, err);
	if (code)
		return code;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	code = fd < 0 ? -errno : 0;
	sfe_as_invoker_end(&before);
	bool same = fd >= 0 && !fstat(fd, &st) && st.st_dev == in->device && st.st_ino == in->inode;
	if (fd >= 0)
		close(fd);
	if (same)
		return 0;
	return code ? sfe_fail(err, code, s->file, "make it readable for them",
			      "%.200s: uid %u, who used sudo, may not read it: %s", path,
			      (unsigned)who.uid, strerror(-code))
		    : sfe_fail(err, -ESTALE, s->file, "run it again",
			      "%.200s is another file than the one that was read", path);
}

static int trust_word(
	const struct sfe_scenario *s, const struct sfe_function_word *word, struct sfe_error *err)
{
	if (!word->written)
		return 0;
	if (!word->file)
		return trust_link(word->text, word->written, err);
	int r = trust_input(s, word->text, word->written, err);
	return r ? r : may_read(s, word->text, err);
}

static int workflows_may_be_read(const struct sfe_scenario *s, struct sfe_error *err)
{
	int r = 0;

	for (uint32_t i = 0; i < s->workflows.n && !r; i++) {
		const struct sfe_workflow *f = &s->workflows.of[i];
		if (f->arg_file)
			r = may_read(s, f->arg_file, err);
		if (!r && f->steps_file)
			r = may_read(s, f->steps_file, err);
		for (uint32_t k = 0; k < f->n_states + f->n_shared && !r; k++)
			if (f->states[k].file)
				r = may_read(s, f->states[k].file, err);
	}
	return r;
}

int sfe_function_trust(
	const struct sfe_scenario *s, const struct sfe_function_spec *spec, struct sfe_error *err)
{
	struct sfe_error cause = {0};

	for (uint32_t i = 0; i < spec->n_words; i++)
		if (trust_word(s, &spec->words[i], &cause))
			return sfe_fail(err, -EINVAL, spec->where, cause.todo,
				"functions.%s: %.300s", spec->name, cause.what);
	return 0;
}

int sfe_strategies_trust(const struct sfe_scenario *s, struct sfe_error *err)
{
	struct sfe_error cause = {0};

	for (uint32_t i = 0; i < s->n_strategies; i++) {
		const struct sfe_strategy_plugin *p = s->plugins[i];
		if (p && (trust_input(s, p->file, p->written, &cause) ||
				 may_read(s, p->file, &cause)))
			return sfe_fail(err, -EINVAL, p->where, cause.todo, "strategies: %.300s",
				cause.what);
	}
	return 0;
}

int sfe_functions_trust(const struct sfe_scenario *s, struct sfe_error *err)
{
	int r = 0;

	for (uint32_t i = 0; i < s->functions.n && !r; i++)
		r = sfe_function_trust(s, &s->functions.of[i], err);
	r = r ? r : workflows_may_be_read(s, err);
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

bool sfe_functions_may_call(const struct sfe_experiment *e)
{
	for (uint32_t f = 0; e->functions && f < e->workload->n_functions; f++)
		if (e->functions[f].spec && e->functions[f].spec->kind == SFE_FUNCTION_PLUGIN)
			return true;
	return false;
}

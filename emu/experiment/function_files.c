/* SPDX-License-Identifier: MIT */
#include "emu/experiment/function_files.h"

#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "emu/experiment/guest_path.h"
#include "emu/model/base/shared_object.h"
#include "sfemu/function.h"

int sfe_function_plugin_check(
	const struct sfe_function_spec *spec, const struct sfe_input *in, struct sfe_error *err)
{
	struct sfe_shared_object o;
	struct sfe_shared_symbol symbol;
	struct sfe_error cause = {0};
	unsigned abi;
	int r = sfe_shared_object_open(in->text, in->len, &o, &cause);

	if (!r && (!sfe_shared_object_find(&o, SFE_FUNCTION_SYMBOL, &symbol) ||
			  !sfe_shared_object_read(&o, symbol.address, &abi, sizeof(abi))))
		r = sfe_fail(&cause, -EINVAL, NULL,
			"write SFE_FUNCTION(NAME) at the end of its source",
			"it names no function");
	else if (!r && abi != SFE_FUNCTION_ABI)
		r = sfe_fail(&cause, -EINVAL, NULL,
			"build it again with the sfemu/function.h of this sfemu",
			"it is for version %u of the interface, this sfemu has %u", abi,
			SFE_FUNCTION_ABI);
	else if (!r && !sfe_shared_object_points(
			       &o, symbol.address + offsetof(struct sfe_function_plugin, invoke)))
		r = sfe_fail(&cause, -EINVAL, NULL, "write SFE_FUNCTION(NAME)",
			"what it names is no function");
	return r ? sfe_fail(err, -EINVAL, spec->where, cause.todo,
			   "functions.%s.plugin: %.200s: %.200s", spec->name, in->file, cause.what)
		 : 0;
}

const char *sfe_function_path(void)
{
	const char *path = getenv("PATH");

	return path ? path : "/usr/local/bin:/usr/bin:/bin";
}

static int fail_mode(
	const struct sfe_function_spec *spec, const char *file, bool folder, struct sfe_error *err)
{
	return sfe_fail(err, -EINVAL, spec->where,
		folder ? "name a program"
		       : "chmod +x it, or name its interpreter first, as in [sh, FILE]",
		"functions.%s.exec: %.200s %s", spec->name, file,
		folder ? "is a folder" : "is not executable");
}

/* 0: there is such a program; 1: there is nothing of the name; else what is there is none. */
static int look(const struct sfe_function_spec *spec, const char *file, struct sfe_error *err)
{
	struct stat st;

	if (stat(file, &st))
		return 1;
	if (S_ISREG(st.st_mode) && (st.st_mode & 0111))
		return 0;
	return fail_mode(spec, file, S_ISDIR(st.st_mode), err);
}

static int find_on_path(
	const struct sfe_function_spec *spec, const char *path, struct sfe_error *err)
{
	const char *name = spec->words[0].text;
	char file[PATH_MAX];
	int found = 1;

	for (const char *at = path, *colon; at && *at && found; at = colon ? colon + 1 : NULL) {
		colon = strchr(at, ':');
		int len = (int)strcspn(at, ":");
		if (!len ||
			snprintf(file, sizeof(file), "%.*s/%s", len, at, name) >= (int)sizeof(file))
			continue;
		int r = look(spec, file, err);
		found = r == 1 ? found : r; /* a later folder may have one that can be run */
	}
	return found < 1
		       ? found
		       : sfe_fail(err, -EINVAL, spec->where,
				 "install it, correct its name, or write its path",
				 "functions.%s.exec: there is no program %.100s beside the "
				 "scenario, nor in the folders in which it is looked for (%.400s)",
				 spec->name, name, path);
}

int sfe_function_program_check(const struct sfe_scenario *s, const struct sfe_function_spec *spec,
	const char *path, struct sfe_error *err)
{
	const struct sfe_function_word *program = &spec->words[0];
	struct sfe_error cause = {0};

	if (program->file) {
		const struct sfe_input *in = sfe_inputs_get_bytes(s->inputs, program->text, &cause);
		if (!in)
			return sfe_fail(err, -EINVAL, spec->where, cause.todo,
				"functions.%s: %.200s: %.200s", spec->name, program->text,
				cause.what);
		return in->mode & 0111 ? 0 : fail_mode(spec, program->text, false, err);
	}
	if (!strchr(program->text, '/'))
		return find_on_path(spec, path, err);
	int r = *program->text == '/' ? look(spec, program->text, err) : 1;
	return r < 1 ? r
		     : sfe_fail(err, -EINVAL, spec->where,
			       "correct the path, which starts at the scenario's folder",
			       "functions.%s.exec: there is no program %.200s", spec->name,
			       program->text);
}

static int check(const struct sfe_scenario *s, const struct sfe_function_spec *spec,
	const char *path, struct sfe_error *err)
{
	struct sfe_error cause = {0};

	if (spec->kind == SFE_FUNCTION_EXEC)
		return sfe_function_program_check(s, spec, path, err);
	if (spec->kind != SFE_FUNCTION_PLUGIN)
		return 0;
	const struct sfe_input *in = sfe_inputs_get_bytes(s->inputs, spec->words[0].text, &cause);
	return in ? sfe_function_plugin_check(spec, in, err)
		  : sfe_fail(err, -EINVAL, spec->where, cause.todo, "functions.%s: %.200s: %.200s",
			    spec->name, spec->words[0].text, cause.what);
}

int sfe_functions_runnable(const struct sfe_scenario *s, bool guest, struct sfe_error *err)
{
	int r = 0;

	for (uint32_t i = 0; i < s->functions.n && !r; i++)
		r = check(
			s, &s->functions.of[i], guest ? SFE_GUEST_PATH : sfe_function_path(), err);
	return r;
}

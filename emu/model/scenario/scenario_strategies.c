/* SPDX-License-Identifier: MIT */
#include "emu/model/scenario/scenario_strategies.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "emu/model/base/input.h"
#include "emu/model/base/name_check.h"
#include "emu/model/base/yaml_tree.h"
#include "emu/model/strategies/strategy_file.h"
#include "emu/model/strategies/strategy_options.h"

static int no_memory(struct sfe_error *err)
{
	return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
}

/* The name of a plugin: its file's without suffix. -EINVAL: it cannot be a name. */
static int name_of(const char *path, char name[SFE_STRATEGY_NAME], struct sfe_error *err)
{
	const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
	const char *dot = strrchr(base, '.');
	size_t n = dot && dot != base ? (size_t)(dot - base) : strlen(base);
	struct sfe_error cause = {0};

	if (n >= SFE_STRATEGY_NAME)
		return sfe_fail(err, -EINVAL, NULL, "give the file a shorter name",
			"'%.80s': the name of a strategy has at most %d characters", base,
			SFE_STRATEGY_NAME - 1);
	memcpy(name, base, n);
	name[n] = 0;
	if (sfe_name_check((struct sfe_span){name, n}, &cause))
		return sfe_fail(
			err, -EINVAL, NULL, cause.todo, "'%.80s': %.160s", base, cause.what);
	return 0;
}

static int fail_unknown(const char *text, struct sfe_error *err)
{
	char todo[320] = "write any of ";
	size_t used = strlen(todo);
	const struct sfe_strategy_info *info;

	for (unsigned i = 0; (info = sfe_strategy_at(i)) && used < sizeof(todo); i++)
		used += (size_t)snprintf(
			todo + used, sizeof(todo) - used, "%s%s", i ? ", " : "", info->name);
	if (used < sizeof(todo))
		snprintf(todo + used, sizeof(todo) - used,
			", Adaptive, Oracle, or the path of a plugin (./NAME.so)");
	return sfe_fail(err, -EINVAL, NULL, todo, "there is no strategy '%.80s'", text);
}

static void free_plugin(struct sfe_strategy_plugin *p)
{
	if (!p)
		return;
	free(p->name);
	free(p->file);
	free(p->written);
	free(p->where);
	free(p);
}

/* What was read of the file, and what it says. */
static int read_file(struct sfe_scenario *s, struct sfe_strategy_plugin *p, struct sfe_error *err)
{
	struct sfe_error cause = {0};
	const struct sfe_input *in = sfe_inputs_get_bytes(s->inputs, p->file, &cause);

	if (!in)
		return sfe_fail(
			err, -EINVAL, NULL, cause.todo, "%.200s: %.200s", p->file, cause.what);
	p->bytes = in->text;
	p->size = in->len;
	return sfe_strategy_file_read(p->bytes, p->size, &p->info, &cause)
		       ? sfe_fail(err, -EINVAL, NULL, cause.todo, "%.200s: %.200s", p->file,
				 cause.what)
		       : 0;
}

/* Gives a strategy the options that are written behind its name; *name is its name with them, the
 * caller's. */
static int set_options(
	struct sfe_strategy_info *info, const char *options, char **name, struct sfe_error *err)
{
	const struct sfe_strategy_options own = info->options;
	char with[SFE_STRATEGY_BYTES];
	int r = sfe_strategy_options_read(options, info, &info->options, err);

	if (r)
		return r;
	sfe_strategy_options_name(info->name, &own, &info->options, with);
	*name = strdup(with);
	return *name ? 0 : no_memory(err);
}

static int new_plugin(struct sfe_scenario *s, const char *path, const char *options,
	const char *folder, const char *where, struct sfe_strategy_plugin **out,
	struct sfe_error *err)
{
	struct sfe_strategy_plugin *p = calloc(1, sizeof(*p));
	char name[SFE_STRATEGY_NAME];

	*out = p;
	if (!p)
		return no_memory(err);
	int r = name_of(path, name, err);
	if (r)
		return r;
	p->where = strdup(where);
	if (s->files.names_only)
		p->file = strdup(path);
	else if ((r = sfe_text_find(path, folder, &p->file, err)))
		return r;
	else if (!(p->written = sfe_text_as_written(path, folder)))
		return no_memory(err);
	if (!p->where || !p->file)
		return no_memory(err);
	r = s->files.names_only ? 0 : read_file(s, p, err);
	p->info.name = name;
	p->info.summary = "a plugin";
	r = r ? r : set_options(&p->info, options, &p->name, err);
	p->info.name = p->name;
	return r;
}

bool sfe_scenario_can_follow(const struct sfe_scenario *s, uint32_t strategy)
{
	return !s->strategies[strategy]->chooses && !s->plugins[strategy];
}

static int add(struct sfe_scenario *s, const struct sfe_strategy_info *info,
	struct sfe_strategy_plugin *plugin, struct sfe_error *err)
{
	const size_t n = strcspn(info->name, "(");
	char of[SFE_STRATEGY_BYTES];
	uint32_t followed = 0;

	snprintf(of, sizeof(of), "%.*s", (int)n, info->name);
	if (plugin && sfe_strategy_find(of))
		return sfe_fail(err, -EINVAL, NULL, "give the file another name",
			"'%s' is the name of a strategy that is built in", of);
	for (uint32_t i = 0; i < s->n_strategies; i++)
		followed += sfe_scenario_can_follow(s, i);
	if (info->chooses == SFE_CHOOSES_MEASURED && followed < 2)
		return sfe_fail(err, -EINVAL, NULL,
			"name two or more built-in ones before it; in a sweep, where each runs "
			"alone, use Adaptive",
			"%s follows the best one of those before it", info->name);
	for (uint32_t i = 0; i < s->n_strategies; i++)
		if (!strcmp(s->strategies[i]->name, info->name))
			return sfe_fail(err, -EINVAL, NULL, "name each strategy once",
				"'%s' is named twice", info->name);
	for (uint32_t i = 0; plugin && i < s->n_strategies; i++)
		if (s->plugins[i] && strcspn(s->strategies[i]->name, "(") == n &&
			!strncmp(s->strategies[i]->name, info->name, n) &&
			strcmp(s->plugins[i]->file, plugin->file) != 0)
			return sfe_fail(err, -EINVAL, NULL, "give one of the files another name",
				"two files of plugins have the name '%.*s'", (int)n, info->name);
	if (s->n_strategies == SFE_MAX_STRATEGIES)
		return sfe_fail(err, -EINVAL, NULL, "name fewer", "more than %u strategies",
			SFE_MAX_STRATEGIES);
	s->plugins[s->n_strategies] = plugin;
	s->strategies[s->n_strategies++] = info;
	return 0;
}

/* The built-in strategy with options. */
static int add_with_options(struct sfe_scenario *s, const struct sfe_strategy_info *of,
	const char *options, struct sfe_error *err)
{
	struct sfe_strategy_info *own = malloc(sizeof(*own));
	char *name = NULL;

	if (!own)
		return no_memory(err);
	*own = *of;
	int r = set_options(own, options, &name, err);
	own->name = name;
	/* Without any that it has not anyway it is the strategy itself. */
	bool same = !r && !strcmp(name, of->name);
	r = r ? r : add(s, same ? of : own, NULL, err);
	if (r || same) {
		free(own);
		free(name);
	} else {
		s->with_options[s->n_strategies - 1] = own;
	}
	return r;
}

int sfe_scenario_add_strategy(struct sfe_scenario *s, const char *text, const char *folder,
	const char *where, struct sfe_error *err)
{
	struct sfe_strategy_plugin *plugin = NULL;
	const char *options = text + sfe_strategy_options_begin(text);
	char *name = strndup(text, (size_t)(options - text));
	int r;

	if (!name)
		return no_memory(err);
	if (sfe_strategy_is_path(text)) {
		r = new_plugin(s, name, options, folder, where, &plugin, err);
		r = r ? r : add(s, &plugin->info, plugin, err);
		if (r)
			free_plugin(plugin);
	} else {
		const struct sfe_strategy_info *info = sfe_strategy_find(name);
		r = info ? add_with_options(s, info, options, err) : fail_unknown(name, err);
	}
	free(name);
	return r;
}

int sfe_strategy_label(const char *text, char out[SFE_STRATEGY_BYTES], struct sfe_error *err)
{
	const char *options = text + sfe_strategy_options_begin(text);
	char *path = strndup(text, (size_t)(options - text)), name[SFE_STRATEGY_NAME];
	struct sfe_strategy_info info = sfe_strategy_not_read;
	struct sfe_strategy_options with;
	const struct sfe_strategy_info *of = path ? sfe_strategy_find(path) : NULL;
	int r = path ? 0 : no_memory(err);

	info.name = name;
	if (!r && !of && sfe_strategy_is_path(text))
		r = name_of(path, name, err);
	else if (!r && !of)
		r = fail_unknown(path, err);
	of = of ? of : &info;
	r = r ? r : sfe_strategy_options_read(options, of, &with, err);
	if (!r)
		sfe_strategy_options_name(of->name, &of->options, &with, out);
	free(path);
	return r;
}

void sfe_scenario_print_strategies(const struct sfe_scenario *s, FILE *out)
{
	for (uint32_t i = 0; i < s->n_strategies; i++) {
		const char *name = s->strategies[i]->name, *options = strchr(name, '(');
		char *text = NULL;
		fputs(i ? ", " : "[", out);
		if (!s->plugins[i])
			fputs(name, out);
		else if (asprintf(&text, "%s%s", s->plugins[i]->file, options ? options : "") >= 0)
			sfe_tree_print_text(text, out);
		free(text);
	}
	fputc(']', out);
}

static void free_with_options(struct sfe_strategy_info *info)
{
	if (!info)
		return;
	free((char *)info->name);
	free(info);
}

void sfe_scenario_clear_strategies(struct sfe_scenario *s)
{
	for (uint32_t i = 0; i < s->n_strategies; i++) {
		free_plugin(s->plugins[i]);
		free_with_options(s->with_options[i]);
		s->with_options[i] = NULL;
	}
	s->n_strategies = 0;
}

bool sfe_scenario_chooses(const struct sfe_scenario *s)
{
	for (uint32_t i = 0; i < s->n_strategies; i++)
		if (s->strategies[i]->chooses)
			return true;
	return false;
}

const struct sfe_strategy_plugin *sfe_scenario_strategy_plugin(
	const struct sfe_scenario *s, const struct sfe_strategy_info *strategy)
{
	for (uint32_t i = 0; i < s->n_strategies; i++)
		if (s->strategies[i] == strategy)
			return s->plugins[i];
	return NULL;
}

/* SPDX-License-Identifier: MIT */
#include "emu/model/scenario/scenario_strategies.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "emu/model/base/input.h"
#include "emu/model/base/name_check.h"
#include "emu/model/base/yaml_tree.h"
#include "emu/model/strategies/strategy_file.h"

static int no_memory(struct sfe_error *err)
{
	return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
}

bool sfe_strategy_is_path(const char *text)
{
	size_t n = strlen(text);

	return strchr(text, '/') || (n > 3 && !strcmp(text + n - 3, ".so"));
}

int sfe_strategy_name_of(const char *path, char name[SFE_STRATEGY_NAME], struct sfe_error *err)
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
		snprintf(todo + used, sizeof(todo) - used, ", or the path of a plugin (./NAME.so)");
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

static int new_plugin(struct sfe_scenario *s, const char *text, const char *folder,
	const char *where, struct sfe_strategy_plugin **out, struct sfe_error *err)
{
	struct sfe_strategy_plugin *p = calloc(1, sizeof(*p));
	char name[SFE_STRATEGY_NAME];

	*out = p;
	if (!p)
		return no_memory(err);
	int r = sfe_strategy_name_of(text, name, err);
	if (r)
		return r;
	p->name = strdup(name);
	p->where = strdup(where);
	if (s->files.names_only)
		p->file = strdup(text);
	else if ((r = sfe_text_find(text, folder, &p->file, err)))
		return r;
	else if (!(p->written = sfe_text_as_written(text, folder)))
		return no_memory(err);
	if (!p->name || !p->where || !p->file)
		return no_memory(err);
	r = s->files.names_only ? 0 : read_file(s, p, err);
	p->info.name = p->name;
	p->info.summary = "a plugin";
	return r;
}

static int add(struct sfe_scenario *s, const struct sfe_strategy_info *info,
	struct sfe_strategy_plugin *plugin, struct sfe_error *err)
{
	if (plugin && sfe_strategy_find(info->name))
		return sfe_fail(err, -EINVAL, NULL, "give the file another name",
			"'%s' is the name of a strategy that is built in", info->name);
	for (uint32_t i = 0; i < s->n_strategies; i++)
		if (!strcmp(s->strategies[i]->name, info->name))
			return sfe_fail(err, -EINVAL, NULL, "name each strategy once",
				"'%s' is named twice", info->name);
	if (s->n_strategies == SFE_MAX_STRATEGIES)
		return sfe_fail(err, -EINVAL, NULL, "name fewer", "more than %u strategies",
			SFE_MAX_STRATEGIES);
	s->plugins[s->n_strategies] = plugin;
	s->strategies[s->n_strategies++] = info;
	return 0;
}

int sfe_scenario_add_strategy(struct sfe_scenario *s, const char *text, const char *folder,
	const char *where, struct sfe_error *err)
{
	struct sfe_strategy_plugin *plugin = NULL;

	if (!sfe_strategy_is_path(text)) {
		const struct sfe_strategy_info *info = sfe_strategy_find(text);
		return info ? add(s, info, NULL, err) : fail_unknown(text, err);
	}
	int r = new_plugin(s, text, folder, where, &plugin, err);
	r = r ? r : add(s, &plugin->info, plugin, err);
	if (r)
		free_plugin(plugin);
	return r;
}

void sfe_scenario_print_strategies(const struct sfe_scenario *s, FILE *out)
{
	for (uint32_t i = 0; i < s->n_strategies; i++) {
		fputs(i ? ", " : "[", out);
		if (s->plugins[i])
			sfe_tree_print_text(s->plugins[i]->file, out);
		else
			fputs(s->strategies[i]->name, out);
	}
	fputc(']', out);
}

void sfe_scenario_clear_strategies(struct sfe_scenario *s)
{
	for (uint32_t i = 0; i < s->n_strategies; i++)
		free_plugin(s->plugins[i]);
	s->n_strategies = 0;
}

const struct sfe_strategy_plugin *sfe_scenario_strategy_plugin(
	const struct sfe_scenario *s, const struct sfe_strategy_info *strategy)
{
	for (uint32_t i = 0; i < s->n_strategies; i++)
		if (s->strategies[i] == strategy)
			return s->plugins[i];
	return NULL;
}

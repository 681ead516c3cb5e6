/* SPDX-License-Identifier: MIT */
#include "emu/sweep/sweep_parse.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "emu/model/base/name_check.h"
#include "emu/model/base/text.h"
#include "emu/sweep/sweep_axes.h"

#define MAX_SWEEP_BYTES (1u << 20)

static int no_memory(struct sfe_error *err)
{
	return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
}

/* A path in the file, which is absolute or relative to the file's folder. */
static char *path_of(const struct sfe_sweep *s, const char *text)
{
	char *path;

	if (*text == '/')
		return strdup(text);
	return asprintf(&path, "%s/%s", s->folder, text) < 0 ? NULL : path;
}

static int read_rows(struct sfe_sweep *s, const struct sfe_tree *t, struct sfe_error *err)
{
	const char *text = t ? sfe_tree_text(t, s->file, "rows", err) : "jobs";

	if (!text)
		return -EINVAL;
	s->summary = !strcmp(text, "summary");
	if (!s->summary && strcmp(text, "jobs"))
		return sfe_tree_fail(t, s->file, "write jobs or summary", err,
			"rows: '%.80s' is not known", text);
	return 0;
}

/* The base scenario is read alone first, so that errors in it are reported with its own lines. */
static int read_base(struct sfe_sweep *s, const struct sfe_tree *root, struct sfe_scenario **base,
	struct sfe_error *err)
{
	const struct sfe_tree *t = sfe_tree_get(root, "base");
	const char *text = t ? sfe_tree_text(t, s->file, "base", err) : NULL;

	if (!t)
		return sfe_tree_fail(root, s->file, "write base: SCENARIO.yaml", err,
			"there is no base scenario");
	if (!text)
		return -EINVAL;
	if (!(s->base = path_of(s, text)))
		return no_memory(err);
	if (access(s->base, R_OK))
		return sfe_tree_fail(t, s->file, "give the path of a scenario", err,
			"base: cannot read %.300s: %s", s->base, strerror(errno));
	return sfe_scenario_read(s->base, NULL, 0, base, err);
}

static int read_name(struct sfe_sweep *s, const struct sfe_tree *t, struct sfe_error *err)
{
	const char *slash = strrchr(s->file, '/'), *text = slash ? slash + 1 : s->file;
	struct sfe_error cause = {0};
	size_t len = strcspn(text, ".");

	if (t && !(text = sfe_tree_text(t, s->file, "name", err)))
		return -EINVAL;
	if (t)
		len = strlen(text);
	s->name = strndup(text, len);
	if (!s->name)
		return no_memory(err);
	if (!t)
		sfe_name_make(s->name);
	int r = sfe_name_check((struct sfe_span){s->name, strlen(s->name)}, &cause);
	return r ? sfe_fail_at(err, r, s->file, t ? t->line : 1, cause.todo, "name: %s", cause.what)
		 : 0;
}

static int read_results(struct sfe_sweep *s, const struct sfe_tree *t, struct sfe_error *err)
{
	const char *text = t ? sfe_tree_text(t, s->file, "results", err) : "results";
	char *here = getcwd(NULL, 0);

	if (text && *text == '/')
		s->results = strdup(text);
	else if (text && (!here || asprintf(&s->results, "%s/%s", here, text) < 0))
		s->results = NULL;
	free(here);
	if (!text)
		return -EINVAL;
	return s->results ? 0 : no_memory(err);
}

static int read_tree(struct sfe_sweep *s, const struct sfe_tree *root, struct sfe_error *err)
{
	static const char *const keys[] = {
		"name", "base", "set", "grid", "strategies", "seeds", "rows", "results", NULL};
	struct sfe_scenario *base = NULL;
	int r = sfe_tree_check_keys(root, s->file, keys, err);

	if (r || (r = read_name(s, sfe_tree_get(root, "name"), err)) ||
		(r = read_rows(s, sfe_tree_get(root, "rows"), err)) ||
		(r = read_results(s, sfe_tree_get(root, "results"), err)) ||
		(r = read_base(s, root, &base, err)) ||
		(r = sfe_sweep_read_common(s, sfe_tree_get(root, "set"), err)) ||
		(r = sfe_sweep_read_grid(s, sfe_tree_get(root, "grid"), "", err)) ||
		(r = sfe_sweep_read_strategies(s, root, base, err)) ||
		(r = sfe_sweep_read_seeds(s, root, base, err)))
		goto out;
	r = sfe_sweep_check_axes(s, err);
out:
	sfe_scenario_free(base);
	return r;
}

int sfe_sweep_parse(struct sfe_sweep *s, struct sfe_error *err)
{
	const char *slash = strrchr(s->file, '/');
	SFE_TREE_AUTO struct sfe_tree *root = NULL;
	char *text = NULL;
	size_t len;
	int r = sfe_text_load(s->file, &text, &len, err);

	s->folder = slash ? strndup(s->file, slash == s->file ? 1 : (size_t)(slash - s->file))
			  : strdup(".");
	if (!r && !s->folder)
		r = no_memory(err);
	if (!r && len > MAX_SWEEP_BYTES)
		r = sfe_fail(
			err, -EINVAL, s->file, "give the path of a sweep", "is larger than 1 MiB");
	if (!r)
		r = sfe_tree_read(text, len, s->file, SFE_TREE_DOTTED_KEYS, &root, err);
	free(text);
	return r ? r : read_tree(s, root, err);
}

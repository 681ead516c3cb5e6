/* SPDX-License-Identifier: MIT */
#include "emu/model/scenario/workflow_reader.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "emu/model/base/name_check.h"

int sfe_workflow_no_memory(const struct sfe_workflow_reader *r)
{
	return sfe_fail(r->err, -ENOMEM, r->file, NULL, "out of memory");
}

__attribute__((format(printf, 4, 5))) int sfe_workflow_fail(const struct sfe_workflow_reader *r,
	const struct sfe_tree *t, const char *todo, const char *fmt, ...)
{
	char what[sizeof(r->err->what)];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	if (!r->f->name)
		return sfe_tree_fail(t, r->file, todo, r->err, "workflows: %s", what);
	return sfe_tree_fail(t, r->file, todo, r->err, "workflows: %s: %s", r->f->name, what);
}

int sfe_workflow_read_name(
	const struct sfe_workflow_reader *r, const struct sfe_tree *t, char **out)
{
	const char *text = t->kind == SFE_TREE_VALUE && t->text ? t->text : NULL;
	struct sfe_error cause = {0};

	if (!text)
		return sfe_workflow_fail(r, t, "write name: NAME", "a name is not one value");
	if (sfe_name_check_vertex((struct sfe_span){text, strlen(text)}, &cause))
		return sfe_workflow_fail(r, t, cause.todo, "%s", cause.what);
	*out = strdup(text);
	return *out ? 0 : sfe_workflow_no_memory(r);
}

unsigned sfe_workflow_n_texts(const struct sfe_tree *t)
{
	return t->kind == SFE_TREE_LIST ? t->n : 1;
}

const struct sfe_tree *sfe_workflow_text(
	const struct sfe_workflow_reader *r, const struct sfe_tree *t, unsigned i)
{
	const struct sfe_tree *at = t->kind == SFE_TREE_LIST ? t->child[i] : t;

	if (at->kind == SFE_TREE_VALUE && *at->text)
		return at;
	sfe_workflow_fail(r, at, "write a name or a list of names", "%s: %s", t->key,
		at->kind == SFE_TREE_VALUE ? "an empty name" : "is not a list of names");
	return NULL;
}

/* SPDX-License-Identifier: MIT */
/* Errors and texts of a composition. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "emu/model/generate/composer.h"

int sfe_compose_fail(
	struct sfe_composer *c, const struct sfe_tree *t, const char *todo, const char *fmt, ...)
{
	char what[sizeof(c->b->error.what)];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	c->b->line = t->line;
	return sfe_builder_fail(c->b, -EINVAL, todo, "%s", what);
}

const char *sfe_compose_text(struct sfe_composer *c, const struct sfe_tree *t, const char *what)
{
	const char *text = c->b->rc ? NULL : sfe_tree_text(t, c->b->file, what, &c->b->error);

	if (!text && !c->b->rc)
		c->b->rc = c->b->error.code;
	return text;
}

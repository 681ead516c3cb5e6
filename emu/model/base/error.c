/* SPDX-License-Identifier: MIT */
#include "sfemu/error.h"

#include <stdarg.h>
#include <stdio.h>

#include "emu/model/base/printable.h"

/* Built in a separate struct first: callers may pass a text of err itself when they extend it. */
static int fail(struct sfe_error *err, int code, const struct sfe_error *made)
{
	*err = *made;
	err->code = code;
	sfe_one_line(err->where);
	sfe_one_line(err->what);
	sfe_one_line(err->todo);
	return code;
}

int sfe_fail(
	struct sfe_error *err, int code, const char *where, const char *todo, const char *fmt, ...)
{
	struct sfe_error made;
	va_list ap;

	if (!err)
		return code;
	snprintf(made.where, sizeof(made.where), "%s", where ? where : "");
	snprintf(made.todo, sizeof(made.todo), "%s", todo ? todo : "");
	va_start(ap, fmt);
	vsnprintf(made.what, sizeof(made.what), fmt, ap);
	va_end(ap);
	return fail(err, code, &made);
}

int sfe_fail_at(struct sfe_error *err, int code, const char *file, unsigned line, const char *todo,
	const char *fmt, ...)
{
	struct sfe_error made;
	va_list ap;

	if (!err)
		return code;
	snprintf(made.where, sizeof(made.where), line ? "%s:%u" : "%s", file, line);
	snprintf(made.todo, sizeof(made.todo), "%s", todo ? todo : "");
	va_start(ap, fmt);
	vsnprintf(made.what, sizeof(made.what), fmt, ap);
	va_end(ap);
	return fail(err, code, &made);
}

const char *sfe_error_text(const struct sfe_error *err, char *buf, size_t size)
{
	snprintf(buf, size, "%s%s%s%s%s", err->where, err->where[0] ? ": " : "", err->what,
		err->todo[0] ? "; " : "", err->todo);
	return buf;
}

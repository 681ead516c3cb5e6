/* SPDX-License-Identifier: MIT */
#include "sfemu/error.h"

#include <stdarg.h>
#include <stdio.h>

static int fail(struct sfe_error *err, int code, const char *todo, const char *fmt, va_list ap)
{
	err->code = code;
	snprintf(err->todo, sizeof(err->todo), "%s", todo ? todo : "");
	vsnprintf(err->what, sizeof(err->what), fmt, ap);
	return code;
}

int sfe_fail(
	struct sfe_error *err, int code, const char *where, const char *todo, const char *fmt, ...)
{
	va_list ap;

	if (!err)
		return code;
	/* The callers may pass a text out of err itself when they add to it. */
	char copy[sizeof(err->where)];
	snprintf(copy, sizeof(copy), "%s", where ? where : "");
	snprintf(err->where, sizeof(err->where), "%s", copy);
	va_start(ap, fmt);
	fail(err, code, todo, fmt, ap);
	va_end(ap);
	return code;
}

int sfe_fail_at(struct sfe_error *err, int code, const char *file, unsigned line, const char *todo,
	const char *fmt, ...)
{
	va_list ap;

	if (!err)
		return code;
	if (line)
		snprintf(err->where, sizeof(err->where), "%s:%u", file, line);
	else
		snprintf(err->where, sizeof(err->where), "%s", file);
	va_start(ap, fmt);
	fail(err, code, todo, fmt, ap);
	va_end(ap);
	return code;
}

const char *sfe_error_text(const struct sfe_error *err, char *buf, size_t size)
{
	snprintf(buf, size, "%s%s%s%s%s", err->where, err->where[0] ? ": " : "", err->what,
		err->todo[0] ? "; " : "", err->todo);
	return buf;
}

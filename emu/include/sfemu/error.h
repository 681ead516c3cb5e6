/* SPDX-License-Identifier: MIT */
/*
 * Error reporting.
 *
 * Every function that can fail returns 0 or a negative errno and fills its last parameter, a
 * `struct sfe_error` (which may be NULL). A caller with nothing to add passes the error on
 * unchanged.
 */
#ifndef SFEMU_ERROR_H
#define SFEMU_ERROR_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct sfe_error {
	int code;        /* negative errno; 0: no error */
	char where[256]; /* the object: "file:line", a node, a link; may be empty */
	char what[512];  /* what failed, and why */
	char todo[256];  /* what the user can do about it; may be empty */
};

/*
 * Fills err and returns code (a negative errno), so that callers write `return sfe_fail(...)`.
 * where and todo may be NULL. The texts are single lines without a full stop.
 */
int sfe_fail(struct sfe_error *err, int code, const char *where, const char *todo, const char *fmt,
	...) __attribute__((format(printf, 5, 6)));

/* The same, with the place as file and line (from 1; 0 omits the line). */
int sfe_fail_at(struct sfe_error *err, int code, const char *file, unsigned line, const char *todo,
	const char *fmt, ...) __attribute__((format(printf, 6, 7)));

/* Writes "where: what; todo" into buf. Returns buf. */
const char *sfe_error_text(const struct sfe_error *err, char *buf, size_t size);

#ifdef __cplusplus
}
#endif

#endif

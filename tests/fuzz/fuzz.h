/* SPDX-License-Identifier: MIT */
/*
 * What the fuzz targets share. A target gives bytes that nobody vouches for to one parser; what the
 * parser takes must keep its own promises (CHECK), what it refuses must say what and where.
 */
#ifndef SFE_TESTS_FUZZ_H
#define SFE_TESTS_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sfemu/error.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CHECK(condition)                                                                           \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);    \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

/* An error is one line and has its code. */
static inline void check_error(const struct sfe_error *err, int rc)
{
	char text[1100];

	CHECK(rc < 0 && err->code == rc && err->what[0]);
	CHECK(!strpbrk(sfe_error_text(err, text, sizeof(text)), "\n\r"));
}

/* Inputs of several parts have lines "%%" between them. */
struct part {
	const char *at;
	size_t len;
};

static inline struct part next_part(struct part *rest)
{
	const char *mark = rest->at ? memmem(rest->at, rest->len, "%%\n", 3) : NULL;
	struct part first = {rest->at, mark ? (size_t)(mark - rest->at) : rest->len};

	*rest = mark ? (struct part){mark + 3, rest->len - first.len - 3} : (struct part){0};
	if (!first.at)
		first.at = "";
	return first;
}

/* The part as a string of its own. */
static inline char *part_text(struct part p)
{
	char *text = strndup(p.at, p.len);

	CHECK(text);
	return text;
}

#endif

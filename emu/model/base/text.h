/* SPDX-License-Identifier: MIT */
/* Reads untrusted text: lines, fields, numbers. Shared by the parsers of the model. */
#ifndef SFE_BASE_TEXT_H
#define SFE_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sfemu/error.h"

#define SFE_MAX_FILE_BYTES (1ull << 30)

struct sfe_span { /* a borrowed piece of text without a final 0 */
	const char *at;
	size_t len;
};

struct sfe_lines {
	const char *at, *end;
	unsigned line; /* number of the last line, from 1 */
};

/* The lines of a text, without its byte order mark. */
struct sfe_lines sfe_lines_begin(const char *text, size_t len);
/* The next line without its end (LF or CR LF); false: no more lines. */
bool sfe_lines_next(struct sfe_lines *lines, struct sfe_span *line);

/*
 * Splits at sep and drops empty fields, as the published reader does. Returns the number of fields,
 * which may exceed max; only max are stored.
 */
size_t sfe_span_split(struct sfe_span text, char sep, struct sfe_span *fields, size_t max);

/* Without leading and trailing blanks. */
struct sfe_span sfe_span_trim(struct sfe_span text);
bool sfe_span_is(struct sfe_span text, const char *word);
bool sfe_span_contains(struct sfe_span text, const char *word);

/* Decimal digits only. 0, -EINVAL (not a number) or -ERANGE. */
int sfe_span_u64(struct sfe_span text, uint64_t *out);
/* A decimal number, no hexadecimal, "nan" or "inf". 0, -EINVAL or -ERANGE (not finite). */
int sfe_span_double(struct sfe_span text, double *out);
/* The same, rounded once to single precision. */
int sfe_span_float(struct sfe_span text, float *out);

/* Up to size - 1 bytes of a text for a message, unprintable ones as '?'. Returns buf. */
const char *sfe_span_show(struct sfe_span text, char *buf, size_t size);
#define SFE_SHOW(span) sfe_span_show((span), (char[48]){0}, 48)

/* The absolute path of a regular file; a relative name starts at folder (NULL: the current one).
 * *full is the caller's. Errors have no place. */
int sfe_text_find(const char *name, const char *folder, char **full, struct sfe_error *err);
/* The absolute path of the same file as it is written, with its links: for checks of who could have
 * changed what it leads to. The caller's; NULL with errno on failure. */
char *sfe_text_as_written(const char *name, const char *folder);
/* Reads a whole file of UTF-8. *text is the caller's and ends with a 0 that *len does not count. */
int sfe_text_load(const char *file, char **text, size_t *len, struct sfe_error *err);

/* Grows an array to at least want elements by doubling; *cap is its capacity. 0 or -ENOMEM. */
int sfe_grow(void *array_pointer, uint32_t *cap, uint32_t want, size_t element);

#endif

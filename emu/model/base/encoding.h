/* SPDX-License-Identifier: MIT */
/*
 * Text files here are UTF-8. A byte order mark at the start, as editors and spreadsheets write it,
 * is passed over. Other encodings are refused by their name, because what a parser says of their
 * bytes hides the cause.
 */
#ifndef SFE_BASE_ENCODING_H
#define SFE_BASE_ENCODING_H

#include <stddef.h>
#include <stdio.h>

#include "sfemu/error.h"

/* The bytes of a UTF-8 byte order mark at the start of the text: 3, or 0 for none. */
size_t sfe_encoding_mark(const char *text, size_t len);

/* Refuses UTF-16 and UTF-32, with a byte order mark or by the place of the first byte 0. */
int sfe_encoding_check(const char *text, size_t len, const char *file, struct sfe_error *err);

/* Both for an opened regular file, which is at its start: it then stands behind the mark. */
int sfe_encoding_begin(FILE *in, const char *file, struct sfe_error *err);

#endif

/* SPDX-License-Identifier: MIT */
/* Makes untrusted text safe for a terminal. */
#ifndef SFE_BASE_PRINTABLE_H
#define SFE_BASE_PRINTABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/*
 * Replaces by '?' what a terminal would interpret: control characters (C0 except tabs, C1),
 * characters that change the direction of text, and bytes that are not UTF-8. In place; returns
 * text.
 */
char *sfe_make_printable(char *text);

/* Prints a text as sfe_make_printable leaves it. */
void sfe_print_text(const char *text, FILE *out);

/*
 * Prints a part of a text of several lines in the same way; newlines stay. A character that may go
 * on in the next part is not printed, unless this is the end: returns how many bytes were.
 */
size_t sfe_print_lines(const char *text, size_t len, bool end, FILE *out);

/* The bytes of the first character, 0 if sfe_make_printable would put '?' for its first byte. */
int sfe_printable_bytes(const char *text);

/* A JSON string in its quotes; what sfe_make_printable would not leave is escaped. */
void sfe_print_json_text(const char *text, FILE *out);
/* JSON that a library made, with the same escaped; only its strings can have such characters. */
void sfe_print_json(const char *json, FILE *out);

/* Whether sfe_make_printable would leave it as it is. */
bool sfe_is_printable(const char *text, size_t len);
/* The same, and no tab: what may be a value in a scenario, such as a path. */
bool sfe_is_one_line(const char *text, size_t len);

/* Makes it printable without tabs: a message is one line whatever it quotes. */
void sfe_one_line(char *text);

#endif

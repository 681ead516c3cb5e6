/* SPDX-License-Identifier: MIT */
/* Makes untrusted text safe for a terminal. */
#ifndef SFE_BASE_PRINTABLE_H
#define SFE_BASE_PRINTABLE_H

/*
 * Replaces by '?' what a terminal would interpret: control characters (C0 except tabs, C1),
 * characters that change the direction of text, and bytes that are not UTF-8. In place; returns
 * text.
 */
char *sfe_make_printable(char *text);

/* Replaces control characters by '?', so that a message stays one line. */
void sfe_one_line(char *text);

#endif

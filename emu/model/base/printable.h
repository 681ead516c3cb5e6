/* SPDX-License-Identifier: MIT */
/* Text that somebody else wrote, on its path to a terminal. */
#ifndef SFE_BASE_PRINTABLE_H
#define SFE_BASE_PRINTABLE_H

/*
 * Puts '?' in the place of what a terminal would not just show: control characters (C0 but tabs,
 * C1), those that turn the direction of text around, and bytes that are no UTF-8. In place; returns
 * text.
 */
char *sfe_make_printable(char *text);

/* Puts '?' for control characters: a message is one line whatever it quotes. */
void sfe_one_line(char *text);

#endif

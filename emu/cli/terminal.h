/* SPDX-License-Identifier: MIT */
/* The width of the terminal, for tables. */
#ifndef SFE_CLI_TERMINAL_H
#define SFE_CLI_TERMINAL_H

#include <stdbool.h>

/* The columns of the terminal that the standard output is. 0: no limit, since the standard output
 * is not a terminal or wide is set. */
unsigned sfe_terminal_width(bool wide);
/* Prints how many columns were left out and where they are; nothing for n = 0. */
void sfe_terminal_left_out(unsigned n, const char *where);

#endif

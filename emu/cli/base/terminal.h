/* SPDX-License-Identifier: MIT */
/* The width of the terminal, for tables. */
#ifndef SFE_CLI_TERMINAL_H
#define SFE_CLI_TERMINAL_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* The columns of the terminal that the standard output is. 0: no limit, since the standard output
 * is not a terminal or wide is set. */
static inline unsigned sfe_terminal_width(bool wide)
{
	struct winsize size;

	if (wide || !isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size))
		return 0;
	return size.ws_col;
}

/* Prints how many columns were left out and where they are; nothing for n = 0. */
static inline void sfe_terminal_left_out(unsigned n, const char *where)
{
	if (n)
		printf("(%u more column%s: --wide, or %s)\n", n, n > 1 ? "s" : "", where);
}

#endif

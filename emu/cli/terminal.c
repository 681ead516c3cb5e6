/* SPDX-License-Identifier: MIT */
#include "emu/cli/terminal.h"

#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

unsigned sfe_terminal_width(bool wide)
{
	struct winsize size;

	if (wide || !isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size))
		return 0;
	return size.ws_col;
}

void sfe_terminal_left_out(unsigned n, const char *where)
{
	if (n)
		printf("(%u more column%s: --wide, or %s)\n", n, n > 1 ? "s" : "", where);
}

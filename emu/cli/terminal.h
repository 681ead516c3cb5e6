/* SPDX-License-Identifier: MIT */
/* How wide a table may be. */
#ifndef SFE_CLI_TERMINAL_H
#define SFE_CLI_TERMINAL_H

#include <stdbool.h>

/* Characters of a line of the terminal that the standard output is; 0: as many as there are, since
 * it is none or all columns are wanted. */
unsigned sfe_terminal_width(bool wide);
/* Says that columns were left out, and where they are. */
void sfe_terminal_left_out(unsigned n, const char *where);

#endif

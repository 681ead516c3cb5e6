/* SPDX-License-Identifier: MIT */
/* What every verb of the command `sfemu` shares: exit statuses and errors. */
#ifndef SFE_CLI_H
#define SFE_CLI_H

#include "sfemu/error.h"

#define SFE_EXIT_FAILED 1
#define SFE_EXIT_USAGE 2 /* bad input: nothing was built */
#define SFE_EXIT_INTERRUPTED 130

/* Prints the error on stderr, after "sfemu: ", and returns status. */
int sfe_cli_error(const struct sfe_error *err, int status);

#endif

/* SPDX-License-Identifier: MIT */
/* What verbs share: numbers of the command line and the one line that says what is wrong. */
#ifndef SFE_CLI_ARGS_H
#define SFE_CLI_ARGS_H

#include <stdint.h>

#include "emu/cli/cli.h"

/* 0, or the exit status after the one line on stderr. */
int sfe_arg_u64(const char *option, const char *text, uint64_t min, uint64_t max, uint64_t *out);
int sfe_arg_double(const char *option, const char *text, double *out);
int sfe_arg_range(const char *option, const char *text, double min, double max, double *out);
int sfe_arg_size(const char *option, const char *text, uint64_t *out);

/* Prints the error as one line on stderr and gives the exit status: 2 for bad input, else 1. */
int sfe_cli_fail(const char *verb, const struct sfe_error *err);
/* Prints the line "sfemu VERB: ..." and gives 2. */
int sfe_cli_usage(const char *verb, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif

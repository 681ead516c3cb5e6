/* SPDX-License-Identifier: MIT */
/* Numbers and sizes of the command line, and the line on stderr that says what is wrong. */
#ifndef SFE_CLI_ARGS_H
#define SFE_CLI_ARGS_H

#include <stdint.h>

#include "emu/cli/base/cli.h"
#include "sfemu/workload.h"

/* Each returns 0, or prints one line on stderr and returns the exit status. option: as the user
 * writes it. */
int sfe_arg_u64(const char *option, const char *text, uint64_t min, uint64_t max, uint64_t *out);
int sfe_arg_double(const char *option, const char *text, double *out);
int sfe_arg_range(const char *option, const char *text, double min, double max, double *out);
int sfe_arg_shape(const char *text, enum sfe_shape *out); /* of --shape */
int sfe_arg_size(const char *option, const char *text, uint64_t *out);
int sfe_arg_memory(const char *option, const char *text, uint64_t *mb); /* at least 1 MB */

/* Adds a text of the command line, which argv has, to a list, which the caller frees. 0 or
 * -ENOMEM. */
int sfe_arg_add(const char ***list, unsigned *n, const char *text);
/* The same for --clock, as a --set option. Its text is never freed: the list has it. */
int sfe_arg_add_clock(const char ***list, unsigned *n, const char *clock);

/* Prints the error as one line on stderr and returns the exit status: 1 for lack of memory and for
 * output that cannot be written, else 2 (bad input). */
int sfe_cli_fail(const char *verb, const struct sfe_error *err);
/* Prints "sfemu VERB: ...; try 'sfemu VERB --help'" on stderr and returns SFE_EXIT_USAGE. */
int sfe_cli_usage(const char *verb, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif

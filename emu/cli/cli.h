/* SPDX-License-Identifier: MIT */
/* The verbs of the command `sfemu`, one file each. argv[0] is the verb; each returns the exit
 * status. */
#ifndef SFE_CLI_H
#define SFE_CLI_H

#include "sfemu/error.h"

#define SFE_EXIT_FAILED 1
#define SFE_EXIT_USAGE 2 /* bad input: nothing was built */
#define SFE_EXIT_INTERRUPTED 130

int sfe_cmd_run(int argc, char **argv);
int sfe_cmd_estimate(int argc, char **argv);
int sfe_cmd_check(int argc, char **argv);
int sfe_cmd_exec(int argc, char **argv);
int sfe_cmd_down(int argc, char **argv);
int sfe_cmd_diff(int argc, char **argv);
int sfe_cmd_analyze(int argc, char **argv);
int sfe_cmd_report(int argc, char **argv);
int sfe_cmd_topology(int argc, char **argv);
int sfe_cmd_workload(int argc, char **argv);
int sfe_cmd_guest(int argc, char **argv);
int sfe_cmd_sweep(int argc, char **argv);
int sfe_cmd_link(int argc, char **argv);
int sfe_cmd_links(int argc, char **argv);
int sfe_cmd_schedule(int argc, char **argv);
int sfe_cmd_verify(int argc, char **argv);
int sfe_cmd_columns(int argc, char **argv);

/* Prints "sfemu: " and the error on stderr; returns status. */
int sfe_cli_error(const struct sfe_error *err, int status);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * The verbs of the command `sfemu`, one file each. A verb gets its own argv (argv[0] is its name)
 * and returns the exit status: 0, 1 when something failed, 2 when what was asked for is wrong.
 */
#ifndef SFE_CLI_H
#define SFE_CLI_H

int sfe_cmd_topology(int argc, char **argv);
int sfe_cmd_workload(int argc, char **argv);

#endif

/* SPDX-License-Identifier: MIT */
/* Host names of nodes, so that `ping server_0` works inside a node. */
#ifndef SFE_RUN_HOSTS_FILE_H
#define SFE_RUN_HOSTS_FILE_H

#include "emu/net/plan.h"

/* Writes the file `hosts` in the results folder. */
int sfe_hosts_write(int results_fd, const struct sfe_plan *plan, struct sfe_error *err);
/* Mounts that file over /etc/hosts in the calling process's mount namespace, which must be its
 * own. */
int sfe_hosts_mount(const char *results_path, struct sfe_error *err);

#endif

/* SPDX-License-Identifier: MIT */
/* Programs of users' commands that a guest does not have at their path. */
#ifndef SFE_RUN_GUEST_PATHS_H
#define SFE_RUN_GUEST_PATHS_H

#include "emu/beside/node_commands.h"

/*
 * A guest sees the host's files at their paths, but has /proc, /sys, /run and /dev of its own (not
 * /dev/shm). A command whose program is a file of the host there is refused, because the guest
 * would not find it, after the jobs or half way through them.
 */
int sfe_guest_paths_check(
	const struct sfe_lab_commands *c, const struct sfe_experiment *e, struct sfe_error *err);

#endif

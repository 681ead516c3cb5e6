/* SPDX-License-Identifier: MIT */
/*
 * A process tree that cannot outlive the orchestrator: its first process is the init of a PID
 * namespace and is killed by the kernel when the orchestrator dies, whatever kills that; the kernel
 * then kills the rest. Its mounts are its own, so that what it mounts goes with it.
 */
#ifndef SFE_VM_CONTAIN_H
#define SFE_VM_CONTAIN_H

#include <stdbool.h>
#include <sys/types.h>

#include "sfemu/error.h"

enum sfe_containment {
	SFE_CONTAIN_ROOT, /* PID and mount namespaces */
	SFE_CONTAIN_USER, /* the same inside a user namespace that maps the user to itself */
	SFE_CONTAIN_NONE, /* neither is allowed: only the first process is killed with the
			     orchestrator */
};

/*
 * Forks; the child calls main(arg) and exits with what it returns. *pid is the child's. *how (may
 * be NULL) tells what the system allowed. The child has a session of its own, so that a terminal's
 * Ctrl-C reaches only the caller.
 */
int sfe_contain(int (*main)(void *), void *arg, pid_t *pid, enum sfe_containment *how,
	struct sfe_error *err);

#endif

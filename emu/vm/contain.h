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
 * Forks; the child calls main(arg, alive) in namespaces of that kind, and of the kinds of more
 * (CLONE_NEW…) unless it is SFE_CONTAIN_NONE, and exits with what main returns. *pid is the
 * child's. It has a session of its own, so that a terminal's Ctrl-C reaches only the caller. -EPERM
 * and others where the system does not allow the namespaces.
 */
int sfe_contain(enum sfe_containment how, unsigned long more, int (*main)(void *, int alive),
	void *arg, pid_t *pid, struct sfe_error *err);

/* What to try first: namespaces as root, or as root of a user namespace. */
enum sfe_containment sfe_contain_first(void);

/*
 * In the child: it ends with the orchestrator. Done before main is called, and lost whenever the
 * process changes its ids: then main asks for it again. Ends the process if the orchestrator is
 * gone.
 */
void sfe_contain_until_orchestrator_ends(int alive);

#endif

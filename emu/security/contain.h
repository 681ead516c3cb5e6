/* SPDX-License-Identifier: MIT */
/*
 * A process tree that cannot outlive the orchestrator. Its first process is the init of a PID
 * namespace. The kernel kills it when the orchestrator dies, for whatever reason, and with it all
 * others. It has a mount namespace of its own, which disappears with it.
 */
#ifndef SFE_SECURITY_CONTAIN_H
#define SFE_SECURITY_CONTAIN_H

#include <stdbool.h>
#include <sys/types.h>

#include "sfemu/error.h"

enum sfe_containment {
	SFE_CONTAIN_ROOT, /* PID and mount namespaces */
	SFE_CONTAIN_USER, /* the same inside a user namespace that maps the user to itself */
	SFE_CONTAIN_NONE, /* no namespaces: only the first process dies with the orchestrator */
};

/*
 * Forks. The child calls main(arg, alive) in namespaces of that kind, and in those of `more`
 * (CLONE_NEW…) unless it is SFE_CONTAIN_NONE, and exits with main's result. *pid is the child. It
 * has a session of its own, so that Ctrl-C in a terminal reaches only the caller.
 *
 * folder, unless it is -1: a folder that becomes main's working directory, on its own mount in the
 * new mount namespace. Nothing that is mounted over its path is in between.
 *
 * Returns an error only if the system does not allow the process or its namespaces. Then main has
 * not been called. What happens in main is its own affair.
 */
int sfe_contain(enum sfe_containment how, unsigned long more, int folder,
	int (*main)(void *, int alive), void *arg, pid_t *pid, struct sfe_error *err);

/* The kind to try first: SFE_CONTAIN_ROOT for root, otherwise SFE_CONTAIN_USER. */
enum sfe_containment sfe_contain_first(void);

/*
 * In the child: makes it end with the orchestrator, and ends it if the orchestrator is gone
 * already. Called before main. The setting is lost when the process changes its ids; then main must
 * call this again.
 */
void sfe_contain_until_orchestrator_ends(int alive);

#endif

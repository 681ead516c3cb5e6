/* SPDX-License-Identifier: MIT */
/* The seccomp filter for a guest's kernel: the system calls that it may make on the host. */
#ifndef SFE_SECURITY_SYSCALLS_H
#define SFE_SECURITY_SYSCALLS_H

#include <stdbool.h>

#include "sfemu/error.h"

/*
 * From now on, this process and its children may make only the system calls that User-Mode Linux
 * needs; any other fails with EPERM. Without mounts, when only Landlock protects files, they also
 * cannot change the mode, owner, times or length of a file by its path. Sets no_new_privs.
 *
 * The system calls of processes inside the guest are not affected: the guest's kernel intercepts
 * them (PTRACE_SYSEMU) before the filter sees them.
 */
int sfe_syscalls_of_guest(bool mounts, struct sfe_error *err);

#endif

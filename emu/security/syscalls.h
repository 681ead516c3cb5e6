/* SPDX-License-Identifier: MIT */
/* The system calls that a guest's kernel may make on the host (seccomp). */
#ifndef SFE_SECURITY_SYSCALLS_H
#define SFE_SECURITY_SYSCALLS_H

#include <stdbool.h>

#include "sfemu/error.h"

/*
 * From now on this process and its children may make only the system calls that User-Mode Linux
 * needs; any other gets -EPERM. Without mounts (only Landlock keeps files from being written) it
 * cannot change modes, owners, times and lengths of files by their path either. Sets no_new_privs.
 * The guest's own system calls are not meant: the guest's kernel takes them over (PTRACE_SYSEMU)
 * before a filter sees them.
 */
int sfe_syscalls_of_guest(bool mounts, struct sfe_error *err);

#endif

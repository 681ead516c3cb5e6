/* SPDX-License-Identifier: MIT */
/*
 * Confines a guest: limits what it can reach on the host, whatever runs in it.
 *
 * A guest's kernel is a process of the host, and code that takes it over has that process's rights.
 * Before the kernel starts, these rights are therefore removed in phases:
 *
 * 1. Mounts, in a mount namespace of its own (as root, or as root of a user namespace). All files
 *    of the host become read-only, without set-user-ID programs and devices, recursively. /proc,
 *    /sys and /run become empty file systems. Only two places are writable: the results folder, a
 *    mount cloned from the descriptor that the orchestrator opened, and the guest's memory. The
 *    kernel and this program are copied to where the guest finds them, so that it needs no right to
 *    read the originals. The kernel's digest is checked on the copy.
 * 2. Rights: the invoker instead of root, no supplementary groups, no capabilities, and none by
 *    execve.
 * 3. Landlock: only those two places and three devices can be written. Without a mount namespace,
 *    only this keeps the guest from writing all that its user may write.
 * 4. System calls: only those of User-Mode Linux (emu/security/syscalls.h), just before the kernel
 *    is executed.
 */
#ifndef SFE_VM_CONFINE_H
#define SFE_VM_CONFINE_H

#include <stdbool.h>
#include <sys/types.h>

#include "sfemu/error.h"

/* Paths of a confined guest's kernel and memory in its view of the host. */
#define SFE_CONFINED_KERNEL "/run/sfemu/linux"
#define SFE_CONFINED_MEMORY "/run/sfemu/memory"

struct sfe_confinement {
	bool mounts;     /* phase 1: in a mount namespace of its own */
	bool unconfined; /* go on even without mounts and without Landlock */
	bool change_ids; /* phase 2: become uid and gid */
	uid_t uid;
	gid_t gid;
	int kernel;         /* descriptor, for reading */
	const char *digest; /* of the kernel, SHA-256 in hexadecimal; NULL: not known */
	int program;        /* descriptor of the program that is the guest's init */
	int results;        /* descriptor of the results folder, -1 for none */
	/* The names of program, results and memory in the guest's folder /proc/self/fd. */
	int program_number, results_number, memory_number;
	unsigned memory_mb; /* of the guest, whose memory is a file of that size */
};

/* Does phases 1 to 3 in the process that will start the guest's kernel, whose working directory is
 * the results folder if there is one. If they fail, it must end. */
int sfe_confine(const struct sfe_confinement *c, struct sfe_error *err);

#endif

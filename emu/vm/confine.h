/* SPDX-License-Identifier: MIT */
/*
 * What a guest can reach of its host, whatever runs in it.
 *
 * A guest's kernel is a process of the host: what takes that process over has its rights. So the
 * host's side is closed before it starts, in phases, after each of which less may be done:
 *
 *  1. Mounts (needs a mount namespace of our own, as root or as root of a user namespace). All
 * files of the host become read-only, without set-user-ID programs and devices, recursively. /proc,
 *     /sys and /run are empty file systems of our own. Only two places can be written: the results
 *     folder, a mount cloned from the descriptor that the orchestrator opened, and the guest's
 *     memory. The kernel and this program are copied where the guest finds them, so that it needs
 * no right to read the originals; the kernel's digest is checked on the copy.
 *  2. Rights: the user who called sudo instead of root, no other groups, no capabilities, nothing
 * to be gained by execve.
 *  3. Landlock: writes go to those two places and to three devices only. Where there is no mount
 *     namespace this is the only thing that keeps the guest from writing what its user may write.
 *  4. System calls: those of User-Mode Linux (emu/security/syscalls.h), just before the kernel is
 *     executed.
 */
#ifndef SFE_VM_CONFINE_H
#define SFE_VM_CONFINE_H

#include <stdbool.h>
#include <sys/types.h>

#include "sfemu/error.h"

/* Where a confined guest's kernel and memory are, in its own view of the host. */
#define SFE_CONFINED_KERNEL "/run/sfemu/linux"
#define SFE_CONFINED_MEMORY "/run/sfemu/memory"

struct sfe_confinement {
	bool mounts;     /* phase 1: in a mount namespace of its own */
	bool unconfined; /* phase 3 may be missing where there are no mounts either */
	bool change_ids; /* phase 2: become uid and gid */
	uid_t uid;
	gid_t gid;
	int kernel;         /* descriptor, for reading */
	const char *digest; /* of the kernel, SHA-256 in hexadecimal; NULL: none is known */
	int program;        /* descriptor of the program that is the guest's init */
	int results;        /* descriptor of the results folder, -1 for none */
	/* The paths by which the guest finds program, results and memory, under the folder
	 * /proc/self/fd.
	 */
	int program_number, results_number, memory_number;
	unsigned memory_mb; /* of the guest: its memory is a file of that size */
};

/* Phases 1 to 3, in the process that starts the guest's kernel. A process that fails must end. */
int sfe_confine(const struct sfe_confinement *c, struct sfe_error *err);

#endif

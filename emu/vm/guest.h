/* SPDX-License-Identifier: MIT */
/*
 * A User-Mode Linux guest whose init is sfemu itself. Its root is the host's file system,
 * read-only; only the results folder, which it gets as an open descriptor, is writable. The host
 * enforces that (emu/vm/confine.h), not the guest.
 */
#ifndef SFE_VM_GUEST_H
#define SFE_VM_GUEST_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "emu/security/contain.h"

/* Descriptors of the guest's kernel. They are the same in each run, since the kernel's command line
 * must be. */
#define SFE_GUEST_MEMORY_FD 6
#define SFE_GUEST_CHANNEL_FD 7
#define SFE_GUEST_INIT_FD 8
#define SFE_GUEST_RESULTS_FD 9
#define SFE_GUEST_PROGRESS_FD 10
#define SFE_GUEST_TTY_FD 11 /* and the next one */

/* Paths inside the guest, and the argument that makes sfemu act as its init. */
#define SFE_GUEST_RESULTS "/run/sfemu/results"
#define SFE_GUEST_TTY "/dev/tty2"
#define SFE_GUEST_TTY_ERR "/dev/tty3"
#define SFE_GUEST_INIT_VERB "guest-init"

/*
 * Guests of one run have dates that do not overlap, so that their captures are one after the other:
 * 30 days from one to the next. A kernel's TCP sequence numbers begin with the date in units of 64
 * ns modulo 2^32. At this distance no two of 64 guests have similar ones, so that connections with
 * the same ports in one capture are told apart.
 */
#define SFE_GUEST_SLOT_NS (30 * 86400 * 1000000000ull)

struct sfe_guest_params {
	const char *kernel;
	const char *init; /* this program's path; a readable file of the host */
	bool virtual_clock;
	uint32_t seed; /* of the guest's random pool, virtual clock only */
	uint32_t slot; /* its date, virtual clock only: SFE_GUEST_SLOT_NS times this after others */
	uint32_t memory_mb;
	int results;     /* the folder's descriptor, -1 for none */
	bool unconfined; /* go on if the host cannot be made read-only (emu/vm/confine.h) */
	/* Descriptors for the guest's terminals. 0: none. 1: SFE_GUEST_TTY is a terminal of the
	 * host, or a socket. 2: SFE_GUEST_TTY and SFE_GUEST_TTY_ERR are pipes for output and
	 * errors.
	 */
	unsigned n_ttys;
	int tty[2];
	const char *argument; /* of the guest's init, after SFE_GUEST_INIT_VERB, or NULL */
};

/*
 * The page in which the guest's kernel reports its progress to the host
 * (tools/guest-kernel/patches/0007-um-progress.patch). All zero until it begins to, and always with
 * kernels without the patch.
 */
struct sfe_guest_progress {
	uint64_t magic;   /* SFE_GUEST_PROGRESS_MAGIC */
	uint64_t time_ns; /* virtual, since boot */
	uint64_t entries; /* how often a process was given the processor */
	uint32_t user;    /* 1 while a process runs, 0 while the kernel does */
	int32_t syscall;  /* the last system call of that process, -1 for none */
	uint32_t pid;     /* of the process that runs or ran last */
	uint32_t netns;   /* inode number of its network namespace */
	char comm[16];
};
#define SFE_GUEST_PROGRESS_MAGIC 0x31676f72706d75ull

struct sfe_guest {
	pid_t pid;   /* killing it ends the guest; its exit status is the kernel's */
	int channel; /* lines from the guest's init to the orchestrator */
	int console; /* output of the guest's kernel */
	enum sfe_containment containment;
	const volatile struct sfe_guest_progress *progress; /* for sfe_guest_forget_progress */
};

/* Starts a guest. Returns when its kernel has been executed, or with the reason why not. */
int sfe_guest_start(
	const struct sfe_guest_params *params, struct sfe_guest *guest, struct sfe_error *err);

void sfe_guest_forget_progress(const volatile struct sfe_guest_progress *progress);

#define SFE_DEBIAN_KERNEL "/usr/bin/linux.uml"

/*
 * Whether Debian's kernel starts on this processor. User-Mode Linux 6.1 to 6.12, which Debian 12
 * and 13 have, has room for a process's floating point registers as far as those of AVX-512. The
 * host sets them only as a whole, and with AMX (Intel's Xeons since Sapphire Rapids) there are
 * more: the first process ends (tools/guest-kernel/patches/0020).
 */
bool sfe_guest_debian_kernel_runs(void);

/*
 * Finds the kernel for a clock: $SFEMU_GUEST_KERNEL if set; otherwise the one in the cache of
 * tools/guest-kernel/build.sh (virtual clock) or Debian's (real clock; the built one as well where
 * the processor has AMX, with which Debian's does not start). -ENOENT with advice if there is none.
 */
int sfe_guest_kernel(bool virtual_clock, char *path, size_t size, struct sfe_error *err);

/*
 * The guest's side, which process 1 calls first. Mounts file systems, loads modules if the kernel
 * needs them, and opens the channel. Returns the channel's descriptor. results: there is a results
 * folder.
 */
int sfe_guest_init(bool results, struct sfe_error *err);
/* Opens a terminal of the guest in raw mode. Returns its descriptor. */
int sfe_guest_open_raw(const char *tty, struct sfe_error *err);
/* Switches the guest off. */
_Noreturn void sfe_guest_off(void);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * A User-Mode Linux guest whose init is sfemu itself. The host's files are its root, read-only;
 * only the results folder, which it gets as an open descriptor, can be written. The host's side
 * sees to that (emu/vm/confine.h), not the guest's.
 */
#ifndef SFE_VM_GUEST_H
#define SFE_VM_GUEST_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "emu/vm/contain.h"

/* Descriptors that the guest's kernel is started with: the same in every run, as its command line
 * must be. */
#define SFE_GUEST_MEMORY_FD 6
#define SFE_GUEST_CHANNEL_FD 7
#define SFE_GUEST_INIT_FD 8
#define SFE_GUEST_RESULTS_FD 9
#define SFE_GUEST_PROGRESS_FD 10
#define SFE_GUEST_TTY_FD 11 /* and the next one */

/* Where the results folder is inside the guest, and the words that make sfemu act as its init. */
#define SFE_GUEST_RESULTS "/run/sfemu/results"
#define SFE_GUEST_TTY "/dev/tty2"
#define SFE_GUEST_TTY_ERR "/dev/tty3"
#define SFE_GUEST_INIT_WORD "guest-init"

struct sfe_guest_params {
	const char *kernel;
	const char *init; /* this program's path; a readable file of the host */
	bool virtual_clock;
	uint32_t seed; /* of the guest's random pool, virtual clock only */
	uint32_t memory_mb;
	int results;     /* the folder's descriptor, -1 for none */
	bool unconfined; /* go on where the host's side cannot be made read-only (emu/vm/confine.h)
			  */
	/* What the guest's SFE_GUEST_TTY is: 1: a terminal of the host, or a socket; 2: pipes for
	 * its output and, as SFE_GUEST_TTY_ERR, for its errors; 0: there is none. */
	unsigned n_ttys;
	int tty[2];
	const char *argument; /* one word for the guest's init after SFE_GUEST_INIT_WORD, or NULL */
};

/*
 * What the guest kernel writes into a page that it shares with us
 * (tools/guest-kernel/patches/0007-um-progress.patch). All zero until it has begun to, and with
 * kernels that do not.
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
	int channel; /* what the lab says, line by line */
	int console; /* what the guest's kernel says */
	enum sfe_containment containment;
	const volatile struct sfe_guest_progress *progress; /* for sfe_guest_forget_progress */
};

/* Returns when the guest's kernel has been executed, or with the reason why not. */
int sfe_guest_start(
	const struct sfe_guest_params *params, struct sfe_guest *guest, struct sfe_error *err);

void sfe_guest_forget_progress(const volatile struct sfe_guest_progress *progress);

/*
 * The kernel for that clock: $SFEMU_GUEST_KERNEL, else the one that tools/guest-kernel/build.sh
 * keeps in its cache (virtual), else Debian's (real). -ENOENT with what to do when there is none.
 */
int sfe_guest_kernel(bool virtual_clock, char *path, size_t size, struct sfe_error *err);

/*
 * The other side: the first thing that runs in a guest (as process 1). Mounts, loads modules if the
 * kernel needs them, opens the channel. Returns the channel's descriptor. results: there is a
 * folder for them.
 */
int sfe_guest_init(bool results, struct sfe_error *err);
/* A terminal of the guest as a way for bytes as they are. Its descriptor. */
int sfe_guest_open_raw(const char *tty, struct sfe_error *err);
/* Switches the guest off. Does not return. */
_Noreturn void sfe_guest_off(void);

#endif

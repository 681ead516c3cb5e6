/* SPDX-License-Identifier: MIT */
/* Limits of the system for this process and its children. They are checked before they can end a
 * process without a message, and named if they did. */
#ifndef SFE_VM_LIMITS_H
#define SFE_VM_LIMITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sfemu/error.h"

/*
 * At the start of the program: raises the soft limits of the stack and of open files if they are
 * too low. -EMFILE or -ENOMEM with the limit's name if they cannot be raised.
 */
int sfe_limits_begin(struct sfe_error *err);

/*
 * Before a guest starts: checks that a file of its memory's size may be written, and that as many
 * processes may be started as a guest needs at least. -EFBIG or -EAGAIN with the limit's name.
 */
int sfe_limits_check_guest(uint32_t memory_mb, struct sfe_error *err);

/* The check of processes alone. */
int sfe_limits_check_processes(struct sfe_error *err);

/* How many more processes this process's control group allows; INFINITY: it has no limit. */
double sfe_limits_more_processes(void);

/*
 * The memory that guests may get (MB): nine tenths of what this machine has available now, or of
 * what this process's control group leaves, whichever is less. INFINITY: neither is known.
 */
double sfe_limits_memory_mb(void);

/* How many processes the OOM killer has ended; -1: not known. */
struct sfe_oom_kills {
	bool taken;    /* sfe_oom_kills_read has filled this */
	double cgroup; /* in this process's control group */
	double host;
};
void sfe_oom_kills_read(struct sfe_oom_kills *out);

/* Writes whose memory ran out if the OOM killer has ended a process since then, or an empty text.
 */
const char *sfe_oom_kills_why(const struct sfe_oom_kills *before, char *buf, size_t size);

#endif

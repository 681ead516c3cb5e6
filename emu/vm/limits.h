/* SPDX-License-Identifier: MIT */
/* What the system allows this process and its children: looked at before a limit ends them without
 * a word, and named where one has. */
#ifndef SFE_VM_LIMITS_H
#define SFE_VM_LIMITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sfemu/error.h"

/*
 * At a program's start: raises the soft limits of the stack and of open files as far as they may
 * be, where they are too low to work with. -EMFILE, -ENOMEM with the limit's name where they may
 * not.
 */
int sfe_limits_begin(struct sfe_error *err);

/*
 * Before a guest with so much memory starts: files of that size can be written (its memory is one),
 * and as many processes started as a guest needs at least. -EFBIG, -EAGAIN with the limit's name.
 */
int sfe_limits_check_guest(uint32_t memory_mb, struct sfe_error *err);

/* The processes' part of it alone. */
int sfe_limits_check_processes(struct sfe_error *err);

/* How many processes the kernel has killed for want of memory; -1: it does not say. */
struct sfe_oom_kills {
	bool taken;    /* there was somebody to count: sfe_oom_kills_read */
	double cgroup; /* of the control group that we are in */
	double host;
};
void sfe_oom_kills_read(struct sfe_oom_kills *out);

/* Writes whose memory ran out, if the kernel has killed since then; else an empty text. */
const char *sfe_oom_kills_why(const struct sfe_oom_kills *before, char *buf, size_t size);

#endif

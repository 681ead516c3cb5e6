/* SPDX-License-Identifier: MIT */
/* What a guest's kernel says: the newest of it, and what it tells about the guest's end. */
#ifndef SFE_VM_CONSOLE_H
#define SFE_VM_CONSOLE_H

#include <stdbool.h>
#include <stddef.h>

#include "emu/vm/limits.h"
#include "sfemu/error.h"

#define SFE_CONSOLE_TAIL 4096

struct sfe_console {
	int fd; /* -1 once it is at its end */
	char tail[SFE_CONSOLE_TAIL + 1];
	size_t len;
	char killed[64]; /* the last process that was killed for want of memory; empty if none */
	struct sfe_oom_kills kills; /* on the host, before the guest started */
};

/* Begins to read from that descriptor. */
void sfe_console_begin(struct sfe_console *c, int fd);

/* Reads what there is. True if it told of a process that was killed for want of memory. */
bool sfe_console_read(struct sfe_console *c);
/* The same to its end, for at most some hundred milliseconds. Then fd is closed. */
void sfe_console_close(struct sfe_console *c);

/*
 * Why a guest is gone, in the error: from its kernel's last words and its exit status (128 + the
 * signal). spoke: its first process had said something. Returns -EIO.
 */
int sfe_console_died(const struct sfe_console *c, int status, bool spoke, const char *kernel,
	unsigned memory_mb, struct sfe_error *err);
/* The same of a guest that is there and says nothing any more. Returns -ETIME. */
int sfe_console_stuck(
	const struct sfe_console *c, unsigned silent_s, unsigned memory_mb, struct sfe_error *err);
/* Adds the guest's last words, if there are any, to an error. Returns its code. */
int sfe_console_add(const struct sfe_console *c, struct sfe_error *err);

#endif

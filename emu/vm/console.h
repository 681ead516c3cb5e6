/* SPDX-License-Identifier: MIT */
/* The console of a guest's kernel: keeps its newest text, and finds in it why a guest ended. */
#ifndef SFE_VM_CONSOLE_H
#define SFE_VM_CONSOLE_H

#include <stdbool.h>
#include <stddef.h>

#include "emu/vm/limits.h"
#include "sfemu/error.h"

#define SFE_CONSOLE_TAIL 4096

struct sfe_console {
	int fd; /* -1 after its end */
	char tail[SFE_CONSOLE_TAIL + 1];
	size_t len;
	char killed[64]; /* the last process that the guest's OOM killer ended; empty if none */
	struct sfe_oom_kills kills; /* counts on the host before the guest started */
};

/* Begins to read from a descriptor. */
void sfe_console_begin(struct sfe_console *c, int fd);

/* Reads what is available. True if it reports a process that the OOM killer ended. */
bool sfe_console_read(struct sfe_console *c);
/* Reads to the end, for at most some hundred milliseconds, and closes fd. */
void sfe_console_close(struct sfe_console *c);

/*
 * Fills the error with the reason why a guest ended, from its console and its exit status (128 +
 * signal). spoke: its first process had written to the channel. Returns -EIO.
 */
int sfe_console_died(const struct sfe_console *c, int status, bool spoke, const char *kernel,
	unsigned memory_mb, struct sfe_error *err);
/* The same for a guest that runs but does not answer any more. Returns -ETIME. */
int sfe_console_stuck(
	const struct sfe_console *c, unsigned silent_s, unsigned memory_mb, struct sfe_error *err);
/* Adds the end of the console, if there is any, to an error. Returns its code. */
int sfe_console_add(const struct sfe_console *c, struct sfe_error *err);

#endif

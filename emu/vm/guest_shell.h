/* SPDX-License-Identifier: MIT */
/* A shell, or one command, in a guest: the host's files read-only, nothing of the network. */
#ifndef SFE_VM_GUEST_SHELL_H
#define SFE_VM_GUEST_SHELL_H

#include <stdbool.h>
#include <stdint.h>

#include "sfemu/error.h"

/* Makes a guest's init do its part; what follows in the word says what to run. */
#define SFE_GUEST_SHELL_WORD "shell:"

struct sfe_guest_shell {
	const char *kernel, *program;
	bool virtual_clock, unconfined; /* as in struct sfe_guest_params */
	uint32_t memory_mb, seed;
	char **command; /* ended by NULL; NULL: a shell */
};

/* Runs it to its end; *status is what it ended with. -EINTR when a signal ended it. */
int sfe_guest_shell(const struct sfe_guest_shell *shell, int *status, struct sfe_error *err);

/* The guest's side, with the rest of the word. */
_Noreturn void sfe_guest_shell_main(const char *what);

#endif

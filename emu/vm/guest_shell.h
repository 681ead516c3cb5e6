/* SPDX-License-Identifier: MIT */
/* A shell or one command in a guest, with the host's files read-only and without a network. */
#ifndef SFE_VM_GUEST_SHELL_H
#define SFE_VM_GUEST_SHELL_H

#include <stdbool.h>
#include <stdint.h>

#include "emu/vm/guest_command.h"
#include "sfemu/error.h"

struct sfe_guest_shell {
	const char *kernel, *program;
	bool virtual_clock, unconfined; /* as in struct sfe_guest_params */
	uint32_t memory_mb, seed;
	char **command; /* ended by NULL; NULL: a shell */
};

/* Runs it to its end; *status is its exit status. -EINTR if a signal ended it. */
int sfe_guest_shell(const struct sfe_guest_shell *shell, int *status, struct sfe_error *err);

/* The guest's side. what: the argument of the guest's init after SFE_GUEST_SHELL_PREFIX. */
_Noreturn void sfe_guest_shell_main(const char *what);

#endif

/* SPDX-License-Identifier: MIT */
/* Whether a guest kernel can do what scenarios ask of it: it is booted and asked. */
#ifndef SFE_RUN_GUEST_CHECK_H
#define SFE_RUN_GUEST_CHECK_H

#include <stdbool.h>

#include "sfemu/error.h"

#define SFE_GUEST_CHECK_WORD "check" /* makes a guest's init do its part */

struct sfe_guest_check {
	char release[66];
	double boot_s; /* wall time until its first process spoke */
	double jump_s; /* and for a sleep of SFE_GUEST_JUMP_S in it; virtual clock only */
};

#define SFE_GUEST_JUMP_S 1000

/* Boots it. An error says which of the things it lacks, or how it died. */
int sfe_guest_check(const char *kernel, bool virtual_clock, const char *program,
	struct sfe_guest_check *out, struct sfe_error *err);

/* The guest's side. */
_Noreturn void sfe_guest_check_main(void);

#endif

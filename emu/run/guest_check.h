/* SPDX-License-Identifier: MIT */
/* Checks whether a guest kernel has what scenarios need, by booting it. */
#ifndef SFE_RUN_GUEST_CHECK_H
#define SFE_RUN_GUEST_CHECK_H

#include <stdbool.h>

#include "sfemu/error.h"

#define SFE_GUEST_CHECK_WORD "check" /* argument for the guest's init */

struct sfe_guest_check {
	char release[66];
	double boot_s; /* wall time until its first process reported */
	double jump_s; /* the same for a sleep of SFE_GUEST_JUMP_S; virtual clock only */
};

#define SFE_GUEST_JUMP_S 1000

/* Boots it. An error says what it lacks, or how it died. */
int sfe_guest_check(const char *kernel, bool virtual_clock, const char *program,
	struct sfe_guest_check *out, struct sfe_error *err);

/* The guest's side. */
_Noreturn void sfe_guest_check_main(void);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * What to run, as one word of a kernel's command line: folder, TERM and the command, each byte that
 * is not a plain one as %XX.
 */
#ifndef SFE_VM_GUEST_WORD_H
#define SFE_VM_GUEST_WORD_H

#include <stdbool.h>

#include "sfemu/error.h"

#define SFE_GUEST_WORD_BYTES 3000 /* a kernel takes 4096 in all */

/* command: ended by NULL, or NULL for a shell. Begins with SFE_GUEST_SHELL_WORD and
 * p (its output goes to pipes) or t (to a terminal). */
int sfe_guest_word_make(bool pipes, char *const *command, char word[static SFE_GUEST_WORD_BYTES],
	struct sfe_error *err);
/*
 * Takes what follows these apart, in place: *parts is an array of folder, TERM, command…, ended by
 * NULL, the caller's (the texts are within word).
 */
int sfe_guest_word_read(char *word, char ***parts, struct sfe_error *err);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * A command and its environment (working folder, TERM) encoded as one word of a guest kernel's
 * command line: the parts are separated by commas, and each byte that is not a plain character is
 * %XX.
 */
#ifndef SFE_VM_GUEST_COMMAND_H
#define SFE_VM_GUEST_COMMAND_H

#include <stdbool.h>

#include "sfemu/error.h"

#define SFE_GUEST_COMMAND_BYTES 3000 /* the kernel takes 4096 bytes in all */
/* A word that begins with this makes the guest's init run a shell or a command. */
#define SFE_GUEST_SHELL_PREFIX "shell:"

/*
 * Encodes a command, which ends with NULL; NULL: a shell. The word begins with
 * SFE_GUEST_SHELL_PREFIX and p (output to pipes) or t (to a terminal).
 */
int sfe_guest_command_encode(bool pipes, char *const *command,
	char word[static SFE_GUEST_COMMAND_BYTES], struct sfe_error *err);
/*
 * Decodes in place what follows prefix and p or t. *parts is an array of folder, TERM and command,
 * which ends with NULL. The caller frees the array; its texts are within word.
 */
int sfe_guest_command_decode(char *word, char ***parts, struct sfe_error *err);

#endif

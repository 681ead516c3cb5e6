/* SPDX-License-Identifier: MIT */
/* The folder for sockets and other files of running programs, in which no other user can make
 * files.
 */
#ifndef SFE_SECURITY_RUNTIME_FOLDER_H
#define SFE_SECURITY_RUNTIME_FOLDER_H

#include <stddef.h>

#include "sfemu/error.h"

/*
 * Makes the folder if there is none, with mode 0700, and checks that it belongs to this user alone:
 * /run/sfemu for root, otherwise $XDG_RUNTIME_DIR/sfemu, or /tmp/sfemu-UID if that is not set.
 * Writes its path into path and returns a descriptor of it, or a negative errno.
 */
int sfe_runtime_folder(char *path, size_t size, struct sfe_error *err);

#endif

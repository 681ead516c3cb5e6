/* SPDX-License-Identifier: MIT */
/* The folder for sockets and other things of running programs, in which nobody else can make names.
 */
#ifndef SFE_SECURITY_RUNTIME_FOLDER_H
#define SFE_SECURITY_RUNTIME_FOLDER_H

#include <stddef.h>

#include "sfemu/error.h"

/*
 * Makes the folder if it is not there and checks that it is ours: /run/sfemu as root, else
 * $XDG_RUNTIME_DIR/sfemu, or /tmp/sfemu-UID without that. Mode 0700. Writes its path into path and
 * returns a descriptor of it, or a negative errno.
 */
int sfe_runtime_folder(char *path, size_t size, struct sfe_error *err);

#endif

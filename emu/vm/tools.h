/* SPDX-License-Identifier: MIT */
/* Finds the scripts of tools/, which are executed with the invoker's rights. */
#ifndef SFE_VM_TOOLS_H
#define SFE_VM_TOOLS_H

#include <stddef.h>
#include <stdio.h>

#include "sfemu/error.h"

/*
 * The path of a file in tools/. The first of these that applies:
 * - in $SFEMU_TOOLS, if that is set;
 * - in the source tree, for a program in its build folder;
 * - where it was installed with this program or with the library;
 * - in the source tree, for a program that is a copy and was not installed.
 *
 * An installed program never uses the tree that it was built in. Files in the tree, and for root
 * all files, must be trusted (emu/security/trust.h): -EPERM. -ENOENT if the file is missing.
 */
int sfe_tool(const char *name, char *path, size_t size, struct sfe_error *err);

/* Checks a path from the environment. For root it must be trusted (emu/security/trust.h); other
 * users are responsible for their own environment. */
int sfe_tool_trust(const char *path, struct sfe_error *err);

/* Reads what a script prints with these fixed words behind it. Its path may have any characters.
 * NULL: it cannot be started; pclose ends it. */
FILE *sfe_tool_read(const char *script, const char *words);

#endif

/* SPDX-License-Identifier: MIT */
/* Where the scripts of tools/ are, which are executed with the rights of who started sfemu. */
#ifndef SFE_VM_TOOLS_H
#define SFE_VM_TOOLS_H

#include <stddef.h>

#include "sfemu/error.h"

/*
 * The path of a file below tools/: in $SFEMU_TOOLS if that is set; else of the source tree, for a
 * program that lies in its build folder; else as installed with this program or with the library;
 * else, for a copy of a program that is nowhere installed, of the source tree. A program that is
 * installed never looks into the tree that it was built in. Root and the tree's
 * users take only what nobody else could have put there (emu/security/trust.h): -EPERM. -ENOENT
 * where it is missing.
 */
int sfe_tool(const char *name, char *path, size_t size, struct sfe_error *err);

/* A path that the environment names. Root believes it only if nobody else could have put there what
 * is there; others may set their own environment as they like. */
int sfe_tool_trust(const char *path, struct sfe_error *err);

#endif

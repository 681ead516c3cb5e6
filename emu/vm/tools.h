/* SPDX-License-Identifier: MIT */
/* Where the scripts of tools/ are. */
#ifndef SFE_VM_TOOLS_H
#define SFE_VM_TOOLS_H

#include <stdbool.h>
#include <stddef.h>

/* The path of a file below tools/: in $SFEMU_TOOLS, in the source tree, or as installed. */
bool sfe_tool(const char *name, char *path, size_t size);

#endif

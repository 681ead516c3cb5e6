/* SPDX-License-Identifier: MIT */
#include "emu/vm/tools.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

bool sfe_tool(const char *name, char *path, size_t size)
{
	const char *folders[] = {getenv("SFEMU_TOOLS"), SFE_SOURCE_TOOLS, SFE_INSTALLED_TOOLS};

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		if (!folders[i])
			continue;
		snprintf(path, size, "%s/%s", folders[i], name);
		if (!access(path, R_OK))
			return true;
	}
	return false;
}

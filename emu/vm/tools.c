/* SPDX-License-Identifier: MIT */
#include "emu/vm/tools.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "emu/security/trust.h"

/* The path of this program. *folder: the length of its folder's path. */
static bool own_path(char *path, size_t size, size_t *folder)
{
	ssize_t n = readlink("/proc/self/exe", path, size - 1);
	char *slash;

	path[n < 0 ? 0 : n] = 0;
	if (!(slash = strrchr(path, '/')))
		return false;
	*folder = (size_t)(slash - path);
	return true;
}

static bool lies_in_build_folder(const char *program)
{
	char *build = realpath(SFE_BUILD_FOLDER, NULL);
	size_t len = build ? strlen(build) : 0;
	bool in = len && !strncmp(program, build, len) && program[len] == '/';

	free(build);
	return in;
}

/* Whether this program is where it is installed to. Then it does not use the tree, even if files
 * are missing. */
static bool is_installed(const char *program, size_t folder)
{
	return strlen(SFE_INSTALLED_BIN) == folder && !strncmp(program, SFE_INSTALLED_BIN, folder);
}

int sfe_tool_trust(const char *path, struct sfe_error *err)
{
	return geteuid() ? 0 : sfe_trust_path(path, err);
}

int sfe_tool(const char *name, char *path, size_t size, struct sfe_error *err)
{
	const char *chosen = getenv("SFEMU_TOOLS");
	char program[4096];
	size_t folder = 0;

	if (!own_path(program, sizeof(program), &folder))
		return sfe_fail(err, -ENOENT, "/proc/self/exe", "mount /proc",
			"does not say where sfemu is");
	bool tree = lies_in_build_folder(program);
	if (chosen && chosen[0]) {
		snprintf(path, size, "%s/%s", chosen, name);
	} else if (!tree) {
		snprintf(path, size, "%.*s/%s/%s", (int)folder, program, SFE_TOOLS_FROM_BIN, name);
		/* A program that uses the library may be anywhere: then the tools are where the
		 * library was installed. For a copy of a built program only the tree is left. */
		if (access(path, F_OK))
			snprintf(path, size, "%s/%s", SFE_INSTALLED_TOOLS, name);
		tree = access(path, F_OK) && !is_installed(program, folder);
	}
	if (tree && !(chosen && chosen[0]))
		snprintf(path, size, "%s/%s", SFE_SOURCE_TOOLS, name);
	if (access(path, R_OK))
		return sfe_fail(err, -errno, path,
			"install sfemu with `cmake --install`, or set SFEMU_TOOLS to the tools "
			"folder",
			"this part of sfemu is not there: %s", strerror(errno));
	return tree ? sfe_trust_path(path, err) : sfe_tool_trust(path, err);
}

/* The shell gets the path quoted: each ' in it ends the quotes, is one, and begins them again. */
FILE *sfe_tool_read(const char *script, const char *words)
{
	size_t size = 4 * strlen(script) + strlen(words) + 4;
	char *command = malloc(size), *to = command;

	if (!command)
		return NULL;
	*to++ = '\'';
	for (const char *from = script; *from; from++)
		to = *from == '\'' ? stpcpy(to, "'\\''") : (*to = *from, to + 1);
	snprintf(to, size - (size_t)(to - command), "' %s", words);
	FILE *f = popen(command, "re");
	free(command);
	return f;
}

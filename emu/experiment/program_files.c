/* SPDX-License-Identifier: MIT */
#include "emu/experiment/program_files.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "emu/experiment/function_files.h"
#include "emu/experiment/guest_path.h"

/* What is there but cannot be executed is said when it is tried. */
static bool is_on_path(const char *path, const char *name)
{
	char file[PATH_MAX];

	for (const char *at = path, *colon; at; at = colon ? colon + 1 : NULL) {
		colon = strchr(at, ':');
		int len = (int)strcspn(at, ":");
		/* An empty element is the folder in which programs run. */
		if (!len ||
			snprintf(file, sizeof(file), "%.*s/%s", len, at, name) >=
				(int)sizeof(file) ||
			!access(file, F_OK))
			return true;
	}
	return false;
}

/* Whether a guest may have a file there that the host does not have: programs write there, too. */
static bool is_own(const char *path)
{
	static const char *const own[] = {"/proc/", "/sys/", "/run/", "/dev/"};

	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		if (!strncmp(path, own[i], strlen(own[i])))
			return true;
	return false;
}

static int check(const char *file, const struct sfe_program *p, bool guest, struct sfe_error *err)
{
	const char *name = p->word[0], *path = guest ? SFE_GUEST_PATH : sfe_function_path();

	if (p->shell)
		return 0;
	if (!strchr(name, '/'))
		return is_on_path(path, name)
			       ? 0
			       : sfe_fail_at(err, -EINVAL, file, p->line,
					 "install it, correct its name, or write its path",
					 "programs: there is no program %.100s in the folders in "
					 "which it is looked for (%.300s)",
					 name, path);
	return *name != '/' || !guest || is_own(name) || !access(name, F_OK)
		       ? 0
		       : sfe_fail_at(err, -EINVAL, file, p->line, "install it, or correct its path",
				 "programs: there is no program %.300s", name);
}

int sfe_programs_runnable(const struct sfe_scenario *s, bool guest, struct sfe_error *err)
{
	int r = 0;

	for (uint32_t i = 0; i < s->programs.n && !r; i++)
		r = check(s->programs.file, &s->programs.program[i], guest, err);
	return r;
}

/* SPDX-License-Identifier: MIT */
#include "emu/run/guest_paths.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* The folder that a guest has of its own and the path is in; NULL: none. */
static const char *covering(const char *path)
{
	static const char *const own[] = {"/proc", "/sys", "/run", "/dev"};
	static const char shown[] = "/dev/shm/";

	if (!strncmp(path, shown, strlen(shown)))
		return NULL;
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
		size_t len = strlen(own[i]);
		if (!strncmp(path, own[i], len) && path[len] == '/')
			return own[i];
	}
	return NULL;
}

static int check(const char *command, struct sfe_error *err)
{
	const char *text = strchr(command, ':') + 1;
	char path[PATH_MAX], full[PATH_MAX], todo[2 * PATH_MAX];
	struct stat st;

	text += strspn(text, " \t");
	/* The program is the first word, without the shell's other characters. */
	int len = (int)strcspn(text, " \t;|&<>()\"'`$*?[#~");
	if (*text != '/' || len >= (int)sizeof(path))
		return 0;
	snprintf(path, sizeof(path), "%.*s", len, text);
	/* What the guest's own /proc and /dev have as well is no file of the host's. */
	if (stat(path, &st) || !S_ISREG(st.st_mode) || !realpath(path, full))
		return 0;
	const char *given = covering(path), *real = covering(full);
	if (!given && !real)
		return 0;
	if (real)
		snprintf(todo, sizeof(todo), "copy it to another folder, such as /tmp");
	else
		snprintf(todo, sizeof(todo), "write its path %s", full);
	return sfe_fail(err, -EINVAL, path, todo,
		"the guest does not have this program: it has %s of its own", real ? real : given);
}

int sfe_guest_paths_check(
	const struct sfe_lab_commands *c, const struct sfe_experiment *e, struct sfe_error *err)
{
	int r = 0;

	for (uint32_t i = 0; i < e->n_programs && !r; i++)
		r = check(e->programs[i].text, err);

	for (unsigned i = 0; i < c->n_during && !r; i++)
		r = check(c->during[i], err);
	for (unsigned i = 0; i < c->n_after && !r; i++)
		r = check(c->after[i], err);
	return r;
}

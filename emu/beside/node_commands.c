/* SPDX-License-Identifier: MIT */
#include "emu/beside/node_commands.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "emu/results/results_file.h"

#define DURING_FILE "commands-during.txt"
#define AFTER_FILE "commands-after.txt"
#define MAX_COMMAND 4096

const char *sfe_command_split(const char *text, char *node, size_t size)
{
	const char *colon = strchr(text, ':');

	if (!colon || colon == text || (size_t)(colon - text) >= size)
		return NULL;
	memcpy(node, text, (size_t)(colon - text));
	node[colon - text] = 0;
	colon++;
	while (*colon == ' ')
		colon++;
	return *colon ? colon : NULL;
}

static int check(
	const char *const *commands, unsigned n, const struct sfe_plan *plan, struct sfe_error *err)
{
	char node[SFE_MAX_NAME * 2 + 2];

	for (unsigned i = 0; i < n; i++) {
		if (!sfe_command_split(commands[i], node, sizeof(node)))
			return sfe_fail(err, -EINVAL, commands[i], "write it as 'NODE: COMMAND'",
				"not a command for a node");
		if (strchr(commands[i], '\n') || strlen(commands[i]) >= MAX_COMMAND)
			return sfe_fail(err, -EINVAL, node, NULL,
				"a command is one line of less than %d bytes", MAX_COMMAND);
		if (sfe_plan_host(plan, node) == SFE_NONE)
			return sfe_fail(err, -EINVAL, node, "`sfemu topology dot` has their names",
				"there is no node, junction or shared link of that name");
	}
	return 0;
}

int sfe_commands_check(
	const struct sfe_lab_commands *c, const struct sfe_plan *plan, struct sfe_error *err)
{
	int r = check(c->during, c->n_during, plan, err);

	return r ? r : check(c->after, c->n_after, plan, err);
}

static int write_list(
	const char *const *commands, unsigned n, const char *name, int dir, struct sfe_error *err)
{
	if (!n)
		return 0;
	FILE *f = sfe_results_open(dir, name, "w", err);
	if (!f)
		return err ? err->code : -EIO;
	for (unsigned i = 0; i < n; i++)
		fprintf(f, "%s\n", commands[i]);
	return sfe_results_close(f, name, err);
}

int sfe_commands_write(const struct sfe_lab_commands *c, int dir, struct sfe_error *err)
{
	int r = write_list(c->during, c->n_during, DURING_FILE, dir, err);

	return r ? r : write_list(c->after, c->n_after, AFTER_FILE, dir, err);
}

static int read_list(
	const char ***commands, unsigned *n, const char *name, int dir, struct sfe_error *err)
{
	char line[MAX_COMMAND + 1];
	FILE *f;

	if (faccessat(dir, name, F_OK, 0))
		return 0;
	f = sfe_results_open(dir, name, "r", err);
	if (!f)
		return err ? err->code : -EIO;
	while (fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = 0;
		const char **more = reallocarray(*commands, *n + 1, sizeof(*more));
		if (more)
			*commands = more;
		if (!more || !(more[*n] = strdup(line))) {
			fclose(f);
			return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
		}
		(*n)++;
	}
	fclose(f);
	return 0;
}

int sfe_commands_read(struct sfe_lab_commands *c, int dir, struct sfe_error *err)
{
	int r = read_list(&c->during, &c->n_during, DURING_FILE, dir, err);

	return r ? r : read_list(&c->after, &c->n_after, AFTER_FILE, dir, err);
}

void sfe_command_enter(const struct sfe_net *net, uint32_t host, int out)
{
	struct sfe_error err = {0};
	char text[512];

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setpgid(0, 0);
	dup2(out, 1);
	dup2(out, 2);
	int null = open("/dev/null", O_RDONLY);
	if (null >= 0)
		dup2(null, 0);
	if (sfe_net_enter(net, host, &err)) {
		dprintf(2, "%s\n", sfe_error_text(&err, text, sizeof(text)));
		_exit(SFE_NOT_EXECUTABLE);
	}
	close_range(3, ~0u, 0);
}

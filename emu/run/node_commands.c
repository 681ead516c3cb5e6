/* SPDX-License-Identifier: MIT */
#include "emu/run/node_commands.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "emu/experiment/channel.h"
#include "emu/results/results_file.h"

#define DURING_FILE "commands-during.txt"
#define AFTER_FILE "commands-after.txt"
#define MAX_COMMAND 4096
/* a capture tool needs a moment before it listens */
#define SETTLE_NS 300000000L
#define INTERRUPT_PATIENCE_MS 5000

/* Splits "NODE: COMMAND". Returns the command; NULL: no node. */
static const char *split(const char *text, char *node, size_t size)
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
	char *const *commands, unsigned n, const struct sfe_plan *plan, struct sfe_error *err)
{
	char node[SFE_MAX_NAME * 2 + 2];

	for (unsigned i = 0; i < n; i++) {
		if (!split(commands[i], node, sizeof(node)))
			return sfe_fail(err, -EINVAL, commands[i], "write it as 'NODE: COMMAND'",
				"not a command for a node");
		if (strchr(commands[i], '\n') || strlen(commands[i]) >= MAX_COMMAND)
			return sfe_fail(err, -EINVAL, node, NULL,
				"a command is one line of less than %d bytes", MAX_COMMAND);
		if (sfe_plan_host(plan, node) == SFE_NONE)
			return sfe_fail(err, -EINVAL, node, "`sfemu topology show` lists them",
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
	char *const *commands, unsigned n, const char *name, int dir, struct sfe_error *err)
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
	char ***commands, unsigned *n, const char *name, int dir, struct sfe_error *err)
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
		char **more = reallocarray(*commands, *n + 1, sizeof(*more));
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

static _Noreturn void run_command(
	const struct sfe_net *net, uint32_t host, const char *command, int out)
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
		_exit(126);
	}
	close_range(3, ~0u, 0);
	execl("/bin/sh", "sh", "-c", command, NULL);
	dprintf(2, "cannot start /bin/sh: %s\n", strerror(errno));
	_exit(127);
}

/* Reads the output in a child process, so that a command that prints a lot never waits for the
 * lab. */
static _Noreturn void read_output(int in, const char *node, int channel)
{
	char line[1024];
	FILE *f = fdopen(in, "r");

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (f && fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = 0;
		sfe_channel_send(channel, "out", "%s: %s", node, line);
	}
	_exit(0);
}

static int start(const char *text, const struct sfe_net *net, int channel, struct sfe_running *out,
	struct sfe_error *err)
{
	char node[SFE_MAX_NAME * 2 + 2];
	const char *command = split(text, node, sizeof(node));
	uint32_t host = command ? sfe_plan_host(net->plan, node) : SFE_NONE;
	int pipefd[2];

	if (host == SFE_NONE)
		return sfe_fail(err, -EINVAL, text, NULL, "not a command for a node");
	if (pipe2(pipefd, O_CLOEXEC))
		return sfe_fail(err, -errno, text, NULL, "pipe: %s", strerror(errno));
	pid_t pid = fork();
	if (pid == 0)
		run_command(net, host, command, pipefd[1]);
	/* in both processes, so that the group exists whichever runs first */
	if (pid > 0)
		setpgid(pid, pid);
	pid_t reader = pid > 0 ? fork() : -1;
	if (reader == 0) {
		close(pipefd[1]);
		read_output(pipefd[0], node, channel);
	}
	close(pipefd[0]);
	close(pipefd[1]);
	if (pid < 0 || reader < 0)
		return sfe_fail(err, -errno, text, NULL, "cannot fork: %s", strerror(errno));
	out->pid[out->n] = pid;
	out->reader[out->n++] = reader;
	return 0;
}

int sfe_commands_start(char *const *commands, unsigned n, const struct sfe_net *net, int channel,
	struct sfe_running *out, struct sfe_error *err)
{
	const struct timespec settle = {.tv_nsec = SETTLE_NS};
	int r = 0;

	*out = (struct sfe_running){calloc(n + 1, sizeof(pid_t)), calloc(n + 1, sizeof(pid_t)), 0};
	if (!out->pid || !out->reader)
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	for (unsigned i = 0; i < n && !r; i++)
		r = start(commands[i], net, channel, out, err);
	if (n)
		nanosleep(&settle, NULL);
	return r;
}

/* Waits for an interrupted command, and kills it if it does not end. */
static int reap(pid_t pid, bool bounded)
{
	const struct timespec tick = {.tv_nsec = 10000000};
	int status = 0;

	for (int ms = 0; bounded && ms < INTERRUPT_PATIENCE_MS; ms += 10) {
		if (waitpid(pid, &status, WNOHANG) == pid)
			return status;
		nanosleep(&tick, NULL);
	}
	if (bounded)
		kill(-pid, SIGKILL);
	waitpid(pid, &status, 0);
	return status;
}

void sfe_commands_end(
	struct sfe_running *running, bool interrupt, char *const *commands, int channel)
{
	for (unsigned i = 0; i < running->n && interrupt; i++)
		kill(-running->pid[i], SIGINT);
	for (unsigned i = 0; i < running->n; i++) {
		int status = reap(running->pid[i], interrupt);
		/* background processes would keep the output open */
		kill(-running->pid[i], SIGKILL);
		waitpid(running->reader[i], NULL, 0);
		bool ours = interrupt && WIFSIGNALED(status) && WTERMSIG(status) == SIGINT;
		if (status && !ours)
			sfe_channel_send(channel, "note", "'%s' ended with %s %d", commands[i],
				WIFSIGNALED(status) ? "signal" : "status",
				WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	}
	free(running->pid);
	free(running->reader);
	*running = (struct sfe_running){0};
}

/* SPDX-License-Identifier: MIT */
#include "emu/sweep/slurm.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_OPTIONS 64
#define CANCEL_WAIT_S 60
#define DEFAULT_MAX_ARRAY 1001 /* Slurm's */

/* Runs a command and captures stdout and stderr; the caller frees *out. Returns the exit status, or
 * a negative errno. */
static int capture(char *const argv[], char **out)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	int pipes[2], status = 0;
	size_t size = 0;
	sigset_t none;
	pid_t pid;

	*out = NULL;
	if (pipe2(pipes, O_CLOEXEC))
		return -errno;
	sigemptyset(&none);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, pipes[1], 1);
	posix_spawn_file_actions_adddup2(&actions, pipes[1], 2);
	posix_spawnattr_init(&attributes);
	/* Ctrl-C reaches the sweep only. */
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
	posix_spawnattr_setsigmask(&attributes, &none);
	int r = posix_spawnp(&pid, argv[0], &actions, &attributes, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	close(pipes[1]);
	FILE *all = open_memstream(out, &size);
	char buf[4096];
	ssize_t n;
	while (!r && all &&
		((n = read(pipes[0], buf, sizeof(buf))) > 0 || (n < 0 && errno == EINTR)))
		if (n > 0)
			fwrite(buf, 1, (size_t)n, all);
	close(pipes[0]);
	while (!r && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (!all || fclose(all))
		return -ENOMEM;
	return r ? -r : WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int failed(const char *command, int status, char *text, struct sfe_error *err)
{
	if (status == -ENOENT)
		return sfe_fail(err, -ENOENT, command,
			"apt-get install slurm-client, or use --engine local",
			"Slurm is not installed here");
	if (status < 0)
		return sfe_fail(
			err, status, command, NULL, "cannot start it: %s", strerror(-status));
	/* The last line has the reason. */
	for (size_t len = text ? strlen(text) : 0; len && text[len - 1] == '\n'; len--)
		text[len - 1] = 0;
	const char *last = text ? strrchr(text, '\n') : NULL;
	return sfe_fail(err, -EIO, command, NULL, "status %d: %.300s", status,
		last   ? last + 1
		: text ? text
		       : "");
}

int sfe_slurm_max_array(uint32_t *max, struct sfe_error *err)
{
	char *argv[] = {"scontrol", "show", "config", NULL};
	char *text;
	int status = capture(argv, &text), r = 0;

	if (status) {
		r = failed("scontrol", status, text, err);
	} else {
		const char *at = strstr(text, "MaxArraySize");
		*max = DEFAULT_MAX_ARRAY;
		if (at && sscanf(at, "MaxArraySize = %u", max) == 1 && !*max)
			r = sfe_fail(err, -EINVAL, "slurm.conf", "set MaxArraySize",
				"this Slurm takes no job arrays");
	}
	free(text);
	return r;
}

int sfe_slurm_submit(const struct sfe_slurm_array *a, uint32_t *job, struct sfe_error *err)
{
	char name[160], output[4200], tasks[48], at_once[16] = "";
	char *argv[MAX_OPTIONS + 10] = {
		"sbatch", "--parsable", "--ntasks=1", "--cpus-per-task=1", name, output, tasks};
	unsigned n = 7;
	char *text;
	int r = 0;

	if (a->n_options > MAX_OPTIONS)
		return sfe_fail(
			err, -E2BIG, "--sbatch", "use fewer", "more than %d options", MAX_OPTIONS);
	if (a->at_once)
		snprintf(at_once, sizeof(at_once), "%%%u", a->at_once);
	snprintf(name, sizeof(name), "--job-name=%s", a->name);
	snprintf(output, sizeof(output), "--output=%s/%%A_%%a.log", a->logs);
	snprintf(tasks, sizeof(tasks), "--array=0-%u%s", a->tasks - 1, at_once);
	for (unsigned i = 0; i < a->n_options; i++)
		argv[n++] = (char *)a->options[i];
	argv[n] = (char *)a->script;
	int status = capture(argv, &text);
	if (status)
		r = failed("sbatch", status, text, err);
	/* The last line is "JOB" or "JOB;CLUSTER"; warnings may come before it. */
	const char *line = text;
	for (const char *p = text; !r && p && *p; p = strchr(p, '\n') ? strchr(p, '\n') + 1 : NULL)
		line = p;
	if (!r && (!line || sscanf(line, "%u", job) != 1))
		r = sfe_fail(err, -EPROTO, "sbatch", NULL, "printed no job number: %.200s", text);
	free(text);
	return r;
}

static void take_task(char *line, struct sfe_slurm_task *tasks, unsigned *n)
{
	struct sfe_slurm_task *t = &tasks[*n];

	*t = (struct sfe_slurm_task){0};
	if (sscanf(line, "%u|%23[^|]|%95[^\n]", &t->index, t->state, t->reason) >= 2)
		(*n)++;
}

int sfe_slurm_tasks(uint32_t job, struct sfe_slurm_task **tasks, unsigned *n, struct sfe_error *err)
{
	char number[16];
	char *argv[] = {"squeue", "-h", "-r", "-t", "all", "-o", "%K|%T|%r", "-j", number, NULL};
	char *text, *save = NULL;
	unsigned lines = 1;

	snprintf(number, sizeof(number), "%u", job);
	*tasks = NULL;
	*n = 0;
	int status = capture(argv, &text);
	/* The answer if all tasks ended some minutes ago. */
	if (status > 0 && strstr(text, "Invalid job id")) {
		free(text);
		return 0;
	}
	if (status) {
		int r = failed("squeue", status, text, err);
		free(text);
		return status > 0 ? (err->code = -EAGAIN) : r;
	}
	for (const char *p = text; *p; p++)
		lines += *p == '\n';
	*tasks = calloc(lines, sizeof(**tasks));
	for (char *line = strtok_r(text, "\n", &save); line && *tasks;
		line = strtok_r(NULL, "\n", &save))
		take_task(line, *tasks, n);
	free(text);
	return *tasks ? 0 : sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
}

bool sfe_slurm_ended(const char *state)
{
	static const char *const going[] = {"PENDING", "RUNNING", "COMPLETING", "CONFIGURING",
		"SUSPENDED", "REQUEUED", "REQUEUE_HOLD", "REQUEUE_FED", "RESIZING", "SIGNALING",
		"STAGE_OUT", "STOPPED", "SPECIAL_EXIT", "RESV_DEL_HOLD"};

	for (size_t i = 0; i < sizeof(going) / sizeof(going[0]); i++)
		if (!strcmp(state, going[i]))
			return false;
	return true;
}

int sfe_slurm_cancel(const char *name, struct sfe_error *err)
{
	const struct passwd *who = getpwuid(geteuid());
	char by_name[160], user[300];
	char *cancel[] = {"scancel", "--quiet", by_name, user, NULL};
	char *list[] = {"squeue", "-h", "-o", "%i", by_name, user, NULL};
	char *text;
	int status = 0;

	snprintf(by_name, sizeof(by_name), "--name=%s", name);
	if (who)
		snprintf(user, sizeof(user), "--user=%s", who->pw_name);
	else
		snprintf(user, sizeof(user), "--user=%u", geteuid());
	for (int s = 0; s < CANCEL_WAIT_S; s++) {
		status = capture(list, &text);
		if (status) {
			int r = failed("squeue", status, text, err);
			free(text);
			return r;
		}
		bool none = !text[0];
		free(text);
		if (none)
			return 0;
		if (!s)
			status = capture(cancel, &text);
		if (!s && status) {
			int r = failed("scancel", status, text, err);
			free(text);
			return r;
		}
		if (!s)
			free(text);
		poll(NULL, 0, 1000);
	}
	return sfe_fail(err, -EBUSY, name, "cancel them with scancel",
		"an earlier sweep's tasks do not end");
}

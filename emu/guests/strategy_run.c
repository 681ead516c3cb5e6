/* SPDX-License-Identifier: MIT */
#include "emu/guests/strategy_run.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "emu/experiment/channel.h"
#include "emu/guests/pool.h"
#include "emu/results/results_folder.h"

#define REPORT_BYTES (1 << 20) /* what the process may say while nobody reads */

/* Runs the strategy and says how it ended. Returns the exit status. */
static int look_after(
	const struct sfe_strategy_shared *shared, int part, uint32_t number, int report)
{
	struct sfe_supervise_options options = *shared->options;
	struct sfe_run_figures figures = {0};
	struct sfe_error err = {0};
	char text[1100];

	options.report = report;
	options.lab.one_strategy = number;
	options.failed = NULL;
	int r = sfe_results_write_scenario(part, shared->e, &err);
	if (!r)
		r = sfe_supervise_lab(shared->e, shared->choice, &options, part, &figures, &err);
	if (r)
		sfe_channel_send(report, "error", "%s", sfe_error_text(&err, text, sizeof(text)));
	sfe_channel_send(report, "figures", "%.9f %.9f %.9f", figures.boot_s, figures.build_s,
		figures.virtual_s);
	sfe_channel_send(report, "end", "%d", r);
	return r ? 1 : 0;
}

static _Noreturn void child(const struct sfe_strategy_shared *shared, int part, uint32_t number,
	int cpu, int report, pid_t parent)
{
	sigset_t set;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(125); /* it ended before prctl */
	close(shared->control);
	close(shared->door);
	close(shared->signals);
	/* Those that end a run stay blocked: the supervisor reads them. */
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	sfe_pool_pin(cpu, 1);
	_exit(look_after(shared, part, number, report));
}

int sfe_strategy_start(struct sfe_strategy_run *run, const struct sfe_strategy_shared *shared,
	uint32_t number, int cpu, pid_t *pid, struct sfe_error *err)
{
	pid_t self = getpid();
	int ends[2];

	if (pipe2(ends, O_CLOEXEC))
		return sfe_fail(err, -errno, NULL, NULL, "cannot make a pipe: %s", strerror(errno));
	fcntl(ends[1], F_SETPIPE_SZ, REPORT_BYTES);
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	fflush(NULL);
	*pid = fork();
	if (*pid == 0) {
		close(ends[0]);
		child(shared, run->part, number, cpu, ends[1], self);
	}
	int code = errno;
	close(ends[1]);
	if (*pid < 0) {
		close(ends[0]);
		*pid = 0;
		return sfe_fail(err, -code, NULL, NULL, "cannot fork: %s", strerror(code));
	}
	run->report = ends[0];
	return 0;
}

static bool take_line(struct sfe_strategy_run *run, char *line, sfe_strategy_said *said, void *arg)
{
	char *text = strchr(line, ' ');
	struct sfe_run_figures *f = &run->figures;
	unsigned done, all;

	if (!text)
		return false;
	*text++ = 0;
	if (!strcmp(line, "jobs") && sscanf(text, "%*s %u %u", &done, &all) == 2) {
		bool changed = done != run->done;
		run->done = done;
		run->all = all;
		return changed;
	}
	if (!strcmp(line, "stage") || !strcmp(line, "note"))
		said(arg, run, line, text);
	else if (!strcmp(line, "error"))
		snprintf(run->error, sizeof(run->error), "%s", text);
	else if (!strcmp(line, "figures"))
		sscanf(text, "%lf %lf %lf", &f->boot_s, &f->build_s, &f->virtual_s);
	else if (!strcmp(line, "end"))
		run->ended = sscanf(text, "%d", &run->code) == 1;
	return false;
}

bool sfe_strategy_read(struct sfe_strategy_run *run, sfe_strategy_said *said, void *arg)
{
	struct lines *l = &run->lines;
	char *newline;
	bool changed = false;
	ssize_t n;

	while (run->report >= 0 &&
		(n = read(run->report, l->buf + l->len, sizeof(l->buf) - 1 - l->len)) > 0) {
		char *start = l->buf;
		l->len += (size_t)n;
		l->buf[l->len] = 0;
		for (; (newline = strchr(start, '\n')); start = newline + 1) {
			*newline = 0;
			changed |= take_line(run, start, said, arg);
		}
		l->len -= (size_t)(start - l->buf);
		memmove(l->buf, start, l->len);
	}
	return changed;
}

int sfe_strategy_ended(struct sfe_strategy_run *run, int status)
{
	close(run->report);
	run->report = -1;
	if (run->ended)
		return run->code;
	run->code = -EIO;
	snprintf(run->error, sizeof(run->error),
		"the process that looked after its guest died with %s %d",
		WIFSIGNALED(status) ? "signal" : "status",
		WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	return run->code;
}

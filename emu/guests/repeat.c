/* SPDX-License-Identifier: MIT */
#include "emu/guests/repeat.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "emu/guests/pool.h"
#include "emu/model/base/printable.h"
#include "emu/results/diff/diff.h"
#include "emu/run/control/signals.h"
#include "emu/run/progress.h"
#include "emu/security/beneath.h"
#include "emu/security/folder.h"

#define MAX_PATH 4096
#define SHOWN_OF_LOG 600 /* bytes */

struct repeats {
	const struct sfe_repeat *options;
	struct sfe_pool pool;
	int signals;
	sigset_t old;
	struct timespec start;
	uint32_t started, ended, same;
	bool first_ended, interrupted;
	int result;        /* 0, or the first failure so far */
	uint32_t *waiting; /* runs that ended before the first one; they are compared later */
	uint32_t n_waiting;
};

static void path_of(const struct repeats *r, uint32_t i, const char *end, char *path)
{
	snprintf(path, MAX_PATH, "%s/repeat-%02u%s", r->options->folder, i + 1, end);
}

static double seconds(const struct repeats *r)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - r->start.tv_sec) +
	       (double)(now.tv_nsec - r->start.tv_nsec) / 1e9;
}

static _Noreturn void child(const struct repeats *r, uint32_t i, int cpu)
{
	char folder[MAX_PATH], log[32];

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	sigprocmask(SIG_SETMASK, &r->old, NULL);
	sfe_pool_pin(cpu, r->options->guests);
	path_of(r, i, "", folder);
	snprintf(log, sizeof(log), "repeat-%02u.log", i + 1);
	int fd = sfe_beneath_create(r->options->dir, log, NULL);
	if (fd < 0 || dup2(fd, 1) < 0 || dup2(fd, 2) < 0)
		_exit(125);
	int status = r->options->run(r->options->arg, folder);
	fflush(NULL);
	_exit(status);
}

static bool next(void *arg, uint32_t *i, uint64_t *memory_mb)
{
	const struct repeats *r = arg;

	*i = r->started;
	*memory_mb = r->options->memory_mb;
	return r->started < r->options->n && !r->interrupted && r->result != -EIO;
}

static int start(void *arg, uint32_t i, int cpu, pid_t *pid, struct sfe_error *err)
{
	struct repeats *r = arg;

	fflush(NULL);
	*pid = fork();
	if (*pid == 0)
		child(r, i, cpu);
	if (*pid < 0)
		return sfe_fail(err, -errno, NULL, NULL, "cannot fork: %s", strerror(errno));
	r->started++;
	return 0;
}

/* Deletes a run that equals the first: its folder and its log add nothing. */
static void delete_run(const struct repeats *r, uint32_t i)
{
	char name[32];
	int dir = r->options->dir;

	snprintf(name, sizeof(name), "repeat-%02u", i + 1);
	sfe_folder_remove(dir, name, NULL);
	snprintf(name, sizeof(name), "repeat-%02u.log", i + 1);
	sfe_folder_unlink(dir, name);
}

static int compare(struct repeats *r, uint32_t i, struct sfe_error *err)
{
	char first[MAX_PATH], other[MAX_PATH];
	struct sfe_diff c;

	path_of(r, 0, "", first);
	path_of(r, i, "", other);
	int bad = sfe_diff_folders(first, other, &c, err);
	if (bad)
		return bad;
	if (!c.n_differences) {
		r->same++;
		delete_run(r, i);
	} else {
		fprintf(stderr, "%s differs from %s:\n", other, first);
		sfe_diff_print(&c, stderr);
		if (!r->result)
			r->result = -EBADMSG;
	}
	sfe_diff_free(&c);
	return 0;
}

static void show_log(const struct repeats *r, uint32_t i, int status)
{
	char path[MAX_PATH], name[32], tail[SHOWN_OF_LOG + 1];

	path_of(r, i, ".log", path);
	fprintf(stderr, "repeat %u failed with status %d; the end of %s:\n", i + 1, status, path);
	snprintf(name, sizeof(name), "repeat-%02u.log", i + 1);
	FILE *f = sfe_folder_open(r->options->dir, name, UINT64_MAX, NULL);
	if (!f)
		return;
	fseek(f, 0, SEEK_END);
	long size = ftell(f);
	fseek(f, size > SHOWN_OF_LOG ? size - SHOWN_OF_LOG : 0, SEEK_SET);
	tail[fread(tail, 1, SHOWN_OF_LOG, f)] = 0;
	for (char *line = tail, *end; line; line = end) {
		if ((end = strchr(line, '\n')))
			*end++ = 0;
		sfe_print_text(line, stderr);
		if (end)
			fputc('\n', stderr);
	}
	fclose(f);
}

static void print_progress(const struct repeats *r)
{
	double passed = seconds(r);
	char left[64];

	if (!r->options->quiet)
		fprintf(stderr, "[%6.1f s] %u of %u runs done%s\n", passed, r->ended, r->options->n,
			sfe_left_text(passed / r->ended * (r->options->n - r->ended), left,
				sizeof(left)));
}

static int handle_exit(void *arg, uint32_t i, int status, struct sfe_error *err)
{
	struct repeats *r = arg;
	int bad = 0;

	r->ended++;
	int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	if (code) {
		if (!r->interrupted)
			show_log(r, i, code);
		r->result = r->interrupted ? -EINTR : -EIO;
		return 0;
	}
	print_progress(r);
	if (i) {
		r->waiting[r->n_waiting++] = i;
	} else {
		r->first_ended = true;
		r->same++;
	}
	while (r->first_ended && r->n_waiting && !bad)
		bad = compare(r, r->waiting[--r->n_waiting], err);
	return bad;
}

/* Waits for a signal: a child ended, or the user interrupts. */
static int wait_for_signal(struct repeats *r, struct sfe_error *err)
{
	struct pollfd p = {.fd = r->signals, .events = POLLIN};

	if (poll(&p, 1, -1) > 0 && sfe_signals_read(r->signals)) {
		r->interrupted = true;
		sfe_pool_signal(&r->pool, 0, SIGINT);
	}
	return sfe_pool_collect(&r->pool, err);
}

static int run_all(struct repeats *r, struct sfe_error *err)
{
	int bad = sfe_pool_fill(&r->pool, err);

	while (!bad && r->pool.running) {
		bad = wait_for_signal(r, err);
		bad = bad ? bad : sfe_pool_fill(&r->pool, err);
	}
	return bad;
}

int sfe_repeat(const struct sfe_repeat *options, struct sfe_error *err)
{
	struct repeats r = {.options = options};
	const struct sfe_pool_work work = {next, start, handle_exit, &r, options->guests};
	unsigned places = options->parallel < options->n ? options->parallel : options->n;
	int bad;

	clock_gettime(CLOCK_MONOTONIC, &r.start);
	if (!options->quiet)
		fprintf(stderr, "[%6.1f s] %u runs, %u at a time\n", 0.0, options->n, places);
	r.waiting = calloc(options->n, sizeof(*r.waiting));
	if (!r.waiting)
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	bad = sfe_pool_open(&r.pool, &work, places, options->budget_mb, err);
	bad = bad ? bad : sfe_signals_open(true, &r.signals, &r.old, err);
	if (!bad) {
		bad = run_all(&r, err);
		close(r.signals);
		sigprocmask(SIG_SETMASK, &r.old, NULL);
	}
	sfe_pool_close(&r.pool);
	free(r.waiting);
	if (bad)
		return bad;
	if (r.interrupted)
		return sfe_fail(err, -EINTR, NULL, NULL, "stopped after %u of %u runs", r.ended,
			options->n);
	if (r.result == -EIO)
		return sfe_fail(err, -EIO, options->folder, NULL, "a run failed");
	if (r.result)
		return sfe_fail(err, r.result, options->folder,
			"this is a bug unless programs, or commands of --during and --exec, look "
			"at the host: "
			"report it with both folders",
			"%u of %u runs differ from the first", options->n - r.same, options->n);
	return 0;
}

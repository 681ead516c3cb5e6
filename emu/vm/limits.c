/* SPDX-License-Identifier: MIT */
#include "emu/vm/limits.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define MIN_STACK (1024u << 10)
#define MIN_FILES 64
/* The container, the kernel, the guest's first process, and some that these start. */
#define GUEST_PROCESSES 12
#define MAX_PATH 4096
/* Of the available memory that guests get; the rest is for what reads their results. */
#define MEMORY_SHARE 0.9

static bool raise_to(int resource, rlim_t need, struct rlimit *limit)
{
	if (getrlimit(resource, limit) || limit->rlim_cur >= need)
		return true;
	limit->rlim_cur = limit->rlim_max < need ? limit->rlim_max : need;
	setrlimit(resource, limit);
	return limit->rlim_cur >= need;
}

int sfe_limits_begin(struct sfe_error *err)
{
	struct rlimit limit;

	if (!raise_to(RLIMIT_STACK, MIN_STACK, &limit))
		return sfe_fail(err, -ENOMEM, "ulimit -s", "raise it: ulimit -s 8192",
			"a stack of %" PRIu64 " kB is allowed here, and sfemu needs %u",
			(uint64_t)limit.rlim_cur >> 10, MIN_STACK >> 10);
	if (!raise_to(RLIMIT_NOFILE, MIN_FILES, &limit))
		return sfe_fail(err, -EMFILE, "ulimit -n", "raise it: ulimit -n 1024",
			"%" PRIu64 " open files are allowed here, and sfemu needs %d",
			(uint64_t)limit.rlim_cur, MIN_FILES);
	return 0;
}

/* ---- control groups, versions 1 and 2 */

/* The mount point of the hierarchy with a controller: one of its own (version 1), or the common
 * one.
 */
static bool hierarchy(const char *controller, char *at, size_t size, bool *own)
{
	char line[MAX_PATH], point[MAX_PATH], type[64], options[MAX_PATH];
	bool found = false;
	FILE *f = fopen("/proc/self/mounts", "re");

	*own = false;
	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%*s %4095s %63s %4095s", point, type, options) != 3)
			continue;
		bool v1 = !strcmp(type, "cgroup") && strstr(options, controller);
		if (v1 || (!found && !strcmp(type, "cgroup2"))) {
			snprintf(at, size, "%s", point);
			*own = v1;
			found = true;
		}
		if (v1)
			break;
	}
	if (f)
		fclose(f);
	return found;
}

/* The path of this process's group in that hierarchy. */
static bool group_path(const char *controller, bool own, char *path, size_t size)
{
	char line[MAX_PATH];
	bool found = false;
	FILE *f = fopen("/proc/self/cgroup", "re");

	while (f && !found && fgets(line, sizeof(line), f)) {
		char *first = strchr(line, ':'), *second = first ? strchr(first + 1, ':') : NULL;
		if (!second)
			continue;
		*second = 0;
		found = own ? strstr(first, controller) != NULL : first + 1 == second;
		second[1 + strcspn(second + 1, "\n")] = 0;
		if (found)
			snprintf(path, size, "%s", second + 1);
	}
	if (f)
		fclose(f);
	return found;
}

/* Opens a file of this process's control group; NULL if there is none. */
static FILE *open_group_file(const char *controller, const char *v1, const char *v2)
{
	char at[MAX_PATH], group[MAX_PATH], path[3 * MAX_PATH];
	bool own;

	if (!hierarchy(controller, at, sizeof(at), &own) ||
		!group_path(controller, own, group, sizeof(group)))
		return NULL;
	snprintf(path, sizeof(path), "%s%s/%s", at, group, own ? v1 : v2);
	FILE *f = fopen(path, "re");
	if (!f) { /* a container sees its own group as the root */
		snprintf(path, sizeof(path), "%s/%s", at, own ? v1 : v2);
		f = fopen(path, "re");
	}
	return f;
}

/* The number after a word at the start of a line, or with word NULL a number alone; -1 if there is
 * none. Closes the file. */
static double number_of(FILE *f, const char *word)
{
	char line[256], name[64];
	double value = -1;

	while (f && value < 0 && fgets(line, sizeof(line), f)) {
		double n;
		if (word ? sscanf(line, "%63s %lf", name, &n) == 2 && !strcmp(name, word)
			 : sscanf(line, "%lf", &n) == 1)
			value = n;
	}
	if (f)
		fclose(f);
	return value;
}

/* ---- memory */

void sfe_oom_kills_read(struct sfe_oom_kills *out)
{
	out->taken = true;
	out->cgroup = number_of(
		open_group_file("memory", "memory.oom_control", "memory.events"), "oom_kill");
	out->host = number_of(fopen("/proc/vmstat", "re"), "oom_kill");
}

const char *sfe_oom_kills_why(const struct sfe_oom_kills *before, char *buf, size_t size)
{
	struct sfe_oom_kills now;

	sfe_oom_kills_read(&now);
	double limit =
		number_of(open_group_file("memory", "memory.limit_in_bytes", "memory.max"), NULL);
	buf[0] = 0;
	if (!before->taken)
		return buf;
	if (now.cgroup > before->cgroup && before->cgroup >= 0)
		snprintf(buf, size, "its control group ran out of the %.0f MB that it may use",
			limit / (1 << 20));
	else if (now.host > before->host && before->host >= 0)
		snprintf(buf, size, "the host ran out of memory");
	return buf;
}

/* What the control group leaves, in bytes; its pages of files that nobody uses are given back. */
static double group_leaves(void)
{
	double most =
		number_of(open_group_file("memory", "memory.limit_in_bytes", "memory.max"), NULL);
	double used = number_of(
		open_group_file("memory", "memory.usage_in_bytes", "memory.current"), NULL);
	double files =
		number_of(open_group_file("memory", "memory.stat", "memory.stat"), "inactive_file");

	if (most < 0 || used < 0)
		return INFINITY;
	double left = most - used + (files > 0 ? files : 0);
	return left > 0 ? left : 0;
}

double sfe_limits_memory_mb(void)
{
	double kb = number_of(fopen("/proc/meminfo", "re"), "MemAvailable:");
	double machine = kb < 0 ? INFINITY : kb * 1024, group = group_leaves();

	return MEMORY_SHARE * (machine < group ? machine : group) / (1 << 20);
}

/* ---- processes */

double sfe_limits_more_processes(void)
{
	double most = number_of(open_group_file("pids", "pids.max", "pids.max"), NULL);
	double now = number_of(open_group_file("pids", "pids.current", "pids.current"), NULL);

	return most >= 0 && now >= 0 ? most - now : INFINITY;
}

static int no_more_processes(unsigned started, int code, struct sfe_error *err)
{
	struct rlimit limit;
	double most = number_of(open_group_file("pids", "pids.max", "pids.max"), NULL);
	double now = number_of(open_group_file("pids", "pids.current", "pids.current"), NULL);
	char which[160] = "the system";

	/* The control group's limit if it is near, otherwise the user's, which root does not have.
	 */
	if (most >= 0 && now >= 0 && most - now < GUEST_PROCESSES)
		snprintf(which, sizeof(which), "the control group (pids.max %.0f)", most);
	else if (geteuid() && !getrlimit(RLIMIT_NPROC, &limit) && limit.rlim_cur != RLIM_INFINITY)
		snprintf(which, sizeof(which),
			"the limit of processes of this user (ulimit -u %" PRIu64 ")",
			(uint64_t)limit.rlim_cur);
	return sfe_fail(err, code, "guest", "raise it, or end other programs",
		"%s allows %u more processes, and a guest needs at least %d", which, started,
		GUEST_PROCESSES);
}

/* Tries to start as many processes, since nothing says how many all limits together allow. */
int sfe_limits_check_processes(struct sfe_error *err)
{
	pid_t pid[GUEST_PROCESSES], us = getpid();
	unsigned n = 0;
	int r = 0;

	for (; n < GUEST_PROCESSES && !r; n++) {
		pid[n] = fork();
		if (pid[n] == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			while (getppid() == us)
				pause();
			_exit(0);
		}
		if (pid[n] < 0)
			r = no_more_processes(n, -errno, err);
		if (r)
			break;
	}
	while (n-- > 0) {
		kill(pid[n], SIGKILL);
		waitpid(pid[n], NULL, 0);
	}
	return r;
}

int sfe_limits_check_guest(uint32_t memory_mb, struct sfe_error *err)
{
	uint64_t need = (uint64_t)memory_mb << 20;
	struct rlimit limit;

	if (!raise_to(RLIMIT_FSIZE, need, &limit))
		return sfe_fail(err, -EFBIG, "ulimit -f",
			"raise it: ulimit -f unlimited; or set guest_memory_mb lower",
			"files of %" PRIu64
			" kB are allowed here, and a guest's memory is one of %u MB",
			(uint64_t)limit.rlim_cur >> 10, memory_mb);
	return sfe_limits_check_processes(err);
}

/* SPDX-License-Identifier: MIT */
#include "emu/run/machine_limits.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>

#include "emu/vm/limits.h"
#include "sfemu/link.h"

/* Beside the network: the channel, results files, captures, commands, libraries. */
#define OTHER_FILES 1024u
/* Of a worker in a process that all share: the sockets and timers that each opens, and connections
 * to others, of which most nodes have few. Descriptors that are not used cost nothing. */
#define FILES_A_WORKER 32u
/* The lab, helpers, users' commands. */
#define OTHER_PROCESSES 64u
/* The namespaces of sfemu itself. */
#define OTHER_NAMESPACES 4u

static uint64_t nodes(const struct sfe_plan *plan)
{
	return plan->topology->n_nodes;
}

/* The number in a file of /proc; INFINITY: there is no such limit here. */
static double limit_of(const char *path)
{
	double value = INFINITY;
	FILE *f = fopen(path, "re");

	if (f && fscanf(f, "%lf", &value) != 1)
		value = INFINITY;
	if (f)
		fclose(f);
	return value;
}

uint64_t sfe_machine_files(const struct sfe_plan *plan)
{
	/* A host has its namespace, a netlink socket, and a map that counts the workers' traffic.
	 */
	uint64_t hosts = 3 * (uint64_t)plan->n_hosts;
	/* A socket counts at each interface: at both ends of a cable, and at the IFB devices. */
	uint64_t interfaces = 2 * (uint64_t)plan->n_cables + SFE_DIRECTIONS * plan->n_hosts;

	return hosts + interfaces + 2 * nodes(plan) + OTHER_FILES;
}

/* Raises the limit of this process; what remains allowed. */
static uint64_t raise_files(uint64_t need)
{
	struct rlimit limit, more;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return UINT64_MAX;
	more = limit;
	if (more.rlim_max < need)
		more.rlim_max = need;
	more.rlim_cur = more.rlim_max;
	if (!setrlimit(RLIMIT_NOFILE, &more))
		return more.rlim_cur;
	/* Without CAP_SYS_RESOURCE, or above fs.nr_open: what is allowed anyway. */
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	return limit.rlim_cur;
}

void sfe_machine_raise_files(const struct sfe_plan *plan)
{
	uint64_t need = sfe_machine_files(plan) + FILES_A_WORKER * nodes(plan);
	double most = limit_of("/proc/sys/fs/nr_open");

	raise_files((double)need < most ? need : (uint64_t)most);
}

/* advice: what goes before the number. */
static int too_low(const char *what, const char *object, uint64_t need, double allowed,
	const char *advice, struct sfe_error *err)
{
	char text[160];

	snprintf(text, sizeof(text), "raise it: %s%" PRIu64, advice, need);
	return sfe_fail(err, -EMFILE, object, text,
		"this network needs %" PRIu64 " %s, and %.0f are allowed here", need, what,
		allowed);
}

static int check_files(const struct sfe_plan *plan, struct sfe_error *err)
{
	uint64_t need = sfe_machine_files(plan);
	double most = limit_of("/proc/sys/fs/nr_open");

	if ((double)need > most)
		return too_low("open files", "fs.nr_open", need, most, "sysctl fs.nr_open=", err);
	uint64_t allowed = raise_files(need);
	return allowed < need ? too_low("open files", "ulimit -n", need, (double)allowed,
					"ulimit -n ", err)
			      : 0;
}

static int check_namespaces(const struct sfe_plan *plan, struct sfe_error *err)
{
	uint64_t need = (uint64_t)plan->n_hosts + OTHER_NAMESPACES;
	double most = limit_of("/proc/sys/user/max_net_namespaces");

	return (double)need > most ? too_low("network namespaces", "user.max_net_namespaces", need,
					     most, "sysctl user.max_net_namespaces=", err)
				   : 0;
}

static int check_processes(const struct sfe_plan *plan, struct sfe_error *err)
{
	static const char *const pids = "/proc/sys/kernel/pid_max",
				 *threads = "/proc/sys/kernel/threads-max";
	uint64_t own = nodes(plan) + OTHER_PROCESSES;
	double group = sfe_limits_more_processes();
	struct sysinfo now = {.procs = 0};

	sysinfo(&now);
	uint64_t all = own + now.procs;
	if ((double)all > limit_of(pids))
		return too_low("processes, with those that run", "kernel.pid_max", all,
			limit_of(pids), "sysctl kernel.pid_max=", err);
	if ((double)all > limit_of(threads))
		return too_low("processes, with those that run", "kernel.threads-max", all,
			limit_of(threads), "sysctl kernel.threads-max=", err);
	return (double)own > group
		       ? too_low("more processes", "pids.max", own, group,
				 "the control group's pids.max must allow those that run and ", err)
		       : 0;
}

int sfe_machine_check(const struct sfe_plan *plan, struct sfe_error *err)
{
	int r = check_files(plan, err);

	r = r ? r : check_namespaces(plan, err);
	return r ? r : check_processes(plan, err);
}

/* SPDX-License-Identifier: MIT */
#include "emu/run/watchdog.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>

#define BUSY_FACTOR 10
#define PATIENCE_S 20

static void describe_process(
	const struct sfe_guest_progress *p, bool asks, unsigned s, char *text, size_t size)
{
	if (p->syscall == SYS_sched_yield && asks)
		snprintf(text, size, "has only yielded the processor (sched_yield) for %u s", s);
	else if (asks)
		snprintf(text, size,
			"has made system calls (the last: number %d) for %u s and waited for none",
			p->syscall, s);
	else if (p->user)
		snprintf(text, size, "has computed for %u s without a system call", s);
	else
		snprintf(text, size, "has been in its system call number %d for %u s", p->syscall,
			s);
}

void sfe_watchdog_begin(struct sfe_watchdog *w, unsigned patience_s)
{
	*w = (struct sfe_watchdog){.patience_s = patience_s ? patience_s : PATIENCE_S};
	clock_gettime(CLOCK_MONOTONIC, &w->looked);
}

bool sfe_watchdog_available(const volatile struct sfe_guest_progress *progress)
{
	return progress && progress->magic == SFE_GUEST_PROGRESS_MAGIC;
}

/*
 * In ms. A longer time than the normal interval counts only as the interval: this process was
 * stopped and the guest with it, as when Slurm suspends a job.
 */
static unsigned ms_since_check(struct sfe_watchdog *w)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	int64_t ms = (now.tv_sec - w->looked.tv_sec) * 1000ll +
		     (now.tv_nsec - w->looked.tv_nsec) / 1000000;
	if (ms <= 0)
		return 0; /* looked stays: short times add up */
	w->looked = now;
	return ms < SFE_WATCHDOG_CHECK_MS ? (unsigned)ms : SFE_WATCHDOG_CHECK_MS;
}

/* How long (ms) it has stood if that is too long, else 0. */
static unsigned too_long(struct sfe_watchdog *w, const struct sfe_guest_progress *now, bool asks)
{
	if (asks && now->syscall != SYS_sched_yield)
		w->process_ran_ms = 0;
	if (w->process_ran_ms >= w->patience_s * 1000)
		return w->process_ran_ms;
	return w->time_stood_ms >= BUSY_FACTOR * w->patience_s * 1000 ? w->time_stood_ms : 0;
}

int sfe_watchdog_check(struct sfe_watchdog *w, const volatile struct sfe_guest_progress *progress,
	sfe_node_of_netns *node_of, const void *context, struct sfe_error *err)
{
	struct sfe_guest_progress now;
	unsigned passed_ms = ms_since_check(w);
	char doing[128];

	w->silent_ms += passed_ms;
	if (!sfe_watchdog_available(progress))
		return 0;
	now = *progress;
	bool asks = now.entries != w->entries;
	w->entries = now.entries;
	w->time_stood_ms += passed_ms;
	w->process_ran_ms += passed_ms;
	if (now.time_ns != w->time_ns) {
		w->time_ns = now.time_ns;
		w->time_stood_ms = w->process_ran_ms = 0;
	}
	unsigned ms = too_long(w, &now, asks);
	if (!ms)
		return 0;
	const char *node = node_of(context, now.netns);
	describe_process(&now, asks, ms / 1000, doing, sizeof(doing));
	return sfe_fail(err, -ETIME, "guest",
		"let it wait for something, or raise --watchdog if it only needs longer",
		"its clock stands at %.6f s: process %.*s (%u) %s%s %s", (double)now.time_ns / 1e9,
		(int)sizeof(now.comm), now.comm, now.pid,
		node ? "in node " : "outside of all nodes", node ? node : "", doing);
}

/* SPDX-License-Identifier: MIT */
#include "emu/measure/machine_monitor.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PERIOD_NS 10000000L
#define MAX_SAMPLES 65536u

struct sfe_monitor_shared {
	struct sfe_kernel_counters before;
	struct timespec start, due; /* due: time of the next sample */
	double last_s;              /* time of the last sample, from the start */
	uint32_t n;
	float late_s[MAX_SAMPLES];
};

static double seconds_since(const struct timespec *then)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - then->tv_sec) + 1e-9 * (double)(now.tv_nsec - then->tv_nsec);
}

static void add_period(struct timespec *t)
{
	t->tv_nsec += PERIOD_NS;
	if (t->tv_nsec >= 1000000000) {
		t->tv_nsec -= 1000000000;
		t->tv_sec++;
	}
}

/* Takes the sample that is due. When there are too many, only the newest are counted. */
static void take_sample(struct sfe_monitor_shared *shared)
{
	shared->late_s[shared->n % MAX_SAMPLES] = (float)seconds_since(&shared->due);
	shared->n++;
	add_period(&shared->due);
}

/* After a late wake-up all missed samples are taken at once, with their lateness. */
static _Noreturn void watch(struct sfe_monitor_shared *shared)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_TIMERSLACK, 1);
	for (;;) {
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &shared->due, NULL);
		take_sample(shared);
		shared->last_s = seconds_since(&shared->start);
	}
}

int sfe_monitor_start(struct sfe_monitor *m, struct sfe_error *err)
{
	m->shared = mmap(NULL, sizeof(*m->shared), PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (m->shared == MAP_FAILED) {
		m->shared = NULL;
		return sfe_fail(err, -errno, "monitor", NULL, "mmap: %s", strerror(errno));
	}
	sfe_kernel_counters_read("/proc", &m->shared->before);
	clock_gettime(CLOCK_MONOTONIC, &m->shared->start);
	m->shared->due = m->shared->start;
	add_period(&m->shared->due);
	m->pid = fork();
	if (m->pid == 0)
		watch(m->shared);
	if (m->pid < 0)
		return sfe_fail(err, -errno, "monitor", NULL, "cannot fork: %s", strerror(errno));
	return 0;
}

static int ascending(const void *a, const void *b)
{
	float x = *(const float *)a, y = *(const float *)b;

	return x < y ? -1 : x > y;
}

/* Whether it was still running. It may have been reaped with other children. */
static bool end_process(pid_t pid)
{
	if (waitpid(pid, NULL, WNOHANG))
		return false;
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	return true;
}

void sfe_monitor_end(struct sfe_monitor *m, struct sfe_fidelity *out)
{
	struct sfe_kernel_counters after;

	if (m->pid > 0) {
		out->watched_s = seconds_since(&m->shared->start);
		sfe_kernel_counters_read("/proc", &after);
		out->monitor_ended = !end_process(m->pid);
		out->silent_s = out->watched_s - m->shared->last_s;
		/* samples that were due but not taken are late already */
		while (!out->monitor_ended && seconds_since(&m->shared->due) > 0)
			take_sample(m->shared);
		uint32_t n = m->shared->n < MAX_SAMPLES ? m->shared->n : MAX_SAMPLES;
		if (n) {
			qsort(m->shared->late_s, n, sizeof(float), ascending);
			out->measured = true;
			out->timer_late_p99_s = m->shared->late_s[(uint32_t)(0.99 * (n - 1))];
			out->timer_late_max_s = m->shared->late_s[n - 1];
		}
		sfe_fidelity_count(&m->shared->before, &after, out);
	}
	if (m->shared)
		munmap(m->shared, sizeof(*m->shared));
	*m = (struct sfe_monitor){0};
}

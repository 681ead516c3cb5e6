/* SPDX-License-Identifier: MIT */
#include "emu/run/fidelity.h"

#include <errno.h>
#include <signal.h>
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
/* The shortest delays of our topologies are some ms: a packet that is this late is a wrong result.
 */
#define LATE_P99_LIMIT_S 0.002
#define IDLE_LIMIT 0.05

struct sfe_monitor_shared {
	double idle_before, all_before;
	uint32_t n;
	float late_s[MAX_SAMPLES];
};

/* Idle and all CPU time of the system so far, in ticks. */
static void cpu_time(double *idle, double *all)
{
	double v[8] = {0};
	FILE *f = fopen("/proc/stat", "re");

	*idle = *all = 0;
	if (!f)
		return;
	if (fscanf(f, "cpu %lf %lf %lf %lf %lf %lf %lf %lf", &v[0], &v[1], &v[2], &v[3], &v[4],
		    &v[5], &v[6], &v[7]) == 8) {
		for (int i = 0; i < 8; i++)
			*all += v[i];
		*idle = v[3] + v[4];
	}
	fclose(f);
}

static _Noreturn void watch(struct sfe_monitor_shared *shared)
{
	struct timespec next, now;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_TIMERSLACK, 1);
	clock_gettime(CLOCK_MONOTONIC, &next);
	for (;;) {
		next.tv_nsec += PERIOD_NS;
		if (next.tv_nsec >= 1000000000) {
			next.tv_nsec -= 1000000000;
			next.tv_sec++;
		}
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL);
		clock_gettime(CLOCK_MONOTONIC, &now);
		double late = (double)(now.tv_sec - next.tv_sec) +
			      1e-9 * (double)(now.tv_nsec - next.tv_nsec);
		/* The newest samples count when there are too many. */
		shared->late_s[shared->n++ % MAX_SAMPLES] = (float)late;
		if (late > 1)
			next = now;
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
	cpu_time(&m->shared->idle_before, &m->shared->all_before);
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

void sfe_monitor_end(struct sfe_monitor *m, struct sfe_fidelity *out)
{
	double idle, all;

	if (m->pid > 0) {
		kill(m->pid, SIGKILL);
		waitpid(m->pid, NULL, 0);
		uint32_t n = m->shared->n < MAX_SAMPLES ? m->shared->n : MAX_SAMPLES;
		cpu_time(&idle, &all);
		if (n) {
			qsort(m->shared->late_s, n, sizeof(float), ascending);
			out->measured = true;
			out->late_p99_s = m->shared->late_s[(uint32_t)(0.99 * (n - 1))];
			out->late_max_s = m->shared->late_s[n - 1];
			all -= m->shared->all_before;
			out->idle = all > 0 ? (idle - m->shared->idle_before) / all : 0;
		}
	}
	if (m->shared)
		munmap(m->shared, sizeof(*m->shared));
	*m = (struct sfe_monitor){0};
}

bool sfe_fidelity_ok(const struct sfe_fidelity *f, char *why, size_t size)
{
	why[0] = 0;
	if (!f->measured)
		return true;
	if (f->late_p99_s > LATE_P99_LIMIT_S)
		snprintf(why, size,
			"timers were %.1f ms late at the 99th percentile (limit %.1f ms)",
			1e3 * f->late_p99_s, 1e3 * LATE_P99_LIMIT_S);
	else if (f->idle < IDLE_LIMIT)
		snprintf(why, size, "only %.0f %% of the CPU time was left (limit %.0f %%)",
			100 * f->idle, 100 * IDLE_LIMIT);
	return !why[0];
}

/* SPDX-License-Identifier: MIT */
#include "emu/guests/pool.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>

unsigned sfe_pool_cores(void)
{
	cpu_set_t set;
	int n = sched_getaffinity(0, sizeof(set), &set) ? 1 : CPU_COUNT(&set);

	return n > 1 ? (unsigned)n : 1;
}

static int next_core(int cpu, const cpu_set_t *set)
{
	do
		cpu = (cpu + 1) % CPU_SETSIZE;
	while (!CPU_ISSET((size_t)cpu, set));
	return cpu;
}

/* Gives each place some of the cores that this process may use; places share cores if there are not
 * as many. */
static void give_cores(struct sfe_pool *p)
{
	const unsigned each = p->work->cores ? p->work->cores : 1;
	cpu_set_t set;
	int cpu = -1;
	bool known = !sched_getaffinity(0, sizeof(set), &set) && CPU_COUNT(&set);

	for (unsigned i = 0; i < p->n; i++) {
		p->place[i].cpu = cpu = known ? next_core(cpu, &set) : -1;
		for (unsigned k = 1; known && k < each; k++)
			cpu = next_core(cpu, &set);
	}
}

void sfe_pool_pin(int cpu, unsigned n)
{
	cpu_set_t set, own;

	if (cpu < 0 || sched_getaffinity(0, sizeof(set), &set) || !CPU_ISSET((size_t)cpu, &set))
		return;
	CPU_ZERO(&own);
	for (unsigned i = 0; i < n; i++, cpu = next_core(cpu, &set))
		CPU_SET((size_t)cpu, &own);
	sched_setaffinity(0, sizeof(own), &own);
}

int sfe_pool_open(struct sfe_pool *p, const struct sfe_pool_work *work, unsigned at_a_time,
	uint64_t budget_mb, struct sfe_error *err)
{
	*p = (struct sfe_pool){.work = work, .n = at_a_time, .budget_mb = budget_mb};
	p->place = calloc(at_a_time, sizeof(*p->place));
	if (!p->place) {
		p->n = 0;
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	}
	give_cores(p);
	return 0;
}

static void leave(struct sfe_pool *p, struct sfe_place *place)
{
	place->pid = 0;
	p->running--;
	p->used_mb -= place->memory_mb;
}

static struct sfe_place *free_place(struct sfe_pool *p)
{
	for (unsigned i = 0; i < p->n; i++)
		if (!p->place[i].pid)
			return &p->place[i];
	return NULL;
}

static bool fits(const struct sfe_pool *p, uint64_t memory_mb)
{
	uint64_t left = p->budget_mb > p->used_mb ? p->budget_mb - p->used_mb : 0;

	return !p->running || memory_mb <= left;
}

int sfe_pool_fill(struct sfe_pool *p, struct sfe_error *err)
{
	const struct sfe_pool_work *w = p->work;
	struct sfe_place *place;
	uint64_t memory_mb;
	uint32_t task;

	while ((place = free_place(p)) && w->next(w->arg, &task, &memory_mb) &&
		fits(p, memory_mb)) {
		pid_t pid = 0;
		int r = w->start(w->arg, task, place->cpu, &pid, err);
		if (r)
			return r;
		if (!pid)
			continue;
		place->pid = pid;
		place->task = task;
		place->memory_mb = memory_mb;
		p->running++;
		p->used_mb += memory_mb;
	}
	return 0;
}

int sfe_pool_collect(struct sfe_pool *p, struct sfe_error *err)
{
	int status, r = 0;

	for (unsigned i = 0; i < p->n && !r; i++) {
		struct sfe_place *place = &p->place[i];
		pid_t pid = place->pid ? waitpid(place->pid, &status, WNOHANG) : 0;
		/* Where SIGCHLD is ignored, nobody knows how it ended. */
		if (pid < 0 && errno == ECHILD)
			status = W_EXITCODE(1, 0);
		else if (pid <= 0)
			continue;
		leave(p, place);
		r = p->work->ended(p->work->arg, place->task, status, err);
	}
	return r;
}

void sfe_pool_signal(const struct sfe_pool *p, uint32_t first_task, int signal)
{
	for (unsigned i = 0; i < p->n; i++)
		if (p->place[i].pid && p->place[i].task >= first_task)
			kill(p->place[i].pid, signal);
}

void sfe_pool_stop(struct sfe_pool *p, int signal)
{
	sfe_pool_signal(p, 0, signal);
	for (unsigned i = 0; i < p->n; i++) {
		if (!p->place[i].pid)
			continue;
		while (waitpid(p->place[i].pid, NULL, 0) < 0 && errno == EINTR)
			;
		leave(p, &p->place[i]);
	}
}

void sfe_pool_close(struct sfe_pool *p)
{
	sfe_pool_stop(p, SIGKILL);
	free(p->place);
	*p = (struct sfe_pool){0};
}

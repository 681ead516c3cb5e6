/* SPDX-License-Identifier: MIT */
/* The engine for one machine: runs some cells at a time, each on its own core. */
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "emu/run/signals.h"
#include "emu/sweep/sweep_cell.h"
#include "emu/sweep/sweep_engine.h"
#include "emu/sweep/sweep_keep.h"

#define SHOW_EVERY_MS 1000

struct slot { /* runs one cell at a time */
	int cpu;
	pid_t pid; /* 0: free */
	uint32_t cell;
};

struct pool {
	struct sfe_sweep_run *run;
	struct slot *slot;
	int signals;
	bool interrupted;
};

/* Gives each slot one of the cores that this process may use; slots share cores if there are more
 * slots than cores. */
static void give_cores(struct pool *pool)
{
	cpu_set_t set;
	int cpu = -1;

	if (sched_getaffinity(0, sizeof(set), &set) || !CPU_COUNT(&set)) {
		for (unsigned i = 0; i < pool->run->jobs; i++)
			pool->slot[i].cpu = -1;
		return;
	}
	for (unsigned i = 0; i < pool->run->jobs; i++) {
		do
			cpu = (cpu + 1) % CPU_SETSIZE;
		while (!CPU_ISSET((size_t)cpu, &set));
		pool->slot[i].cpu = cpu;
	}
}

/* Starts waiting cells in free slots. Returns how many slots are in use. */
static unsigned fill(struct pool *pool)
{
	struct sfe_sweep_run *run = pool->run;
	unsigned taken = 0;
	uint32_t next = 0;

	for (unsigned i = 0; i < run->jobs; i++) {
		struct slot *s = &pool->slot[i];
		while (!s->pid && (next = sfe_sweep_next(run, next)) < run->store->sweep->n_cells) {
			struct sfe_error why = {0};
			s->cell = next;
			sfe_sweep_note_started(run, next);
			if (sfe_sweep_cell_start(run->store, next, s->cpu, &s->pid, &why)) {
				s->pid = 0;
				sfe_sweep_note_failed(run, next, &why);
			}
		}
		taken += s->pid > 0;
	}
	return taken;
}

static void collect(struct pool *pool)
{
	for (unsigned i = 0; i < pool->run->jobs; i++) {
		struct slot *s = &pool->slot[i];
		struct sfe_error why = {0};
		int status;
		if (!s->pid || waitpid(s->pid, &status, WNOHANG) != s->pid)
			continue;
		s->pid = 0;
		if (!sfe_sweep_cell_finish(pool->run->store, s->cell, status, &why))
			sfe_sweep_note_done(pool->run, s->cell);
		else
			sfe_sweep_note_failed(pool->run, s->cell, &why);
	}
}

/* Stops all cells. Each run ends its guest and records that in its manifest. */
static void stop_all(struct pool *pool)
{
	for (unsigned i = 0; i < pool->run->jobs; i++)
		if (pool->slot[i].pid)
			kill(pool->slot[i].pid, SIGTERM);
	for (unsigned i = 0; i < pool->run->jobs; i++) {
		if (!pool->slot[i].pid)
			continue;
		waitpid(pool->slot[i].pid, NULL, 0);
		sfe_sweep_note_stopped(pool->run, pool->slot[i].cell);
	}
}

int sfe_sweep_local(struct sfe_sweep_run *run, struct sfe_error *err)
{
	struct pool pool = {.run = run, .signals = -1};
	struct sfe_sweep_keep keep = {0};
	sigset_t old;

	pool.slot = calloc(run->jobs, sizeof(*pool.slot));
	if (!pool.slot)
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	give_cores(&pool);
	sfe_sweep_keep(run, &keep);
	int r = sfe_signals_open(true, &pool.signals, &old, err);
	while (!r && !pool.interrupted && fill(&pool)) {
		struct pollfd p = {.fd = pool.signals, .events = POLLIN};
		poll(&p, 1, SHOW_EVERY_MS);
		pool.interrupted |= sfe_signals_read(pool.signals);
		collect(&pool);
		sfe_sweep_keep(run, &keep);
		sfe_sweep_show(run);
	}
	stop_all(&pool);
	if (pool.signals >= 0)
		close(pool.signals);
	sigprocmask(SIG_SETMASK, &old, NULL);
	free(pool.slot);
	if (!r && pool.interrupted)
		r = sfe_fail(err, -EINTR, NULL, "the same command goes on from here",
			"stopped before the end; nothing of it is left running");
	return r;
}

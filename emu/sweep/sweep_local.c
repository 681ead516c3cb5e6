/* SPDX-License-Identifier: MIT */
/* The engine for one machine: runs some cells at a time, each on its own core. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include "emu/guests/pool.h"
#include "emu/run/control/signals.h"
#include "emu/sweep/sweep_cell.h"
#include "emu/sweep/sweep_engine.h"
#include "emu/sweep/sweep_keep.h"
#include "emu/sweep/sweep_memory.h"

#define SHOW_EVERY_MS 1000

struct local {
	struct sfe_sweep_run *run;
	struct sfe_pool pool;
	uint32_t next;  /* no cell before it waits */
	uint32_t known; /* the last cell whose memory was computed */
	uint64_t memory_mb;
	int signals;
	bool interrupted;
};

static bool next_cell(void *arg, uint32_t *cell, uint64_t *memory_mb)
{
	struct local *l = arg;
	uint32_t n = l->run->store->sweep->n_cells;

	l->next = sfe_sweep_next(l->run, l->next);
	if (l->next >= n)
		return false;
	/* Without a limit nobody needs to know. */
	if (l->known != l->next && l->run->memory_mb != UINT64_MAX)
		l->memory_mb = sfe_sweep_cell_memory_mb(l->run->store, l->next);
	l->known = l->next;
	*cell = l->next;
	*memory_mb = l->memory_mb;
	return true;
}

static int start_cell(void *arg, uint32_t cell, int cpu, pid_t *pid, struct sfe_error *err)
{
	struct local *l = arg;
	struct sfe_error why = {0};

	(void)err;
	sfe_sweep_note_started(l->run, cell);
	if (sfe_sweep_cell_start(l->run->store, cell, cpu, pid, &why)) {
		*pid = 0;
		sfe_sweep_note_failed(l->run, cell, &why);
	}
	return 0;
}

static int cell_ended(void *arg, uint32_t cell, int status, struct sfe_error *err)
{
	struct local *l = arg;
	struct sfe_error why = {0};

	(void)err;
	if (!sfe_sweep_cell_finish(l->run->store, cell, status, &why))
		sfe_sweep_note_done(l->run, cell);
	else
		sfe_sweep_note_failed(l->run, cell, &why);
	return 0;
}

/* From the first cell on: one that failed may wait again. */
static int fill(struct local *l, struct sfe_error *err)
{
	l->next = 0;
	return sfe_pool_fill(&l->pool, err);
}

/* Stops all cells. Each run ends its guest and records that in its manifest. */
static void stop_all(struct local *l)
{
	for (unsigned i = 0; i < l->pool.n; i++)
		if (l->pool.place[i].pid)
			sfe_sweep_note_stopped(l->run, l->pool.place[i].task);
	sfe_pool_stop(&l->pool, SIGTERM);
}

int sfe_sweep_local(struct sfe_sweep_run *run, struct sfe_error *err)
{
	struct local l = {.run = run, .known = UINT32_MAX, .signals = -1};
	const struct sfe_pool_work work = {next_cell, start_cell, cell_ended, &l, 1};
	struct sfe_sweep_keep keep = {0};
	sigset_t old;
	int r = sfe_pool_open(&l.pool, &work, run->jobs, run->memory_mb, err);

	if (r)
		return r;
	sfe_sweep_keep(run, &keep);
	r = sfe_signals_open(true, &l.signals, &old, err);
	r = r ? r : fill(&l, err);
	while (!r && !l.interrupted && l.pool.running) {
		struct pollfd p = {.fd = l.signals, .events = POLLIN};
		poll(&p, 1, SHOW_EVERY_MS);
		l.interrupted |= sfe_signals_read(l.signals);
		r = sfe_pool_collect(&l.pool, err);
		sfe_sweep_keep(run, &keep);
		sfe_sweep_show(run);
		r = r || l.interrupted ? r : fill(&l, err);
	}
	stop_all(&l);
	sfe_pool_close(&l.pool);
	if (l.signals >= 0)
		close(l.signals);
	sigprocmask(SIG_SETMASK, &old, NULL);
	if (!r && l.interrupted)
		r = sfe_fail(err, -EINTR, NULL, "the same command goes on from here",
			"stopped before the end; nothing of it is left running");
	return r;
}

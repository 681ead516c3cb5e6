/* SPDX-License-Identifier: MIT */
/* Who runs a sweep's cells, and how far that is. */
#ifndef SFE_SWEEP_SWEEP_ENGINE_H
#define SFE_SWEEP_SWEEP_ENGINE_H

#include "emu/run/progress.h"
#include "emu/sweep/sweep_store.h"

#define SFE_SWEEP_ATTEMPTS 2 /* what failed is started once more */

enum sfe_sweep_state {
	SFE_SWEEP_WAITING,
	SFE_SWEEP_QUEUED, /* with Slurm, which has not started it */
	SFE_SWEEP_RUNNING,
	SFE_SWEEP_DONE,
	SFE_SWEEP_FAILED, /* for good */
};

struct sfe_sweep_cell {
	enum sfe_sweep_state state;
	unsigned attempts;
	char *why; /* of the last failure, NULL if there was none */
};

struct sfe_sweep_run {
	struct sfe_sweep_store *store;
	struct sfe_sweep_cell *cell;            /* of each cell of the sweep */
	unsigned jobs;                          /* cells at a time */
	uint32_t reused, done, failed, running; /* done: in this run */
	struct sfe_progress progress;
	char **sbatch, **sets; /* for Slurm: options of sbatch, and what the tasks must set too */
	unsigned n_sbatch, n_sets;
};

/* Finds which cells are there already (none of them if fresh). To be ended, after an error too. */
int sfe_sweep_run_begin(struct sfe_sweep_store *store, bool fresh, bool quiet,
	struct sfe_sweep_run *run, struct sfe_error *err);
void sfe_sweep_run_end(struct sfe_sweep_run *run);

/* The next cell that waits, from `from` on; n_cells if there is none. */
uint32_t sfe_sweep_next(const struct sfe_sweep_run *run, uint32_t from);
void sfe_sweep_note_started(struct sfe_sweep_run *run, uint32_t cell);
void sfe_sweep_note_done(struct sfe_sweep_run *run, uint32_t cell);
/* Counts an attempt that failed: the cell waits again, unless it was the last, or would only fail
 * the same way (-EINVAL). */
void sfe_sweep_note_failed(struct sfe_sweep_run *run, uint32_t cell, const struct sfe_error *why);
/* An attempt that the sweep itself ended does not count. */
void sfe_sweep_note_stopped(struct sfe_sweep_run *run, uint32_t cell);
/* Shows how far it is, on a terminal. */
void sfe_sweep_show(struct sfe_sweep_run *run);

/*
 * The engines: 0 when no cell waits or runs any more (some may have failed), -EINTR after a signal,
 * else why nothing can be run.
 */
int sfe_sweep_local(struct sfe_sweep_run *run, struct sfe_error *err);
int sfe_sweep_slurm(struct sfe_sweep_run *run, struct sfe_error *err);

/* Writes sweep.csv and cells.csv of the cells that are done. *path: of sweep.csv, the caller's. */
int sfe_sweep_write_table(
	const struct sfe_sweep_run *run, bool summary, char **path, struct sfe_error *err);

#endif

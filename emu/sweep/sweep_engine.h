/* SPDX-License-Identifier: MIT */
/* Runs the cells of a sweep, and keeps their states. */
#ifndef SFE_SWEEP_SWEEP_ENGINE_H
#define SFE_SWEEP_SWEEP_ENGINE_H

#include "emu/run/progress.h"
#include "emu/sweep/sweep_store.h"

#define SFE_SWEEP_ATTEMPTS 2 /* a cell that failed is started once more */

enum sfe_sweep_state {
	SFE_SWEEP_WAITING,
	SFE_SWEEP_QUEUED, /* submitted to Slurm, not started yet */
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
	struct sfe_sweep_cell *cell;            /* one for each cell of the sweep */
	unsigned jobs;                          /* cells at a time */
	uint64_t memory_mb;                     /* of their guests; UINT64_MAX: no limit */
	bool summary;                           /* rows of sweep.csv: see sfe_sweep_write_table */
	uint32_t reused, done, failed, running; /* done: in this run of the sweep */
	struct sfe_progress progress;
	const char **sbatch,
		**sets; /* for Slurm: options of sbatch, and --set options of the tasks */
	unsigned n_sbatch, n_sets;
};

/* Begins a run of the sweep: finds the cells that are done already (with fresh, none). The caller
 * calls sfe_sweep_run_end, also after an error. */
int sfe_sweep_run_begin(struct sfe_sweep_store *store, bool fresh, bool quiet,
	struct sfe_sweep_run *run, struct sfe_error *err);
void sfe_sweep_run_end(struct sfe_sweep_run *run);

/* The first waiting cell from `from` on; n_cells if there is none. */
uint32_t sfe_sweep_next(const struct sfe_sweep_run *run, uint32_t from);
void sfe_sweep_note_started(struct sfe_sweep_run *run, uint32_t cell);
void sfe_sweep_note_done(struct sfe_sweep_run *run, uint32_t cell);
/* Counts a failed attempt. The cell waits again, unless this was the last attempt or the next one
 * would fail in the same way (-EINVAL). */
void sfe_sweep_note_failed(struct sfe_sweep_run *run, uint32_t cell, const struct sfe_error *why);
/* The sweep itself has stopped the attempt, which does not count. */
void sfe_sweep_note_stopped(struct sfe_sweep_run *run, uint32_t cell);
/* Shows the progress on a terminal. */
void sfe_sweep_show(struct sfe_sweep_run *run);

/*
 * The engines. They return 0 when no cell waits or runs any more (some may have failed), -EINTR
 * after a signal, or another error if nothing can be run.
 */
int sfe_sweep_local(struct sfe_sweep_run *run, struct sfe_error *err);
int sfe_sweep_slurm(struct sfe_sweep_run *run, struct sfe_error *err);

/* Writes sweep.csv (the cells that are done) and cells.csv (all cells). The caller frees *path, the
 * path of sweep.csv. */
int sfe_sweep_write_table(
	const struct sfe_sweep_run *run, bool summary, char **path, struct sfe_error *err);

#endif

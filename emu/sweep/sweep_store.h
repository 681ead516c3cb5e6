/* SPDX-License-Identifier: MIT */
/*
 * A sweep's folder: results/sweep-NAME/cells/CELL, one results folder a cell. A cell is there when
 * it is complete: it is run in CELL.part, which becomes CELL when its run is done and a record of
 * what it was made from and of what it left (cell.json) is written. Whatever ends a sweep, what is
 * there is whole.
 */
#ifndef SFE_SWEEP_SWEEP_STORE_H
#define SFE_SWEEP_SWEEP_STORE_H

#include <sys/types.h>

#include "emu/run/supervise.h"
#include "emu/sweep/sweep.h"

#define SFE_SPEC_TEXT 17 /* 16 hexadecimal digits and the final 0 */

/* The choice of substrate, clock and kernel, found once for each that the cells ask for. */
struct sfe_sweep_substrate {
	enum sfe_substrate asked_substrate;
	enum sfe_clock asked_clock;
	struct sfe_substrate_choice choice;
	uint64_t kernel; /* digest of the guest's */
};

struct sfe_sweep_store {
	const struct sfe_sweep *sweep;
	char *folder;
	const char *program; /* this program's path */
	uint64_t program_digest;
	int lock;
	bool unconfined; /* as for a run; the caller's to set */
	struct sfe_sweep_substrate *substrate;
	unsigned n_substrates;
};

/*
 * Opens (and makes) the folder: NULL for the sweep's own. exclusive: nobody else may be at work in
 * it, as an engine needs it. To be closed, after an error too.
 */
int sfe_sweep_store_open(const struct sfe_sweep *sweep, const char *folder, const char *program,
	bool exclusive, struct sfe_sweep_store *store, struct sfe_error *err);
void sfe_sweep_store_close(struct sfe_sweep_store *store);

/* The folder's name of a cell, below cells/. Returns buf. */
const char *sfe_sweep_cell_name(const struct sfe_sweep *s, uint32_t cell, char *buf, size_t size);
/* "FOLDER/cells/NAME" and what follows: suffix may be "", "/jobs.csv" and the like. Returns buf. */
const char *sfe_sweep_cell_path(const struct sfe_sweep_store *store, uint32_t cell,
	const char *suffix, char *buf, size_t size);

/* A descriptor of its folder (suffix: "" or ".part"), through which what its run left is read: a
 * guest may have put anything there. Negative errno. */
int sfe_sweep_cell_open(const struct sfe_sweep_store *store, uint32_t cell, const char *suffix);

/* What the cell will run on. */
int sfe_sweep_cell_substrate(struct sfe_sweep_store *store, uint32_t cell,
	const struct sfe_sweep_substrate **out, struct sfe_error *err);

/* Whether it is there, from the same scenario, inputs, guest kernel and sfemu, and unharmed. */
int sfe_sweep_cell_done(
	struct sfe_sweep_store *store, uint32_t cell, bool *done, struct sfe_error *err);
/* Starts its run, on that core if cpu is not negative; *pid dies with the caller. */
int sfe_sweep_cell_start(
	struct sfe_sweep_store *store, uint32_t cell, int cpu, pid_t *pid, struct sfe_error *err);
/* After its end, with what waitpid gave. 0: the cell is done; else err says why it is not. */
int sfe_sweep_cell_finish(
	struct sfe_sweep_store *store, uint32_t cell, int status, struct sfe_error *err);
/* Takes away what there is of it. */
int sfe_sweep_cell_remove(
	const struct sfe_sweep_store *store, uint32_t cell, struct sfe_error *err);

#endif

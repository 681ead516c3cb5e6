/* SPDX-License-Identifier: MIT */
/*
 * The folder of a sweep: results/sweep-NAME/cells/CELL, one results folder for each cell.
 *
 * A cell runs in CELL.part. When the run is done, a record of its inputs and its files (cell.json)
 * is written, and the folder is renamed to CELL. However a sweep ends, each folder CELL is
 * therefore complete.
 */
#ifndef SFE_SWEEP_SWEEP_STORE_H
#define SFE_SWEEP_SWEEP_STORE_H

#include <sys/types.h>

#include "emu/run/supervise.h"
#include "emu/sweep/sweep.h"

#define SFE_SWEEP_DIGEST_TEXT 17 /* 16 hexadecimal digits and the final 0 */

/* The choice of substrate, clock and kernel, made once for each combination that cells ask for. */
struct sfe_sweep_substrate {
	enum sfe_substrate asked_substrate;
	enum sfe_clock asked_clock;
	struct sfe_substrate_choice choice;
	uint64_t kernel; /* digest of the guest's */
};

struct sfe_sweep_store {
	const struct sfe_sweep *sweep;
	char *folder;        /* its path, for programs that are started and for people */
	int dir;             /* the folder itself; whatever sfemu does in it goes through this */
	const char *program; /* this program's path */
	uint64_t program_digest;
	int lock;
	bool unconfined; /* as for a run; set by the caller */
	struct sfe_sweep_substrate *substrate;
	unsigned n_substrates;
	char *placed; /* folder of the base's placement, once a frozen cell needed it */
};

/*
 * Opens the sweep's folder and makes it if there is none. folder NULL: the default one. A folder
 * that another user could have prepared or could change is refused: what is in it is reused, and
 * executed by Slurm. exclusive: locks it for an engine; another engine in it is an error. The
 * caller calls sfe_sweep_store_close, also after an error.
 */
int sfe_sweep_store_open(const struct sfe_sweep *sweep, const char *folder, const char *program,
	bool exclusive, struct sfe_sweep_store *store, struct sfe_error *err);
void sfe_sweep_store_close(struct sfe_sweep_store *store);

/* The name of a cell's folder beneath cells/. Returns buf. */
const char *sfe_sweep_cell_name(const struct sfe_sweep *s, uint32_t cell, char *buf, size_t size);
/* "FOLDER/cells/NAME" with a suffix, such as "", ".part" or "/jobs.csv". Returns buf. */
const char *sfe_sweep_cell_path(const struct sfe_sweep_store *store, uint32_t cell,
	const char *suffix, char *buf, size_t size);

/* Opens the folder of all cells. Returns a negative errno on failure. */
int sfe_sweep_cells_open(const struct sfe_sweep_store *store);
/* Opens a cell's folder (suffix: "" or ".part"). Its files are read through this descriptor only,
 * since a guest may have put anything there. Returns a negative errno on failure. */
int sfe_sweep_cell_open(const struct sfe_sweep_store *store, uint32_t cell, const char *suffix);

/* The substrate that a cell will run on. Refuses functions that cannot run there. */
int sfe_sweep_cell_substrate(struct sfe_sweep_store *store, uint32_t cell,
	const struct sfe_sweep_substrate **out, struct sfe_error *err);

/* The resolved scenario of a cell, whose text the caller frees, and the substrate. */
int sfe_sweep_cell_text(struct sfe_sweep_store *store, uint32_t cell, char **text, size_t *len,
	const struct sfe_sweep_substrate **substrate, struct sfe_error *err);
/* Removes the folders of a cell. */
int sfe_sweep_cell_remove(
	const struct sfe_sweep_store *store, uint32_t cell, struct sfe_error *err);

#endif

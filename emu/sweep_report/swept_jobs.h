/* SPDX-License-Identifier: MIT */
/* The jobs of a sweep's cells, as far as its report needs them. */
#ifndef SFE_SWEEP_REPORT_SWEPT_JOBS_H
#define SFE_SWEEP_REPORT_SWEPT_JOBS_H

#include "emu/sweep_report/swept.h"

/* Limits for folders that may be anybody's: jobs that are held at a time, and read in all. */
#define SFE_SWEPT_MAX_HELD_JOBS (8u << 20)
#define SFE_SWEPT_MAX_JOBS (40u << 20)

struct sfe_swept_job {
	uint32_t number, steps;
	double state_bytes, response_s, payload_bytes_hops;
	bool done;
};

/* The jobs of a cell, which is a replication: one strategy with one seed. */
struct sfe_cell_jobs {
	struct sfe_swept_job *job; /* by number, each once */
	uint32_t n;
	double wire_bytes; /* on all links */
	/* Of states that outlive jobs; NaN: the cell has none. */
	double runs_in_vain, vain_operations, overwritten;
	bool there; /* the cell is done and could be read */
};

/* The replications of a combination: seeds of the first strategy, of the second, and so on. */
struct sfe_combination {
	struct sfe_cell_jobs *replication;
	uint32_t n;
	uint32_t held; /* jobs */
};

/* What reading the cells found. */
struct sfe_swept_reading {
	int dir; /* the sweep's folder */
	uint64_t jobs;
	bool shared;        /* a cell has states that outlive jobs */
	uint32_t not_valid; /* cells whose figures count as not valid: see fidelity.h */
};

/*
 * Reads the cells of a combination that are done. One that cannot be read becomes
 * SFE_SWEPT_UNREADABLE, with the reason. The only error is -ENOMEM. The caller calls
 * sfe_combination_free, also after an error.
 */
int sfe_combination_read(struct sfe_swept_reading *reading, struct sfe_swept *s,
	uint32_t combination, struct sfe_combination *c);
void sfe_combination_free(struct sfe_combination *c);

static inline const struct sfe_cell_jobs *sfe_cells_of(
	const struct sfe_swept *s, const struct sfe_combination *c, uint32_t strategy)
{
	return c->replication + (size_t)strategy * sfe_swept_seeds(s)->n;
}

#endif

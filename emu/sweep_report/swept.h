/* SPDX-License-Identifier: MIT */
/*
 * A sweep as its folder has it: cells.csv, which lists the axes, their values and the cells.
 *
 * Another user may have written the folder: what is not as sfemu writes it is refused.
 */
#ifndef SFE_SWEEP_REPORT_SWEPT_H
#define SFE_SWEEP_REPORT_SWEPT_H

#include <stdbool.h>
#include <stdint.h>

#include "sfemu/error.h"

#define SFE_SWEPT_FILE "cells.csv"
#define SFE_SWEPT_MAX_AXES 16u
#define SFE_SWEPT_MAX_CELLS 100000u
#define SFE_SWEPT_MAX_BYTES (64u << 20)

enum sfe_swept_state {
	SFE_SWEPT_DONE,
	SFE_SWEPT_FAILED,
	SFE_SWEPT_WAITING,    /* not run yet */
	SFE_SWEPT_UNREADABLE, /* done, and its folder cannot be used; found when it is read */
};

struct sfe_swept_axis {
	const char *name;
	const char **label; /* of each value */
	uint32_t n, stride; /* stride: how many cells later the next value is */
};

struct sfe_swept_cell {
	enum sfe_swept_state state;
	const char *folder, *reason;
	char *why; /* of an unreadable cell */
};

struct sfe_swept {
	char *text; /* of cells.csv: names and labels are in it */
	struct sfe_swept_axis axis[SFE_SWEPT_MAX_AXES]; /* strategy and seed are the last two */
	unsigned n_axes;
	struct sfe_swept_cell *cell;
	uint32_t n_cells;
};

/* Reads cells.csv of a folder. -ENOENT: there is none. The caller calls sfe_swept_free, also after
 * an error. */
int sfe_swept_read(int dir, struct sfe_swept *s, struct sfe_error *err);
/* The same of a text, which is the caller's before and the sweep's after. */
int sfe_swept_parse(char *text, struct sfe_swept *s, struct sfe_error *err);
void sfe_swept_free(struct sfe_swept *s);

static inline const struct sfe_swept_axis *sfe_swept_strategies(const struct sfe_swept *s)
{
	return &s->axis[s->n_axes - 2];
}
static inline const struct sfe_swept_axis *sfe_swept_seeds(const struct sfe_swept *s)
{
	return &s->axis[s->n_axes - 1];
}
/* The axes but for these two: each combination of their values has a number from 0. */
static inline unsigned sfe_swept_grid_axes(const struct sfe_swept *s)
{
	return s->n_axes - 2;
}
static inline uint32_t sfe_swept_combinations(const struct sfe_swept *s)
{
	return s->n_cells / (sfe_swept_strategies(s)->n * sfe_swept_seeds(s)->n);
}
/* Which value of an axis a cell has. */
static inline uint32_t sfe_swept_value(const struct sfe_swept *s, uint32_t cell, unsigned axis)
{
	return cell / s->axis[axis].stride % s->axis[axis].n;
}
/* The first cell of a combination; its others follow, strategy by strategy. */
static inline uint32_t sfe_swept_first(const struct sfe_swept *s, uint32_t combination)
{
	return combination * (s->n_cells / sfe_swept_combinations(s));
}
/* "link.shared.rate=50Mbit network=iiot", "" if the grid has no axes. leave_out: an axis that is
 * not named; n_axes: none. Returns buf. */
const char *sfe_swept_name(const struct sfe_swept *s, uint32_t combination, unsigned leave_out,
	char *buf, size_t size);
/* "not run", "failed", "unreadable" or "done"; and why, "" if that is not known. */
const char *sfe_swept_state_word(const struct sfe_swept_cell *cell);
const char *sfe_swept_why(const struct sfe_swept_cell *cell);
uint32_t sfe_swept_count(const struct sfe_swept *s, enum sfe_swept_state state);

#endif

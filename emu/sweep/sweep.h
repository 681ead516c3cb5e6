/* SPDX-License-Identifier: MIT */
/*
 * A sweep: a base scenario, and axes along which keys of it vary. Each combination of values, with
 * one strategy and one seed, is a cell: a scenario that runs on its own.
 */
#ifndef SFE_SWEEP_SWEEP_H
#define SFE_SWEEP_SWEEP_H

#include <stdbool.h>
#include <stdint.h>

#include "sfemu/scenario.h"

#define SFE_SWEEP_MAX_AXES 16u /* strategies and seeds count as two */
#define SFE_SWEEP_MAX_VALUES 10000u
#define SFE_SWEEP_MAX_CELLS 100000u

struct sfe_sweep_set {
	char *text;    /* "key=value", as for --set */
	unsigned line; /* in the sweep's file; 0: from the command line */
};

struct sfe_sweep_value {
	char *label; /* in the table */
	unsigned line;
	struct sfe_sweep_set *set;
	unsigned n_sets;
};

struct sfe_sweep_axis {
	char *name; /* of the table's column */
	unsigned line;
	struct sfe_sweep_value *value;
	unsigned n;
};

struct sfe_sweep {
	char *file, *folder; /* the file as given; the folder that its relative paths begin at */
	char *name;
	char *base;                    /* path of the base scenario */
	char *results;                 /* absolute path; the sweep's folder is made in it */
	bool summary;                  /* rows: summary */
	bool workflows;                /* a cell has some */
	bool shared;                   /* likewise: states that outlive jobs */
	struct sfe_sweep_value common; /* what is set for all cells */
	/* In the order of the file; strategy and seed are the last two. */
	struct sfe_sweep_axis axis[SFE_SWEEP_MAX_AXES];
	unsigned n_axes;
	uint32_t n_cells; /* the product; the last axis varies fastest */
};

void sfe_sweep_free(struct sfe_sweep *s);

/* The value of a cell on an axis. */
const struct sfe_sweep_value *sfe_sweep_at(const struct sfe_sweep *s, uint32_t cell, unsigned axis);
/* The scenario of the sweep without the values of its axes. The caller frees *out. */
int sfe_sweep_base(const struct sfe_sweep *s, struct sfe_scenario **out, struct sfe_error *err);
/* Makes the scenario of a cell. The caller frees *out. */
int sfe_sweep_scenario(
	const struct sfe_sweep *s, uint32_t cell, struct sfe_scenario **out, struct sfe_error *err);
/* "link.shared.rate=100Mbit StateLocal seed=3". Returns buf. */
const char *sfe_sweep_label(const struct sfe_sweep *s, uint32_t cell, char *buf, size_t size);

#endif

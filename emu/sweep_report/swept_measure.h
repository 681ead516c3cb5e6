/* SPDX-License-Identifier: MIT */
/*
 * The figures of a strategy in a combination of a sweep, and of two strategies compared.
 *
 * A cell (a seed) is a replication. A figure is computed in each replication by itself; the value
 * is the mean over the replications, and its interval is Student's t over them. If the sweep has
 * one seed only, intervals of mean response time and payload are over its jobs, and the other
 * figures have none.
 *
 * Two strategies are compared in each replication over the jobs that both have done there. The
 * difference is the mean over the replications, with the interval of the paired differences. The
 * ratio is the geometric mean of the replications' ratios, with the interval of their logarithms:
 * so A to B is the reciprocal of B to A.
 */
#ifndef SFE_SWEEP_REPORT_SWEPT_MEASURE_H
#define SFE_SWEEP_REPORT_SWEPT_MEASURE_H

#include "emu/sweep_report/swept_jobs.h"

enum sfe_swept_figure {
	SFE_FIGURE_MEAN, /* response time of the jobs done, s */
	SFE_FIGURE_P50,
	SFE_FIGURE_P95,
	SFE_FIGURE_P99,
	SFE_FIGURE_PAYLOAD, /* times the links that it crossed, of a job done: bytes */
	SFE_FIGURE_WIRE,    /* on all links, of a job: bytes; none in a group of jobs */
	SFE_FIGURE_DONE,    /* share of the jobs */
	/* Of states that outlive jobs, of a job; none in a group of jobs. */
	SFE_FIGURE_VAIN,            /* runs in vain */
	SFE_FIGURE_VAIN_OPERATIONS, /* their operations */
	SFE_FIGURE_OVERWRITTEN,     /* overwritten changes */
	SFE_FIGURES
};

/* Which jobs count: all, or those of which a size is at least `from` and less than `below`. */
enum sfe_group_by { SFE_BY_SWEEP, SFE_BY_CHAIN, SFE_BY_STATES };
struct sfe_group {
	enum sfe_group_by by;
	double from, below;
};
#define SFE_GROUP_ALL ((struct sfe_group){.by = SFE_BY_SWEEP, .from = NAN, .below = NAN})

double sfe_group_size(enum sfe_group_by by, const struct sfe_swept_job *job);

/* Values that are not known are NaN, such as an interval of one replication. */
struct sfe_point {
	uint32_t seeds, jobs, done; /* seeds: replications with such a job; done: jobs */
	double value[SFE_FIGURES], ci95[SFE_FIGURES]; /* half the width of the interval */
};

struct sfe_comparison {
	uint32_t seeds, jobs; /* jobs: done under both */
	double mean[2];       /* response time of these jobs under a and under b: s */
	double least, most;   /* sizes of these jobs as the group has them; NaN: it has none */
	double difference[SFE_FIGURES], ci95[SFE_FIGURES];              /* b less a */
	double ratio[SFE_FIGURES], low[SFE_FIGURES], high[SFE_FIGURES]; /* b to a */
};

/* Both are of n replications, which are in the same order in a and b. The only error is -ENOMEM. */
int sfe_measure(
	const struct sfe_cell_jobs *r, uint32_t n, struct sfe_group group, struct sfe_point *out);
int sfe_measure_pair(const struct sfe_cell_jobs *a, const struct sfe_cell_jobs *b, uint32_t n,
	struct sfe_group group, struct sfe_comparison *out);

#endif

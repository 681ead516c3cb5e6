/* SPDX-License-Identifier: MIT */
#ifndef SFE_WORKLOAD_SPAR_TABLES_H
#define SFE_WORKLOAD_SPAR_TABLES_H

#include <stdint.h>

#include "sfemu/spar.h"

struct sfe_quantile {
	uint32_t key; /* 0 in tables without keys */
	double p, value;
};

struct sfe_quantiles { /* ascending by key, then by p, which begins at 0 */
	uint32_t n, cap;
	struct sfe_quantile *rows;
};

struct sfe_spar_tables {
	struct sfe_quantiles cpl, level; /* with a key */
	struct sfe_quantiles task_num, task_duration, task_cpu, task_mem, instance_num,
		job_interval;
};

/*
 * Parses one of the SFE_SPAR_TABLES tables (0: cpl.csv, and so on in the order of
 * sfe_spar_tables_read) into the empty q. The caller frees q->rows also on failure.
 */
#define SFE_SPAR_TABLES 8u
int sfe_spar_table_parse(unsigned table, const char *text, size_t len, const char *path,
	struct sfe_quantiles *q, struct sfe_error *err);

/* The value at the largest p <= u of the largest key <= key (or of the first key). */
double sfe_quantile_value(const struct sfe_quantiles *q, uint32_t key, double u);
double sfe_quantile_mean(const struct sfe_quantiles *q); /* mean of a table without keys */

/*
 * A draw of the published generator, as far as the tables allow: from a density through the same
 * points, rounded up. See spar_published.c.
 */
double sfe_quantile_published(const struct sfe_quantiles *q, uint32_t key, double u);

#endif

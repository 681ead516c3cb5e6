/* SPDX-License-Identifier: MIT */
#ifndef SFE_WORKLOAD_SPAR_TABLES_H
#define SFE_WORKLOAD_SPAR_TABLES_H

#include <stdint.h>

#include "sfemu/spar.h"

struct sfe_quantile {
	uint32_t key; /* 0 in tables without a key */
	double p, value;
};

struct sfe_quantiles { /* ascending by key, within a key by p, which begins with 0 */
	uint32_t n, cap;
	struct sfe_quantile *rows;
};

struct sfe_spar_tables {
	struct sfe_quantiles cpl, level; /* with a key */
	struct sfe_quantiles task_num, task_duration, task_cpu, task_mem, instance_num,
		job_interval;
};

/*
 * Reads the text of one of the SFE_SPAR_TABLES tables (0: cpl.csv, and so on in the order of
 * sfe_spar_tables_read) into q, which is empty; q->rows is the caller's also on failure.
 */
#define SFE_SPAR_TABLES 8u
int sfe_spar_table_parse(unsigned table, const char *text, size_t len, const char *path,
	struct sfe_quantiles *q, struct sfe_error *err);

/* The value at the largest p <= u of the largest key <= key (or the first key there is). */
double sfe_quantile_value(const struct sfe_quantiles *q, uint32_t key, double u);
double sfe_quantile_mean(const struct sfe_quantiles *q); /* of that law, in a table without keys */

/*
 * What the published generator draws instead, as far as the tables tell: from a density through the
 * same points, rounded up. See spar_published.c.
 */
double sfe_quantile_published(const struct sfe_quantiles *q, uint32_t key, double u);

#endif

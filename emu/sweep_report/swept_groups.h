/* SPDX-License-Identifier: MIT */
/* The groups of a sweep's jobs by their number of steps or by the size of their states. */
#ifndef SFE_SWEEP_REPORT_SWEPT_GROUPS_H
#define SFE_SWEEP_REPORT_SWEPT_GROUPS_H

#include "emu/sweep_report/swept_measure.h"

#define SFE_MAX_GROUPS 64u

/* The groups of a combination's jobs, ascending; returns how many there are. Chains have a group
 * for each length to 5, and then classes; states have classes from 1, 2 and 5 times powers of ten
 * of bytes. */
uint32_t sfe_groups_of(const struct sfe_combination *c, enum sfe_group_by by,
	struct sfe_group out[SFE_MAX_GROUPS]);

/* 4 steps, 200 kB, in three digits. Returns buf. */
const char *sfe_group_text(enum sfe_group_by by, double size, char *buf, size_t n);
/* chain or states. */
const char *sfe_group_name(enum sfe_group_by by);

#endif

/* SPDX-License-Identifier: MIT */
#include "emu/sweep_report/swept_groups.h"

#include <math.h>
#include <stdio.h>

/* Lengths of chains; longer ones are together, so that a class has enough jobs. */
static const uint32_t lengths[] = {0, 1, 2, 3, 4, 5, 6, 8, 11, 16, 24, 36};
#define LENGTHS (sizeof(lengths) / sizeof(lengths[0]))
#define STATE_CLASSES 49u

static double class_from(uint32_t i)
{
	static const double digit[] = {1, 2, 5};
	double x = 1;

	for (uint32_t k = 3; k < i; k += 3)
		x *= 10;
	return i ? digit[(i - 1) % 3] * x : 0;
}

static struct sfe_group group_at(enum sfe_group_by by, uint32_t i)
{
	if (by == SFE_BY_CHAIN)
		return (struct sfe_group){
			by, lengths[i], i + 1 < LENGTHS ? lengths[i + 1] : INFINITY};
	return (struct sfe_group){
		by, class_from(i), i < STATE_CLASSES ? class_from(i + 1) : INFINITY};
}

static uint32_t group_index(enum sfe_group_by by, const struct sfe_swept_job *job)
{
	uint32_t i = 0;

	if (by == SFE_BY_CHAIN)
		while (i + 1 < LENGTHS && lengths[i + 1] <= job->steps)
			i++;
	else
		while (i < STATE_CLASSES && class_from(i + 1) <= job->state_bytes)
			i++;
	return i;
}

uint32_t sfe_groups_of(
	const struct sfe_combination *c, enum sfe_group_by by, struct sfe_group out[SFE_MAX_GROUPS])
{
	bool there[SFE_MAX_GROUPS] = {0};
	uint32_t n = 0;

	for (uint32_t r = 0; r < c->n; r++)
		for (uint32_t i = 0; i < c->replication[r].n; i++)
			there[group_index(by, &c->replication[r].job[i])] = true;
	for (uint32_t i = 0; i < SFE_MAX_GROUPS; i++)
		if (there[i])
			out[n++] = group_at(by, i);
	return n;
}

const char *sfe_group_name(enum sfe_group_by by)
{
	return by == SFE_BY_CHAIN ? "chain" : by == SFE_BY_STATES ? "states" : "sweep";
}

const char *sfe_group_text(enum sfe_group_by by, double size, char *buf, size_t n)
{
	static const char *const units[] = {"B", "kB", "MB", "GB", "TB", "PB"};
	unsigned u = 0;

	if (by == SFE_BY_CHAIN) {
		snprintf(buf, n, "%.0f step%s", size, size == 1 ? "" : "s");
		return buf;
	}
	/* Three digits: 999.5 kB would be 1e+03 kB. */
	while (size >= 999.5 && u < 5) {
		size /= 1000;
		u++;
	}
	snprintf(buf, n, "%.3g %s", size, units[u]);
	return buf;
}

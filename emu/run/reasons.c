/* SPDX-License-Identifier: MIT */
#include "emu/run/reasons.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define NAMED 3u /* the others are counted only */

struct reason {
	const char *text;
	uint32_t n;
};

static int by_text(const void *a, const void *b)
{
	const struct reason *x = a, *y = b;

	return strcmp(x->text, y->text);
}

static int by_number(const void *a, const void *b)
{
	const struct reason *x = a, *y = b;

	return x->n != y->n ? (x->n > y->n ? -1 : 1) : by_text(a, b);
}

/* Equal ones together; returns how many are left. */
static uint32_t merge(struct reason *reason, uint32_t n)
{
	uint32_t kept = 0;

	qsort(reason, n, sizeof(*reason), by_text);
	for (uint32_t i = 0; i < n; i++) {
		if (kept && !strcmp(reason[kept - 1].text, reason[i].text))
			reason[kept - 1].n++;
		else
			reason[kept++] = reason[i];
	}
	qsort(reason, kept, sizeof(*reason), by_number);
	return kept;
}

int sfe_reasons(const struct sfe_replay *r, char *buf, size_t size)
{
	struct reason *reason = calloc((size_t)r->n_jobs + 1, sizeof(*reason));
	uint32_t n = 0, others = 0;
	size_t used = 0;

	*buf = 0;
	if (!reason)
		return -ENOMEM;
	for (uint32_t j = 0; j < r->n_jobs; j++)
		if (r->jobs[j].ended && r->jobs[j].status)
			reason[n++] = (struct reason){r->jobs[j].reason, 1};
	n = merge(reason, n);
	for (uint32_t i = 0; i < n; i++) {
		if (i >= NAMED)
			others += reason[i].n;
		else if (used < size)
			used += (size_t)snprintf(buf + used, size - used, "%s%u x %s",
				i ? "; " : "", reason[i].n, reason[i].text);
	}
	if (others && used < size)
		snprintf(buf + used, size - used, "; %u for other reasons", others);
	free(reason);
	return 0;
}

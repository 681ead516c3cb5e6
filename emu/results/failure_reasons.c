/* SPDX-License-Identifier: MIT */
#include "emu/results/failure_reasons.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAMED 3u /* the others are only counted */

struct reason {
	char text[160];
	uint32_t n;
};

/*
 * Replaces what differs between equal reasons by "...": words with letters and digits (node names),
 * and the word after "state" and "step".
 */
static void generalise(const char *from, char *to, size_t size)
{
	bool numbered = false;
	size_t used = 0;

	while (*from && used < size) {
		size_t n = strcspn(from, " :,;");
		bool digit = false, letter = false;
		for (size_t i = 0; i < n; i++) {
			digit |= isdigit((unsigned char)from[i]) != 0;
			letter |= isalpha((unsigned char)from[i]) != 0;
		}
		if (digit && (letter || numbered))
			used += (size_t)snprintf(to + used, size - used, "...");
		else
			used += (size_t)snprintf(to + used, size - used, "%.*s", (int)n, from);
		if (n)
			numbered = (n == 5 && !strncmp(from, "state", n)) ||
				   (n == 4 && !strncmp(from, "step", n));
		from += n;
		if (*from && used < size)
			used += (size_t)snprintf(to + used, size - used, "%c", *from++);
	}
}

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

/* Merges equal reasons; returns the number left. */
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
		if (r->jobs[j].ended && r->jobs[j].status) {
			reason[n].n = 1;
			generalise(r->jobs[j].reason, reason[n].text, sizeof(reason[n].text));
			n++;
		}
	n = merge(reason, n);
	for (uint32_t i = 0; i < n; i++) {
		if (i >= NAMED)
			others += reason[i].n;
		else if (used < size)
			used += (size_t)snprintf(buf + used, size - used, "%s%u x %s",
				i ? "; " : "", reason[i].n, reason[i].text);
	}
	if (others && used < size)
		snprintf(buf + used, size - used,
			others > 1 ? "; %u for other reasons" : "; %u for another reason", others);
	free(reason);
	return 0;
}

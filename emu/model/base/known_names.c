/* SPDX-License-Identifier: MIT */
#include "emu/model/base/known_names.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_SHOWN 8u
#define MOST_COMPARED 10000u
#define LONGEST 64u     /* bytes that are compared; names have no more */
#define ROOM_AT_END 96u /* for the number of others and the nearest name */

static unsigned least(unsigned a, unsigned b, unsigned c)
{
	unsigned ab = a < b ? a : b;

	return ab < c ? ab : c;
}

/* How many bytes have to be added, taken out, or replaced (Levenshtein). */
static unsigned distance(const char *a, const char *b)
{
	unsigned row[LONGEST + 1];
	size_t n = strnlen(a, LONGEST), m = strnlen(b, LONGEST);

	for (unsigned j = 0; j <= m; j++)
		row[j] = j;
	for (unsigned i = 1; i <= n; i++) {
		unsigned diagonal = row[0];
		row[0] = i;
		for (unsigned j = 1; j <= m; j++) {
			unsigned above = row[j];
			row[j] =
				least(above + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1]));
			diagonal = above;
		}
	}
	return row[m];
}

/* The name that is most like the wrong one; NULL: none is like it by half. */
static const char *nearest(const char *wrong, sfe_known_name *name, const void *of, uint32_t n)
{
	unsigned best = (unsigned)strnlen(wrong, LONGEST) / 2 + 1;
	const char *found = NULL;

	for (uint32_t i = 0; i < n && i < MOST_COMPARED; i++) {
		const char *text = name(of, i);
		unsigned far = text ? distance(wrong, text) : best;
		if (far < best) {
			best = far;
			found = text;
		}
	}
	return found;
}

static bool shown_before(const char *text, const char *const *shown, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (!strcmp(shown[i], text))
			return true;
	return false;
}

const char *sfe_known_names(char todo[static SFE_ADVICE], const char *before, const char *wrong,
	sfe_known_name *name, const void *of, uint32_t n)
{
	const char *shown[MOST_SHOWN], *near = nearest(wrong, name, of, n);
	unsigned n_shown = 0;
	bool more = false;
	size_t used = (size_t)snprintf(todo, SFE_ADVICE, "%.80s: ", before);

	for (uint32_t i = 0; i < n; i++) {
		const char *text = name(of, i);
		if (!text || shown_before(text, shown, n_shown))
			continue;
		if (n_shown == MOST_SHOWN || used + strlen(text) + 2 > SFE_ADVICE - ROOM_AT_END) {
			more = true;
			continue;
		}
		used += (size_t)snprintf(
			todo + used, SFE_ADVICE - used, "%s%s", n_shown ? ", " : "", text);
		shown[n_shown++] = text;
	}
	if (more)
		used += (size_t)snprintf(
			todo + used, SFE_ADVICE - used, n_shown ? " and others" : "some");
	if (!n_shown && !more)
		snprintf(todo + used, SFE_ADVICE - used, "there is none");
	else if (near)
		snprintf(todo + used, SFE_ADVICE - used, "; the nearest is %s", near);
	return todo;
}

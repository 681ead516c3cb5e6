/* SPDX-License-Identifier: MIT */
#include "emu/report/sites.h"

#include <stdbool.h>
#include <stdlib.h>

#include "sfemu/topology.h"

/* A picture of fewer marks shows nothing. */
#define FEWEST_MARKS 12u
#define SEVERAL (SFE_NONE - 1)

/* The only neighbour of each mark; SFE_NONE: it has none, or is no mark; SEVERAL. Returns the
 * number of marks with neighbours. */
static uint32_t find_neighbours(const uint32_t *shown, uint32_t n,
	const struct sfe_report_cable *cables, uint32_t n_cables, uint32_t *only)
{
	uint32_t marks = 0;

	for (uint32_t v = 0; v < n; v++)
		only[v] = SFE_NONE;
	for (uint32_t c = 0; c < n_cables; c++) {
		const uint32_t end[] = {shown[cables[c].a], shown[cables[c].b]};
		for (int i = 0; i < 2 && end[0] != end[1]; i++) {
			uint32_t *at = &only[end[i]], other = end[1 - i];
			*at = *at == SFE_NONE || *at == other ? other : SEVERAL;
		}
	}
	for (uint32_t v = 0; v < n; v++)
		marks += only[v] != SFE_NONE;
	return marks;
}

/* Whether a mark becomes part of its only neighbour: of two that have only each other, the one with
 * the higher number. */
static bool joins(const uint32_t *only, uint32_t v)
{
	return only[v] < SEVERAL && (only[only[v]] != v || v > only[v]);
}

uint32_t *sfe_report_sites(uint32_t n, const struct sfe_report_cable *cables, uint32_t n_cables)
{
	uint32_t *shown = calloc((size_t)n + 1, sizeof(*shown));
	uint32_t *only = calloc((size_t)n + 1, sizeof(*only));

	for (uint32_t v = 0; shown && v < n; v++)
		shown[v] = v;
	while (shown && only) {
		uint32_t marks = find_neighbours(shown, n, cables, n_cables, only), joining = 0;
		for (uint32_t v = 0; v < n; v++)
			joining += joins(only, v);
		if (marks <= SFE_REPORT_MOST_MARKS || !joining || marks - joining < FEWEST_MARKS)
			break;
		for (uint32_t v = 0; v < n; v++)
			if (joins(only, shown[v]))
				shown[v] = only[shown[v]];
	}
	if (!only) {
		free(shown);
		shown = NULL;
	}
	free(only);
	return shown;
}
